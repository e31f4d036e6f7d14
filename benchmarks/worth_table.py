"""Tables of where a surrogate wins, for the documentation; made from ``surrogate_worth.json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

__all__ = ["table"]

KINDS = ("liking", "why", "order", "next", "taste", "relevance", "removal", "none")
SPLITS = {"leave_one_out": "known users", "held_out_users": "held-out users"}

Result = Mapping[str, Any]
Runs = Sequence[Any]
"""What a part found in each run on a data set."""


def table(result: Result) -> str:
    """Return the tables of each data set, one after another; runs that differ by seed share one."""
    machine, runs = result["machine"], list(result["runs"].values())
    lines = [f"On {machine['processor']}, shared with other work, {machine['cores']} cores.", ""]
    for data in dict.fromkeys(run["dataset"] for run in runs):
        for part, write in (
            ("cost", _cost),
            ("users", _users),
            ("forms", _forms),
            ("instructed", _instructed),
            ("asked", _asked),
        ):
            found = [run[part] for run in runs if run["dataset"] == data and part in run]
            if found:
                lines += [*write(f"`{data}`", found), ""]
    return "\n".join(lines).rstrip()


def _cost(data: str, found: Runs) -> Iterator[str]:
    yield f"{data}, what one text costs, mean of {_cases(found)} cases:"
    yield from _header("explainer", "questions to the recommender", "CPU seconds")
    for name in found[0]["explainers"]:
        each = [one["explainers"][name] for one in found]
        yield _row(
            name,
            _over((one["questions"] for one in each), ",.0f"),
            _over((one["cpu_seconds"] for one in each), ".2f"),
        )


def _users(data: str, found: Runs) -> Iterator[str]:
    yield f"{data}, users that the surrogate learned from, and users that it did not:"
    yield from _header("explainer", "users", "texts", "decides alike", "strongest first", "drop")
    for rows in zip(*found, strict=True):
        figures = (
            _over(row[name] for row in rows)
            for name in ("decides_alike", "strongest_first", "drop")
        )
        texts = sum(row["texts"] for row in rows)
        yield _row(rows[0]["explainer"], SPLITS[rows[0]["split"]], f"{texts:,}", *figures)


def _forms(data: str, found: Runs) -> Iterator[str]:
    yield f"{data}, the same surrogate given less, first words about {_cases(found)} cases:"
    yield from _header("the surrogate gets", "decides alike", "strongest first")
    for name in found[0]["forms"]:
        each = [one["forms"][name] for one in found]
        yield _row(
            name, *(_over(one[x] for one in each) for x in ("decides_alike", "strongest_first"))
        )


def _instructed(data: str, found: Runs) -> Iterator[str]:
    yield f"{data}, told to keep to {found[0]['attribute']}, {_cases(found)} cases:"
    yield from _header("explainer", "says something true of it", "and talks of nothing else")
    for name in found[0]["explainers"]:
        each = [one["explainers"][name] for one in found]
        kept = ("says_true", "says_true_and_nothing_else")
        yield _row(name, *(_over(one[figure] for one in each) for figure in kept))


def _asked(data: str, found: Runs) -> Iterator[str]:
    users = sum(one["users"] for one in found)
    yield f"{data}, questions by kind, {users} users each:"
    yield from _header(
        "asked", "answered", "all claims hold, of those answered", "the same, answers at random"
    )
    for kind in KINDS:
        own, chance = (
            [_held(one["speakers"][name].get(kind, {})) for one in found]
            for name in ("surrogate", "at random")
        )
        label = "what is no such question" if kind == "none" else kind
        yield _row(
            label,
            _over(share for share, _ in own),
            _over(held for _, held in own),
            _over(held for _, held in chance),
        )


def _held(counts: Mapping[str, int]) -> tuple[float | None, float | None]:
    """Return the share that was answered, and of that the share of which all claims hold."""
    answered = sum(counts.get(name, 0) for name in ("holds", "does not hold", "not checked"))
    whole = sum(counts.values())
    return (
        answered / whole if whole else None,
        counts.get("holds", 0) / answered if answered else None,
    )


def _cases(found: Runs) -> int:
    return sum(one["cases"] for one in found)


def _over(values: Iterable[float | None], form: str = ".2f") -> str:
    """Return the mean over runs, with the lowest and the highest where they differ as written."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    mean, low, high = (format(one, form) for one in (fmean(known), min(known), max(known)))
    return mean if low == high else f"{mean} ({low} to {high})"


def _header(*names: str) -> Iterator[str]:
    yield ""
    yield _row(*names)
    yield _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
