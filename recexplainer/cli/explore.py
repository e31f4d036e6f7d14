"""``recx explore``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["explore_command"]


@click.command("explore")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("second", metavar="[RUN2]", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=int, default=8090, show_default=True, help="On 127.0.0.1; 0: any.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--explainer",
    "explainers",
    multiple=True,
    metavar="NAME",
    help="Who explains; repeatable.  [default: the run's own]",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write pages of the run's cases, to share without a server; serve nothing.",
)
def explore_command(
    *,
    run_folder: Path,
    second: Path | None,
    port: int,
    open_page: bool,
    explainers: tuple[str, ...],
    bundle: Path | None,
) -> None:
    """Look into a run: users, their histories to edit, lists and checked reasons.

    The page is served on this machine alone. With RUN2 both are shown side by
    side.
    """
    if bundle is not None:
        from recexplainer.explorer.bundle import write_bundle

        click.echo(f"{write_bundle(run_folder, bundle)} cases: {bundle / 'index.html'}")
        return
    from recexplainer.explorer.server import explore

    def ready(url: str) -> None:
        click.echo(f"{url}  (Ctrl-C ends it)")
        if open_page:
            click.launch(url)

    click.echo("loading the run ...", err=True)
    paths = (run_folder,) if second is None else (run_folder, second)
    explore(paths, port=port, explainers=explainers, ready=ready)
