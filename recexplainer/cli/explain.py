"""``recx explain``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recexplainer.errors import UserError

if TYPE_CHECKING:
    from recexplainer.pipeline import Explained
    from recexplainer.records import Case, Explanation

__all__ = ["explain_command"]

_WHOM = "give --user ID for one user, or --users FILE and --out FOLDER for many"
_SIGNS = {"good": "✓", "bad": "✗", "plain": "·"}


@click.command("explain")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--user", help="A user id of the data set.")
@click.option("--item", help="Title or id.  [default: the first recommendation]")
@click.option("--instruction", help='Keep to one attribute, such as "only genres".')
@click.option(
    "--explainer",
    "explainers",
    multiple=True,
    metavar="NAME",
    help="Who explains, such as told:MODEL; repeatable.  [default: the run's own]",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting, such as explanations.options.told.audience=engineer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--users",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Many users in place of one: .txt, .csv or .parquet; with --out.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Where their Parquet files go."
)
@click.option("--top", default=1, show_default=True, help="Items of the list to explain to each.")
@click.option("--engine", default="none", show_default=True, help="none, dask or dask://HOST:PORT.")
@click.option("--workers", type=int, help="Processes of dask here.  [default: one per core]")
@click.option(
    "--shard", default="1/1", show_default=True, help="Make one part of the files, such as 3/64."
)
@click.option("--shard-size", type=int, help="Users per file, about.  [default: 100 to 5000]")
def explain_command(  # noqa: PLR0913  # one per option
    *,
    run_folder: Path,
    user: str | None,
    item: str | None,
    instruction: str | None,
    explainers: tuple[str, ...],
    overrides: tuple[str, ...],
    as_json: bool,
    users: Path | None,
    out: Path | None,
    top: int,
    engine: str,
    workers: int | None,
    shard: str,
    shard_size: int | None,
) -> None:
    """Say whether an item would be recommended to a user, why, and what of it was checked.

    With --users FILE --out FOLDER it explains to everybody in the file, into Parquet files; the
    same command resumes.
    """
    if user is None:
        from recexplainer.batch.job import Job
        from recexplainer.cli.explain_users import Wanted, explain_users

        if users is None or out is None:
            raise UserError(_WHOM)
        if item is not None or as_json:
            raise UserError("--item and --json are for one --user; a file may have item_id")
        settings = (explainers, overrides, instruction, top, shard_size)
        explain_users(Job(run_folder, users, out, *settings), Wanted(engine, workers, shard))
        return
    if users is not None or out is not None:
        raise UserError(_WHOM)
    from recexplainer.pipeline import explain

    explained = explain(
        run_folder,
        user=user,
        item=item,
        instruction=instruction,
        explainers=explainers,
        overrides=overrides,
    )
    click.echo(_as_json(explained) if as_json else "\n".join(_lines(explained)))


def _as_json(explained: Explained) -> str:
    account, author = explained.instead, explained.written_by
    fields: dict[str, object] = {"written_by": None}  # the first thing that is read
    fields |= asdict(explained) | {
        "written_by": None if author is None else author.model_dump(mode="json"),
        "already_had": explained.already_had,
        "case": explained.case.model_dump(mode="json"),
        "explanations": [one.model_dump(mode="json") for one in explained.explanations],
        "instead": None if account is None else account.model_dump(mode="json"),
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _lines(explained: Explained) -> Iterator[str]:
    from recexplainer.report.check_words import abstention_words, case_words

    case = explained.case
    asked = "is recommended first" if explained.recommended else "was asked about"
    had = ". The user already had it" if explained.already_had else ""
    yield f"{explained.item_title!r} {asked} for user {case.user}{had}."
    words = case_words(case)
    yield f"{words[0].upper()}{words[1:]}."
    yield from explained.notes
    if explained.history_titles:
        yield f"It read, oldest first: {'; '.join(explained.history_titles)}"
    by_text: dict[str, list[Explanation]] = {}
    withheld = []
    for explanation in explained.explanations:
        if explanation.explainer in explained.withheld:
            withheld.append(explanation)
        else:
            by_text.setdefault(explanation.text, []).append(explanation)
    for explanation, *alike in by_text.values():
        names = ", ".join(one.explainer for one in (explanation, *alike))
        yield from _told(names, explanation, case)
    account = explained.instead
    if account is not None and account.text not in by_text:
        yield from _told(f"the recommender's own account ({account.explainer})", account, case)
    for explanation in withheld:
        yield f"\n{explanation.explainer}: its text is withheld ({abstention_words(explanation)})"


def _told(who: str, explanation: Explanation, case: Case) -> Iterator[str]:
    from recexplainer.report.check_words import check_words

    yield f"\n{who}:"
    yield click.wrap_text(explanation.text, 96, initial_indent="  ", subsequent_indent="  ")
    yield "checked against the recommender:"
    for words in check_words(explanation, case):
        detail = f" ({words.detail})" if words.detail else ""
        yield f"  {_SIGNS[words.tone]} {words.text}{detail}"
