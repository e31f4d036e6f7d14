"""``recx serve``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["serve_command"]


@click.command("serve")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0.01),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Until then a language model answers, or the recommender does instead.",
)
@click.option(
    "--queue",
    type=click.IntRange(min=0),
    default=16,
    show_default=True,
    help="Questions that wait; further ones are refused (429).",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=0.4,
    show_default=True,
    metavar="SECONDS",
    help="So is who would wait longer for the recommender.",
)
@click.option(
    "--cache",
    type=click.IntRange(min=0),
    default=4096,
    show_default=True,
    help="Answers that are kept.",
)
@click.option(
    "--explainer",
    "explainers",
    multiple=True,
    metavar="NAME",
    help="Who explains, the first by default; repeatable.  [default: the run's own]",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting, such as explanations.options.told.model=NAME.",
)
def serve_command(  # noqa: PLR0913  # one per option
    *,
    run_folder: Path,
    host: str,
    port: int,
    deadline: float,
    queue: int,
    patience: float,
    cache: int,
    explainers: tuple[str, ...],
    overrides: tuple[str, ...],
) -> None:
    """Answer by HTTP what is recommended, why, and what would change it.

    Asks for a bearer token, RECX_SERVE_TOKEN of the environment, wherever it is set; without one,
    only this machine can ask.
    """
    from recexplainer.service.http_server import serve, token_for
    from recexplainer.service.served_run import ServedRun
    from recexplainer.service.shared_run import Limits

    token = token_for(host)
    limits = Limits(deadline, queue, cache, patience)
    served = ServedRun.open(run_folder, explainers=explainers, overrides=overrides, limits=limits)
    serve(served, host, port, token)
