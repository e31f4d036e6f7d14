"""Answers "why did it recommend this?" for one user of a finished run, with f asked live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recexplainer.errors import RunFolderError, UnknownNameError, UserError
from recexplainer.pipeline.abstaining import own_accounts, withholds
from recexplainer.pipeline.bench import Bench
from recexplainer.pipeline.finished import reopen
from recexplainer.pipeline.identity import up_to
from recexplainer.pipeline.opening import config_of_run, default_registry
from recexplainer.plugins.registry import Registry
from recexplainer.records import Case, Catalogue, Context, Explanation
from recexplainer.runs.quiet import quiet_libraries

__all__ = ["Explained", "LoadedRun", "explain", "load"]


@dataclass(frozen=True)
class Explained:
    """One question, answered and checked.

    Attributes:
        case: user, item, and what f says of them.
        item_title: the item's title.
        history_titles: what f read, oldest first.
        explanations: one per explainer, with their checks; those that are withheld as well.
        recommended: whether the item is f's own first choice, because none was given.
        withheld: names of the explainers that cannot explain this one: f bears their texts out less
            often than ``explanations.min_confidence``.
        instead: f's own account (occlusion), checked, where any text is withheld.
    """

    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    recommended: bool
    withheld: tuple[str, ...] = ()
    instead: Explanation | None = None

    @property
    def answer(self) -> Explanation:
        """The first explanation that is not withheld; if there is none, f's own account."""
        given = [one for one in self.explanations if one.explainer not in self.withheld]
        return given[0] if given or self.instead is None else self.instead


class LoadedRun:
    """A finished run that stays loaded: the first question takes seconds, the next ones little.

    Made by ``load``.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @quiet_libraries()
    def explain(
        self, *, user: str, item: str | None = None, instruction: str | None = None
    ) -> Explained:
        """Explain f's view of ``item`` after all that ``user`` did.

        Args:
            user: a user id of the data set.
            item: a title or an item id; None asks about f's first recommendation.
            instruction: a wish such as ``"only genres"``.

        Raises:
            UnknownNameError: no such user or item; the nearest are named.
            UserError: the instruction names nothing that can be explained, or no explainer of the
                run can be instructed.
        """
        from recexplainer.explanation.cases import make_case
        from recexplainer.explanation.checks.checker import check_explanations

        bench, config = self._bench, self._bench.config
        if instruction:
            bench.check_instruction(instruction)
        context, items = _context(bench, user), bench.catalogue
        chosen = _first_choice(bench, context) if item is None else _find_item(item, items)
        case = make_case(bench.oracle, context, chosen, excluded=bench.seen(context))
        written: list[Explanation] = []
        for part in bench.plan.explainers:
            written += bench.explain(part, [case], instruction or config.explanations.instruction)
        explanations = check_explanations(written, [case], bench.oracle, seed=config.seed)
        withheld = tuple(one.explainer for one in explanations if withholds(bench, one))
        return Explained(
            case,
            items.title(chosen),
            tuple(items.title(one) for one in case.history),
            tuple(explanations),
            recommended=item is None,
            withheld=withheld,
            instead=_account(bench, case) if withheld else None,
        )


def load(path: Path | str, *, registry: Registry | None = None) -> LoadedRun:
    """Return a finished run, ready to be asked.

    ::

        import recexplainer

        run = recexplainer.load("runs/first")
        print(run.explain(user="196", item="Toy Story (1995)").explanations[0].text)

    Args:
        path: the run folder. An exported surrogate is not enough: it has neither the histories to
            ask about nor f, which an answer is checked against.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: ``path`` is no run that is finished up to the surrogate.
    """
    out = Path(path)
    if not (out / "config.yaml").exists() and (out / "tokenizer_config.json").exists():
        raise RunFolderError(
            f"{out} is a surrogate alone: it has no histories to explain and no target to check an "
            "answer against. Give the folder of the run that trained it; the model alone loads "
            "with transformers, see docs/how-to/share-a-surrogate.md"
        )
    bench, stages = reopen(config_of_run(out), out, registry or default_registry())
    for stage in up_to(stages, "surrogate"):
        stage.require()
    return LoadedRun(bench)


def explain(
    out: Path,
    *,
    user: str,
    item: str | None = None,
    instruction: str | None = None,
    registry: Registry | None = None,
) -> Explained:
    """Explain one case of a finished run; to ask more than once, ``load`` it.

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
    loaded = load(out, registry=registry)
    return loaded.explain(user=user, item=item, instruction=instruction)


def _account(bench: Bench, case: Case) -> Explanation:
    """Return what f itself answers about the case, checked like any explanation."""
    from recexplainer.explanation.checks.checker import check_explanations

    written = own_accounts(bench, [case], counterfactual=True)
    seed = bench.config.seed
    return check_explanations(written, [case], bench.oracle, seed=seed)[0]


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
    """Return the unseen item that f scores highest; of equals one drawn from the run's seed."""
    import numpy as np

    from recexplainer.oracle import case_rng

    scores = next(bench.oracle.rows_of_scores([context.history])).copy()
    scores[bench.catalogue.rows(bench.seen(context))] = -np.inf
    if not np.isfinite(scores).any():
        raise UserError(f"user {context.user!r} has had every item; give one with --item")
    best = np.flatnonzero(scores == scores.max())
    drawn = case_rng(bench.config.seed, f"first choice {context.id}").integers(len(best))
    return bench.catalogue.ids[int(best[drawn])]


def _find_item(given: str, catalogue: Catalogue) -> str:
    """Return the id of a title (in any case) or an id."""
    by_title = {title.casefold(): item for title, item in catalogue.id_of_title.items()}
    found = by_title.get(given.strip().casefold())
    if found:
        return found
    if given in catalogue.ids:
        return given
    raise UnknownNameError("item", given, catalogue.titles, hint="Give a title or an item id.")
