"""Tables of where a surrogate wins, for the documentation; made from ``surrogate_worth.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["table"]

KINDS = ("liking", "why", "order", "next", "taste", "relevance", "removal", "none")
SPLITS = {"leave_one_out": "known users", "held_out_users": "held-out users"}

Result = Mapping[str, Any]


def table(result: Result) -> str:
    """Return the tables of all runs, one after another."""
    machine = result["machine"]
    lines = [f"On {machine['processor']}, shared with other work, {machine['cores']} cores.", ""]
    for run in result["runs"].values():
        for part, write in (
            ("cost", _cost),
            ("users", _users),
            ("forms", _forms),
            ("instructed", _instructed),
            ("asked", _asked),
        ):
            if part in run:
                lines += [*write(run["dataset"], run[part]), ""]
    return "\n".join(lines).rstrip()


def _cost(data: str, found: Result) -> Iterator[str]:
    yield f"`{data}`, what one text costs, mean of {found['cases']} cases:"
    yield from _header("explainer", "questions to the recommender", "CPU seconds")
    for name, one in found["explainers"].items():
        yield _row(name, f"{one['questions']:,.0f}", f"{one['cpu_seconds']:.2f}")


def _users(data: str, found: Sequence[Result]) -> Iterator[str]:
    yield f"`{data}`, users that the surrogate learned from, and users that it did not:"
    yield from _header("explainer", "users", "texts", "decides alike", "strongest first", "drop")
    for one in found:
        figures = (_share(one[name]) for name in ("decides_alike", "strongest_first", "drop"))
        yield _row(one["explainer"], SPLITS[one["split"]], str(one["texts"]), *figures)


def _forms(data: str, found: Result) -> Iterator[str]:
    yield f"`{data}`, the same surrogate given less, first words about {found['cases']} cases:"
    yield from _header("the surrogate gets", "decides alike", "strongest first")
    for name, one in found["forms"].items():
        yield _row(name, _share(one["decides_alike"]), _share(one["strongest_first"]))


def _instructed(data: str, found: Result) -> Iterator[str]:
    yield f"`{data}`, told to keep to {found['attribute']}, {found['cases']} cases:"
    yield from _header("explainer", "says something true of it", "and talks of nothing else")
    for name, one in found["explainers"].items():
        yield _row(name, _share(one["says_true"]), _share(one["says_true_and_nothing_else"]))


def _asked(data: str, found: Result) -> Iterator[str]:
    speakers = found["speakers"]
    yield f"`{data}`, questions by kind, {found['users']} users each:"
    yield from _header(
        "asked", "answered", "all claims hold, of those answered", "the same, answers at random"
    )
    for kind in KINDS:
        shares = [_held(speakers[name].get(kind, {})) for name in ("surrogate", "at random")]
        label = "what is no such question" if kind == "none" else kind
        yield _row(label, _share(shares[0][0]), _share(shares[0][1]), _share(shares[1][1]))


def _held(counts: Mapping[str, int]) -> tuple[float | None, float | None]:
    """Return the share that was answered, and of that the share of which all claims hold."""
    answered = sum(counts.get(name, 0) for name in ("holds", "does not hold", "not checked"))
    whole = sum(counts.values())
    return (
        answered / whole if whole else None,
        counts.get("holds", 0) / answered if answered else None,
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _header(*names: str) -> Iterator[str]:
    yield ""
    yield _row(*names)
    yield _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
