"""``recx what-if``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recexplainer.explanation.edits.counterfactual import WhatIf

__all__ = ["what_if_command"]


@click.command("what-if")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--user", required=True, help="A user id of the data set.")
@click.option("--item", required=True, help="Title or id of an item that the user has not had.")
@click.option(
    "--aim",
    default="top 10",
    show_default=True,
    help='"top N", "out of top N", "yes", "not yes", "no" or "not no".',
)
@click.option(
    "--edits",
    default="remove,replace,add",
    show_default=True,
    help="Which changes are allowed, comma separated.",
)
@click.option(
    "--by", default="item", show_default=True, help="Change items by item or by attribute."
)
@click.option(
    "--budget",
    type=int,
    default=200,
    show_default=True,
    help="Histories that the recommender is asked about at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def what_if_command(run_folder: Path, edits: str, *, as_json: bool, **asked: Any) -> None:
    """Say which small edit of a user's history would bring an item where it is wanted.

    The recommender is asked about every edit: what is told is what it answered.
    """
    from recexplainer.pipeline import load

    kinds = [kind.strip() for kind in edits.split(",") if kind.strip()]
    told = load(run_folder).what_if(edits=kinds, **asked)
    click.echo(_as_json(told) if as_json else "\n".join([*told.notes, told.text]))


def _as_json(told: WhatIf) -> str:
    fields = {name: getattr(told, name) for name in ("text", "notes", "aim", "kinds", "by", "met")}
    fields |= {name: getattr(told, name) for name in ("minimal", "irreducible", "complete")}
    fields |= {name: getattr(told, name) for name in ("tried", "addable", "questions", "budget")}
    for name, one in (("found", told.found), ("nearest", told.nearest)):
        fields[name] = None if one is None else asdict(one)
    fields["case"] = told.case.model_dump(mode="json")
    return json.dumps(fields, ensure_ascii=False, indent=2)
