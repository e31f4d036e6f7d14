"""Answers "why did it recommend this?" for one user of a finished run, with f asked live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.pipeline.bench import Bench
from recexplainer.pipeline.finished import reopen
from recexplainer.pipeline.opening import config_of_run, default_registry
from recexplainer.plugins.registry import Registry
from recexplainer.records import Case, Catalogue, Context, Explanation

__all__ = ["Explained", "explain"]


@dataclass(frozen=True)
class Explained:
    """One question, answered and checked.

    Attributes:
        case: user, item, and what f says of them.
        item_title: the item's title.
        history_titles: what f read, oldest first.
        explanations: one per explainer, with their checks.
        recommended: whether the item is f's own first choice, because none was given.
    """

    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    recommended: bool


def explain(
    out: Path,
    *,
    user: str,
    item: str | None = None,
    instruction: str | None = None,
    registry: Registry | None = None,
) -> Explained:
    """Explain f's view of ``item`` after all that ``user`` did.

    ::

        from recexplainer import explain

        answer = explain(Path("runs/first"), user="196", item="Toy Story (1995)")
        print(answer.explanations[0].text)

    Args:
        out: the run folder.
        user: a user id of the data set.
        item: a title or an item id; None asks about f's first recommendation.
        instruction: a wish such as ``"only genres"``.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        UnknownNameError: no such user or item; the nearest are named.
        UserError: the instruction names nothing that can be explained, or no explainer of the run
            can be instructed.
        RunFolderError: the run is not finished up to the surrogate.
    """
    from recexplainer.explanation.cases import make_case
    from recexplainer.explanation.checking import check_explanations

    config = config_of_run(out)
    bench, stages = reopen(config, out, registry or default_registry())
    for stage in stages[:4]:
        stage.require()
    if instruction:
        bench.check_instruction(instruction)
    context = _context(bench, user)
    chosen = _first_choice(bench, context) if item is None else _find_item(item, bench.catalogue)
    case = make_case(
        bench.target, context, chosen, catalogue=bench.catalogue, excluded=bench.seen(context)
    )
    written: list[Explanation] = []
    for part in bench.plan.explainers:
        written += bench.explain(part, [case], instruction or config.explanations.instruction)
    explanations = check_explanations(
        written, [case], bench.target, bench.catalogue, seed=config.seed
    )
    return Explained(
        case,
        bench.catalogue.title(chosen),
        tuple(bench.catalogue.title(one) for one in case.history),
        tuple(explanations),
        recommended=item is None,
    )


def _context(bench: Bench, user: str) -> Context:
    """Return the moment after everything the user did."""
    histories = bench.log.histories
    if user not in histories:
        hint = f"The data set has {len(histories)} users."
        raise UnknownNameError("user", user, histories, hint=hint)
    history = histories[user]
    shown = history[-bench.config.dataset.max_history :]
    split = next(context.split for context in bench.split.evaluated if context.user == user)
    return Context(user, len(history), shown, split)


def _first_choice(bench: Bench, context: Context) -> str:
    import numpy as np

    scores = bench.target.scores([context.history])[0].copy()
    scores[bench.catalogue.rows(bench.seen(context))] = -np.inf
    if not np.isfinite(scores).any():
        raise UserError(f"user {context.user!r} has had every item; give one with --item")
    return bench.catalogue.ids[int(scores.argmax())]


def _find_item(given: str, catalogue: Catalogue) -> str:
    """Return the id of a title (in any case) or an id."""
    by_title = {title.casefold(): item for title, item in catalogue.id_of_title.items()}
    found = by_title.get(given.strip().casefold())
    if found:
        return found
    if given in catalogue.ids:
        return given
    raise UnknownNameError("item", given, catalogue.titles, hint="Give a title or an item id.")
