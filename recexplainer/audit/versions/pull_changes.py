"""Pulls of attributes in two versions: how far items bring their own like into the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.subject import Subject
from recexplainer.audit.versions.decision_flips import NO, YES, Decisions, flip_examples
from recexplainer.audit.versions.paired_lines import PairedLine, paired_changes
from recexplainer.audit.versions.reliance_changes import figure_name
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import FEWEST_USERS, VersionPair

__all__ = ["pull_changes"]

_VALUES, _USERS = 12, 200
_Value = tuple[str, str]
_Values = NDArray[np.float64]


def pull_changes(pair: VersionPair, decisions: Decisions) -> list[Change]:
    """Return, for frequent values, how far their share of lists and their pull changed.

    A pull is how much of the first ten has the value less when the items with it are taken out of
    the history, than when as many others are: as in an audit, and by the same draws in both.
    """
    lines: list[PairedLine] = []
    has: dict[str, NDArray[np.bool_]] = {}
    for value in _frequent(pair):
        name = figure_name(" ".join(value))
        with_it = _with(pair, value)
        has[f"listed.{name}"] = has[f"pull.{name}"] = with_it
        lines.append(_listed(pair, name, value, with_it))
        if (pulls := _pulls(pair, name, value, with_it)) is not None:
            lines.append(pulls)

    def examples(line: PairedLine, change: Change) -> tuple[Shown, ...]:
        grown = (change.change or 0.0) > 0
        before, after = (NO, YES) if grown else (YES, NO)
        return flip_examples(pair, decisions, before, after, rows=has[line.name])

    return paired_changes(pair, "attributes", lines, examples)


def _frequent(pair: VersionPair) -> list[_Value]:
    """Return the values that most histories have an item of."""
    counts: Counter[_Value] = Counter()
    for user in pair.users:
        had = {
            (name, value)
            for item in pair.histories[user]
            for name, values in pair.catalogue.item(item).attributes.items()
            for value in values
        }
        counts.update(had)
    return [value for value, n in counts.most_common(_VALUES) if n >= FEWEST_USERS]


def _with(pair: VersionPair, value: _Value) -> NDArray[np.bool_]:
    name, one = value
    return np.array([one in item.attributes.get(name, ()) for item in pair.catalogue])


def _listed(pair: VersionPair, name: str, value: _Value, has: NDArray[np.bool_]) -> PairedLine:
    first, second = (_share(has, one) for one in pair.lists_now)
    words = f"Items of {value[0]} {_plain(value[1])} hold {{}} of the first ten places"
    return PairedLine(f"listed.{name}", words, first, second)


def _pulls(
    pair: VersionPair, name: str, value: _Value, has: NDArray[np.bool_]
) -> PairedLine | None:
    """Return the pull by user; None where too few have the value twice, and not mostly."""
    first, second = (_pull(one, value, has) for one in pair.subjects)
    if min(np.isfinite(first).sum(), np.isfinite(second).sum()) < FEWEST_USERS:
        return None
    words = (
        f"Without the items of {value[0]} {_plain(value[1])} in the history, the share of the "
        "first ten that is of their like falls by {} more than without as many others"
    )
    return PairedLine(f"pull.{name}", words, first, second, "value")


def _pull(subject: Subject, value: _Value, has: NDArray[np.bool_]) -> _Values:
    places: list[int] = []
    changed: list[Sequence[str]] = []
    controls: list[Sequence[str]] = []
    rng = subject.rng(f"pull {value[0]}={value[1]}")
    for place, history in enumerate(subject.histories):
        with_it = has[subject.catalogue.rows(history)]
        drawn = rng.permutation(np.flatnonzero(~with_it))[: int(with_it.sum())]
        if not 2 <= with_it.sum() <= len(history) / 2:
            continue
        gone = set(drawn.tolist())
        places.append(place)
        changed.append([one for one, own in zip(history, with_it, strict=True) if not own])
        controls.append([one for k, one in enumerate(history) if k not in gone])
        if len(places) == _USERS:
            break
    found = np.full(len(subject.contexts), np.nan)
    if places:
        seen = [subject.seen[place] for place in places]
        control = _share(has, subject.lists(controls, seen))
        found[places] = control - _share(has, subject.lists(changed, seen))
    return found


def _share(has: NDArray[np.bool_], lists: NDArray[np.int64]) -> _Values:
    return np.array(
        [float(has[row[row >= 0]].mean()) if (row >= 0).any() else np.nan for row in lists]
    )


def _plain(value: str) -> str:
    """Return a value in quotes, with no braces that a sentence would fill."""
    return repr(value).replace("{", "(").replace("}", ")")
