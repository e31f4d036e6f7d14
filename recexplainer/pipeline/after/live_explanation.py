"""Live explanation of one recommendation from a run, with the target asked on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.pipeline.after.moment import Moment, find_items, first_choice, unusual
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.report_assembly import authorship
from recexplainer.pipeline.execution.withheld_texts import own_accounts, withholds
from recexplainer.plugins.capabilities import Capability
from recexplainer.records import Case, Explanation
from recexplainer.report.model import Authorship
from recexplainer.runs.steps import StageName

__all__ = ["AskedCase", "Explained", "answer", "answers", "needed_stage"]


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


@dataclass(frozen=True)
class AskedCase:
    """A case that is asked about.

    Attributes:
        moment: after which history.
        case: the item, with what the target says of it.
        recommended: whether the item comes from the target's own list.
    """

    moment: Moment
    case: Case
    recommended: bool = False


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

    if instruction:
        bench.check_instruction(instruction)
    chosen = first_choice(bench, moment) if item is None else find_items([item], bench)[0]
    case = make_case(bench.oracle, moment.context, chosen, excluded=moment.seen)
    asked = [AskedCase(moment, case, recommended=item is None)]
    return answers(bench, asked, instruction, explainers)[0]


def answers(
    bench: Bench, asked: Sequence[AskedCase], instruction: str | None, explainers: Sequence[Part]
) -> list[Explained]:
    """Return what explainers say of each case, checked, in order; all are asked about together.

    Args:
        bench: the run.
        asked: the cases; the same one may be asked about twice.
        instruction: a wish that was checked, such as ``"only genres"``.
        explainers: who answers.

    Raises:
        UserError: an explainer cannot follow the instruction.
    """
    cases = list({one.case.id: one.case for one in asked}.values())
    told = [case for case in cases if case.history]
    wish = instruction or bench.config.explanations.instruction
    written = [text for part in explainers if told for text in bench.explain(part, told, wish)]
    of_case: dict[str, list[Explanation]] = {case.id: [] for case in cases}
    for text in _checked(bench, written, cases):
        of_case[text.case].append(text)
    silent = [
        case
        for case in cases
        if not of_case[case.id] or any(withholds(bench, one) for one in of_case[case.id])
    ]
    accounts = {one.case: one for one in _accounts(bench, silent)}
    return [
        _explained(bench, one, of_case[one.case.id], accounts.get(one.case.id)) for one in asked
    ]


def needed_stage(explainers: Sequence[Part]) -> StageName:
    """Return the stage that a run must have finished for ``explainers`` to answer."""
    spoken = (Capability.SURROGATE, Capability.UNALIGNED)
    return "surrogate" if any(part.can(way) for part in explainers for way in spoken) else "target"


def _explained(
    bench: Bench, asked: AskedCase, texts: Sequence[Explanation], account: Explanation | None
) -> Explained:
    items, case = bench.catalogue, asked.case
    return Explained(
        case,
        items.title(case.item),
        tuple(items.title(one) for one in case.history),
        tuple(texts),
        recommended=asked.recommended,
        notes=tuple(unusual(bench, asked.moment, case)),
        withheld=tuple(one.explainer for one in texts if withholds(bench, one)),
        instead=account,
        written_by=authorship(bench, [*texts, *([account] if account else [])]),
    )


def _accounts(bench: Bench, cases: Sequence[Case]) -> list[Explanation]:
    """Return what the target itself answers about cases, checked like any explanation."""
    return _checked(bench, own_accounts(bench, cases, counterfactual=True), cases) if cases else []


def _checked(
    bench: Bench, written: Sequence[Explanation], cases: Sequence[Case]
) -> list[Explanation]:
    from recexplainer.explanation.checks.checker import check_explanations

    return check_explanations(written, cases, bench.oracle, seed=bench.config.seed)
