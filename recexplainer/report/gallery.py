"""Choice of the cases that a report shows: drawn in turn from those given, withheld and false."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, Literal

from recexplainer.report.best_baselines import own_explainer
from recexplainer.report.model import ExplainedCase, Report

__all__ = ["GROUPS", "ChosenAs", "ChosenCase", "Gallery", "choose_cases", "gallery", "group_of"]

ChosenAs = Literal["given", "withheld", "false"]
GROUPS: Final[Mapping[ChosenAs, str]] = {
    "given": "given (no claim in them is known to be false)",
    "withheld": "withheld (though no claim in them is known to be false)",
    "false": "false (a claim in them does not hold)",
}
"""Groups that cases are drawn from, in the order in which a report shows them."""
_CASES = 10
_ON_THE_PAGE = 10


@dataclass(frozen=True, slots=True)
class ChosenCase:
    """A case to show, its group, and what other explainers wrote about the same case."""

    chosen_as: ChosenAs
    shown: ExplainedCase
    others: tuple[ExplainedCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Gallery:
    """Cases in the order in which they were drawn, and what they were drawn from.

    Attributes:
        cases: as many as were asked for, or all there are.
        sizes: how many cases of the run are in each group; groups without any are left out.
        seed: of the random order within each group.
    """

    cases: tuple[ChosenCase, ...]
    sizes: Mapping[ChosenAs, int]
    seed: int

    @property
    def first(self) -> tuple[ChosenCase, ...]:
        """The first ten of the draw, group by group: what is shown in full."""
        return _by_group(self.cases[:_ON_THE_PAGE])

    @property
    def further(self) -> tuple[ChosenCase, ...]:
        """The rest of the draw, group by group."""
        return _by_group(self.cases[_ON_THE_PAGE:])

    @property
    def rule(self) -> str:
        """How the cases were chosen, and what that says of how often each group is met."""
        first = [one.chosen_as for one in self.first]
        drawn = "; ".join(
            f"{first.count(group):,} of {size:,} {GROUPS[group]}"
            for group, size in self.sizes.items()
        )
        return (
            "Chosen by a rule, not for being good: the cases of each group are put in random order "
            f"(seed {self.seed}) and taken from the groups in turn. Here are {drawn}. How often "
            "each occurs is told by the groups' sizes, not by these cases."
        )


def gallery(report: Report) -> Gallery:
    """Return the cases that a report shows, as many as its settings ask for."""
    section = report.run.config.get("report")
    count = section.get("cases") if isinstance(section, dict) else None
    return choose_cases(
        report.explanations,
        explainer=own_explainer(report),
        count=count if isinstance(count, int) else _CASES,
        seed=report.run.seed,
    )


def choose_cases(
    explained: Sequence[ExplainedCase],
    *,
    explainer: str | None = None,
    count: int = _CASES,
    seed: int = 0,
) -> Gallery:
    """Return ``count`` cases, taken in turn from the groups, each in random order.

    A group that is used up is passed over. So a rare failure is met even where nearly all is given,
    and the first ten of a longer draw are a draw of ten.

    Args:
        explained: everything that was explained, by any number of explainers.
        explainer: whose texts are grouped, the first one's when None; what the others wrote about
            the same cases is put beside it.
        count: how many to choose; all of them are returned when there are fewer.
        seed: makes the draw repeatable.
    """
    wanted = explainer or next((one.explanation.explainer for one in explained), None)
    main = [one for one in explained if one.explanation.explainer == wanted]
    shuffled = random.Random(seed).sample(main, len(main))
    groups = {group: [one for one in shuffled if group_of(one) == group] for group in GROUPS}
    return Gallery(
        cases=tuple(
            ChosenCase(group_of(one), one, _others(one, explained))
            for one in list(_in_turn(list(groups.values())))[:count]
        ),
        sizes={group: len(found) for group, found in groups.items() if found},
        seed=seed,
    )


def _in_turn(groups: Sequence[Sequence[ExplainedCase]]) -> Iterator[ExplainedCase]:
    rounds = chain.from_iterable(zip_longest(*groups))
    return (one for one in rounds if one is not None)


def group_of(one: ExplainedCase) -> ChosenAs:
    """Return the group of a case; what was not checked is not known to be false."""
    text = one.explanation
    if text.check("true_as_read") == 0.0 or text.check("refuted") == 1.0:
        return "false"
    return "withheld" if one.abstained else "given"


def _by_group(cases: Sequence[ChosenCase]) -> tuple[ChosenCase, ...]:
    order = list(GROUPS)
    return tuple(sorted(cases, key=lambda one: order.index(one.chosen_as)))


def _others(one: ExplainedCase, explained: Sequence[ExplainedCase]) -> tuple[ExplainedCase, ...]:
    return tuple(other for other in explained if other.case.id == one.case.id and other is not one)
