# Serves one finished run, as a user who owns nothing. The run is mounted, never copied in:
#   docker build -t recexplainer .
#   docker run --rm -p 127.0.0.1:8000:8000 -e RECX_SERVE_TOKEN -v "$PWD/runs:/runs:ro" recexplainer /runs/first
FROM python:3.12-slim

ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 HOME=/tmp

WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY recexplainer ./recexplainer
RUN pip install --index-url https://download.pytorch.org/whl/cpu torch \
    && pip install -c constraints.txt '.[serve]' \
    && rm -rf /src

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin served
USER 10001
WORKDIR /tmp

EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=120s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz')"]
STOPSIGNAL SIGTERM
# Listens to other machines, and so does not start without RECX_SERVE_TOKEN.
ENTRYPOINT ["recx", "serve", "--host", "0.0.0.0", "--port", "8000"]
CMD ["--help"]
