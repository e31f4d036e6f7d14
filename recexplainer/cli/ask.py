"""``recx ask``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recexplainer.explanation.questions.asked_kind import KINDS

if TYPE_CHECKING:
    from recexplainer.explanation.questions.checked_sentences import Sentence
    from recexplainer.pipeline import Answered

__all__ = ["ask_command"]

_ASKABLE = "\n".join(("\b", "What can be asked:", *(f"  {asked}" for asked in KINDS.values())))
_SIGNS = {True: "✓", False: "✗", None: "·"}
_WORDS = {True: "holds", False: "does not hold", None: "could not be checked"}


@click.command("ask", epilog=_ASKABLE)
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("question", metavar="QUESTION")
@click.option("--user", required=True, help="A user id of the data set.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ask_command(run_folder: Path, question: str, user: str, as_json: bool) -> None:
    """Ask the surrogate in free words; each claim of its answer is put to the recommender."""
    from recexplainer.pipeline import load

    answered = load(run_folder).ask(user=user, question=question)
    click.echo(_as_json(answered) if as_json else "\n".join(_lines(answered)))


def _as_json(answered: Answered) -> str:
    author = answered.written_by
    fields: dict[str, object] = {"written_by": None}  # the first thing that is read
    fields |= asdict(answered) | {
        "written_by": None if author is None else author.model_dump(mode="json"),
        "case": answered.case.model_dump(mode="json"),
        "holds": answered.holds,
        "sentences": [
            {"text": one.text, "holds": one.holds, "claims": [asdict(x) for x in one.claims]}
            for one in answered.sentences
        ],
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _lines(answered: Answered) -> Iterator[str]:
    yield f"understood as: {answered.understood}"
    yield "the surrogate was asked:"
    yield _wrapped(answered.prompt)
    yield f"after this history, oldest first: {'; '.join(answered.history_titles)}"
    yield from answered.notes
    yield "\nit answers, and the recommender was asked of each claim:"
    for sentence in answered.sentences:
        yield from _told(sentence)
    yield "\nthe recommender itself:"
    yield _wrapped(answered.recommender)


def _told(sentence: Sentence) -> Iterator[str]:
    verdict = "holds as far as it could be checked" if sentence.partly else _WORDS[sentence.holds]
    if not sentence.claims:
        verdict = "claims nothing that could be checked"
    yield f"  {_SIGNS[sentence.holds]} {sentence.text} [{verdict}]"
    for found in sentence.claims:
        yield f"      {_SIGNS[found.holds]} {found.claim}: {found.detail}"


def _wrapped(text: str) -> str:
    return click.wrap_text(text, 96, initial_indent="  ", subsequent_indent="  ")
