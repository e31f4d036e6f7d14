"""Live explanation of one recommendation from a run, with the target asked on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.pipeline.after.moment import Moment, find_items, first_choice, unusual
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.report_assembly import authorship
from recexplainer.pipeline.execution.withheld_texts import own_accounts, withholds
from recexplainer.records import Case, Explanation
from recexplainer.report.model import Authorship

__all__ = [
    "Explained",
    "answer",
]


@dataclass(frozen=True)
class Explained:
    """One question, answered and checked.

    Attributes:
        case: user, item, and what the target says of them; of a history that nobody had, the user's
            name begins with ``history-``.
        item_title: the item's title.
        history_titles: what the target read, oldest first.
        explanations: one per explainer, with their checks; those that are withheld as well. None
            about a history of nothing.
        recommended: whether the item is the target's own first choice, because none was given.
        notes: sentences about what is unusual of the question: what was had already, an item that
            nobody had, or more history than is read.
        withheld: names of the explainers that cannot explain this one: their texts hold less
            often than ``explanations.min_confidence``.
        instead: the target's own account (occlusion), checked, where any text is withheld or there
            is none.
        written_by: that a machine wrote the texts, and in which run.
    """

    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    recommended: bool
    notes: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    instead: Explanation | None = None
    written_by: Authorship | None = None

    @property
    def answer(self) -> Explanation:
        """The first explanation that is not withheld, else the target's own account."""
        given = [one for one in self.explanations if one.explainer not in self.withheld]
        return given[0] if given or self.instead is None else self.instead

    @property
    def already_had(self) -> bool:
        """Whether the user had the item already: its rank is then among the unseen items and it."""
        return self.case.already_had


def answer(
    bench: Bench,
    moment: Moment,
    item: str | None,
    instruction: str | None,
    explainers: Sequence[Part],
) -> Explained:
    """Return what explainers of the run say of ``item`` at a moment, checked.

    Args:
        bench: the run.
        moment: the history that is asked about.
        item: a title or an item id; None asks about the target's first recommendation.
        instruction: a wish such as ``"only genres"``.
        explainers: who answers.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: the instruction names nothing that can be explained, no explainer of the run can
            be instructed, or nothing is left to recommend.
    """
    from recexplainer.explanation.cases import make_case
    from recexplainer.explanation.checks.checker import check_explanations

    config, items = bench.config, bench.catalogue
    if instruction:
        bench.check_instruction(instruction)
    chosen = first_choice(bench, moment) if item is None else find_items([item], bench)[0]
    case = make_case(bench.oracle, moment.context, chosen, excluded=moment.seen)
    written: list[Explanation] = []
    for part in explainers if case.history else ():
        written += bench.explain(part, [case], instruction or config.explanations.instruction)
    explanations = check_explanations(written, [case], bench.oracle, seed=config.seed)
    withheld = tuple(one.explainer for one in explanations if withholds(bench, one))
    account = _account(bench, case) if withheld or not explanations else None
    return Explained(
        case,
        items.title(chosen),
        tuple(items.title(one) for one in case.history),
        tuple(explanations),
        recommended=item is None,
        notes=tuple(unusual(bench, moment, case)),
        withheld=withheld,
        instead=account,
        written_by=authorship(bench, [*explanations, *([account] if account else [])]),
    )


def _account(bench: Bench, case: Case) -> Explanation:
    """Return what the target itself answers about the case, checked like any explanation."""
    from recexplainer.explanation.checks.checker import check_explanations

    written = own_accounts(bench, [case], counterfactual=True)
    seed = bench.config.seed
    return check_explanations(written, [case], bench.oracle, seed=seed)[0]
