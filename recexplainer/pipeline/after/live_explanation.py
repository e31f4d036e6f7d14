"""Live explanation of one recommendation from a run, with the target asked on the spot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.report_assembly import authorship
from recexplainer.pipeline.execution.withheld_texts import own_accounts, withholds
from recexplainer.records import Case, Catalogue, Context, Explanation
from recexplainer.report.model import Authorship

__all__ = [
    "Explained",
    "Moment",
    "answer",
    "find_items",
    "first_choice",
    "moment_of_history",
    "moment_of_user",
]


@dataclass(frozen=True)
class Moment:
    """What is asked about: a history as the target reads it, and all that was had by then.

    Attributes:
        context: the window that the target reads.
        seen: all items that are no candidates, oldest first; the window is their end.
    """

    context: Context
    seen: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """One question, answered and checked.

    Attributes:
        case: user, item, and what the target says of them; of a history that nobody had, the user's
            name begins with ``history-``.
        item_title: the item's title.
        history_titles: what the target read, oldest first.
        explanations: one per explainer, with their checks; those that are withheld as well.
        recommended: whether the item is the target's own first choice, because none was given.
        withheld: names of the explainers that cannot explain this one: their texts hold less
            often than ``explanations.min_confidence``.
        instead: the target's own account (occlusion), checked, where any text is withheld.
        written_by: that a machine wrote the texts, and in which run.
    """

    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    recommended: bool
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
        return self.case.item in {*self.case.history, *self.case.earlier}


def answer(
    bench: Bench, moment: Moment, item: str | None = None, instruction: str | None = None
) -> Explained:
    """Return what the run's explainers say of ``item`` at a moment, checked.

    Args:
        bench: the run.
        moment: the history that is asked about.
        item: a title or an item id; None asks about the target's first recommendation.
        instruction: a wish such as ``"only genres"``.

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
    chosen = first_choice(bench, moment) if item is None else find_items([item], items)[0]
    case = make_case(bench.oracle, moment.context, chosen, excluded=moment.seen)
    written: list[Explanation] = []
    for part in bench.plan.explainers:
        written += bench.explain(part, [case], instruction or config.explanations.instruction)
    explanations = check_explanations(written, [case], bench.oracle, seed=config.seed)
    withheld = tuple(one.explainer for one in explanations if withholds(bench, one))
    account = _account(bench, case) if withheld else None
    return Explained(
        case,
        items.title(chosen),
        tuple(items.title(one) for one in case.history),
        tuple(explanations),
        recommended=item is None,
        withheld=withheld,
        instead=account,
        written_by=authorship(bench, [*explanations, *([account] if account else [])]),
    )


def moment_of_user(bench: Bench, user: str) -> Moment:
    """Return the moment after everything the user did.

    Raises:
        UnknownNameError: no such user; the nearest are named.
    """
    histories = bench.log.histories
    if user not in histories:
        hint = f"The data set has {len(histories)} users."
        raise UnknownNameError("user", user, histories, hint=hint)
    history = histories[user]
    shown = history[-bench.config.dataset.max_history :]
    split = next(context.split for context in bench.split.evaluated if context.user == user)
    return Moment(Context(user, len(history), shown, split), history)


def moment_of_history(bench: Bench, given: Sequence[str]) -> Moment:
    """Return the moment after a history that nobody need have had.

    Args:
        bench: the run.
        given: titles or item ids, oldest first.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: nothing or a single text is given, or an item twice.
    """
    if isinstance(given, str) or not given:
        raise UserError(
            f"history={given!r} is no history: give a list of titles or item ids, oldest first, "
            "of one item at least"
        )
    history = find_items(given, bench.catalogue)
    twice = [one for place, one in enumerate(history) if one in history[:place]]
    if twice:
        raise UserError(
            f"the history has {bench.catalogue.title(twice[0])!r} twice; as in the data set, an "
            "item counts when it was first had: leave the later ones out"
        )
    # A name of its own, so that whatever is drawn for this history is drawn again the same.
    name = f"history-{hashlib.sha256(chr(0).join(history).encode()).hexdigest()[:12]}"
    shown = history[-bench.config.dataset.max_history :]
    return Moment(Context(name, len(history), shown, "held_out_users"), history)


def _account(bench: Bench, case: Case) -> Explanation:
    """Return what the target itself answers about the case, checked like any explanation."""
    from recexplainer.explanation.checks.checker import check_explanations

    written = own_accounts(bench, [case], counterfactual=True)
    seed = bench.config.seed
    return check_explanations(written, [case], bench.oracle, seed=seed)[0]


def first_choice(bench: Bench, moment: Moment) -> str:
    """Return the unseen item that the target scores highest; of equals one chosen by the seed."""
    import numpy as np

    from recexplainer.oracle import case_rng

    context = moment.context
    scores = next(bench.oracle.rows_of_scores([context.history])).copy()
    scores[bench.catalogue.rows(moment.seen)] = -np.inf
    if not np.isfinite(scores).any():
        raise UserError(f"user {context.user!r} has had every item; give one with --item")
    best = np.flatnonzero(scores == scores.max())
    drawn = case_rng(bench.config.seed, f"first choice {context.id}").integers(len(best))
    return bench.catalogue.ids[int(best[drawn])]


def find_items(given: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the id of each title (in any case) or id.

    Raises:
        UnknownNameError: no such item; the nearest are named.
    """
    by_title = {title.casefold(): item for title, item in catalogue.id_of_title.items()}
    return tuple(_find_item(one, by_title, catalogue) for one in given)


def _find_item(given: str, by_title: Mapping[str, str], catalogue: Catalogue) -> str:
    found = by_title.get(given.strip().casefold())
    if found:
        return found
    if given in catalogue.ids:
        return given
    raise UnknownNameError("item", given, catalogue.titles, hint="Give a title or an item id.")
