"""Edits in words."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.explanation.edits.changes import Change, Edit
from recexplainer.explanation.sentences import enumerated, quoted
from recexplainer.records import Catalogue, spoken_attribute

__all__ = ["edit_words"]


def edit_words(edit: Edit, catalogue: Catalogue) -> str:
    """Return the changes as the beginning of a sentence, such as ``without “A”``."""
    return enumerated([*_by_item(edit, catalogue), *_by_attribute(edit, catalogue)])


def _by_item(edit: Edit, catalogue: Catalogue) -> Iterator[str]:
    def of(kind: str) -> list[Change]:
        return [one for one in edit if one.kind == kind and one.attribute is None]

    if gone := [item for one in of("remove") for item in one.old]:
        yield f"without {_titles(gone, catalogue)}"
    if replaced := [_exchange(one, catalogue, "in place of") for one in of("replace")]:
        yield f"with {enumerated(replaced)}"
    if come := [item for one in of("add") for item in one.new]:
        yield f"with {_titles(come, catalogue)} added at the end"


def _by_attribute(edit: Edit, catalogue: Catalogue) -> Iterator[str]:
    for one in edit:
        if one.attribute is None:
            continue
        old, new = f"{_name(one)} {one.old_value}", f"{_name(one)} {one.new_value}"
        whole = (
            f"the one item of {old}" if len(one.old) == 1 else f"all {len(one.old)} items of {old}"
        )
        if one.kind == "remove":
            yield f"without {whole} ({_titles(one.old, catalogue)})"
        elif one.kind == "add":
            count = "an item" if len(one.new) == 1 else f"{len(one.new)} items"
            yield f"with {count} of {new} added at the end ({_titles(one.new, catalogue)})"
        else:
            come = f"an item of {new}" if len(one.new) == 1 else f"items of {new}"
            yield f"with {come} in place of {whole} ({_exchange(one, catalogue, 'for')})"


def _exchange(change: Change, catalogue: Catalogue, words: str) -> str:
    pairs = zip(change.new, change.old, strict=True)
    return enumerated(
        [f"{_title(new, catalogue)} {words} {_title(old, catalogue)}" for new, old in pairs]
    )


def _name(change: Change) -> str:
    return spoken_attribute(change.attribute or "")


def _titles(items: list[str] | tuple[str, ...], catalogue: Catalogue) -> str:
    return enumerated([_title(item, catalogue) for item in items])


def _title(item: str, catalogue: Catalogue) -> str:
    return quoted(catalogue.title(item))
