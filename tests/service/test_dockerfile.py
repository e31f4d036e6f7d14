"""The image: it runs as nobody in particular, holds no run and no secret, and waits for a token."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def instructions():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def of(name):
    return [rest for instruction, rest in instructions() if instruction == name]


def test_it_runs_as_a_user_who_is_not_root():
    names = [name for name, _ in instructions()]
    (user,) = of("USER")
    assert int(user) > 0
    assert f"--uid {user}" in " ".join(of("RUN"))
    after = names[names.index("USER") :]
    assert {"RUN", "COPY", "ADD"} & set(after) == set()
    assert "ENTRYPOINT" in after


def test_only_the_package_is_copied_in():
    copied = {source for rest in of("COPY") for source in rest.split()[:-1]}
    expected = {"pyproject.toml", "README.md", "LICENSE", "constraints.txt", "recexplainer"}
    assert copied == expected
    assert of("ADD") == []
    assert all((ROOT / source).exists() for source in copied)
    kept = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    assert "*" in kept
    assert {line[1:] for line in kept if line.startswith("!")} == expected


def test_no_secret_is_built_in():
    given = " ".join([*of("ENV"), *of("ARG"), *of("RUN"), *of("ENTRYPOINT")])
    assert not re.search(r"TOKEN|KEY|SECRET|PASSWORD", given, re.IGNORECASE)


def test_what_it_starts_is_refused_without_a_token(recx, monkeypatch, tmp_path):
    monkeypatch.delenv("RECX_SERVE_TOKEN", raising=False)
    (entry,) = of("ENTRYPOINT")
    command, *arguments = json.loads(entry)
    assert command == "recx"
    said = recx(*arguments, tmp_path)
    assert said.code == 2
    assert "RECX_SERVE_TOKEN" in said.err


def test_what_is_installed_brings_what_serving_needs():
    (install, _) = of("RUN")
    assert "-c constraints.txt '.[serve]'" in install
