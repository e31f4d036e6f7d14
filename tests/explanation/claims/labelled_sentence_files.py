"""Files of sentences labelled by hand, and what their sentences are about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from recexplainer.records import Case, Catalogue, Item


def load(file: str) -> Any:
    """Return what a file beside this one holds."""
    return yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8"))


def about(file: str) -> tuple[Catalogue, Case]:
    """Return the catalogue and case that the sentences of a file are about."""
    data = load(file)
    catalogue = Catalogue(
        [
            Item(key, title, {"genre": tuple(genres), "release_year": (year,)})
            for key, (title, genres, year) in data["catalogue"].items()
        ]
    )
    case = Case(
        id=f"u/{data['item']}",
        user="u",
        history=tuple(data["history"]),
        item=data["item"],
        split="held_out_users",
        decision="Yes",
        score=1.0,
        rank=1,
        candidates=18,
    )
    return catalogue, case
