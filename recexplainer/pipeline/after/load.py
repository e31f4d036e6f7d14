"""Loading of a run from its folder, and one explanation of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recexplainer.errors import RunFolderError
from recexplainer.pipeline.after.finished_run import config_with_explainers, reopen
from recexplainer.pipeline.after.live_explanation import Explained
from recexplainer.pipeline.after.loaded_run import LoadedRun
from recexplainer.pipeline.execution.installed_parts import default_registry
from recexplainer.plugins.registry import Registry
from recexplainer.runs.folder import RunFolder

__all__ = ["explain", "load"]


def load(
    path: Path | str,
    *,
    explainers: Sequence[str] = (),
    overrides: Sequence[str] = (),
    registry: Registry | None = None,
) -> LoadedRun:
    """Return a run, ready to be asked.

    ::

        import recexplainer

        run = recexplainer.load("runs/first")
        print(run.explain(user="196", item="Toy Story (1995)").explanations[0].text)
        print(run.target.scores([run.catalogue.ids[:3]]).shape)

    Args:
        path: the run folder; the run need not be finished. An exported surrogate is not enough: it
            has neither the histories to ask about nor the target, which an answer is checked
            against.
        explainers: who answers ``explain``, in place of the run's own explainers.
        overrides: ``explanations.key=value`` texts, such as their options; nothing is written.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: ``path`` is no run.
        ConfigError: an explainer is not registered, its options are wrong, or it lacks its key.
        UserError: an override is of another section than ``explanations``.
    """
    out = Path(path)
    if not RunFolder(out).config_path.exists() and (out / "tokenizer_config.json").exists():
        raise RunFolderError(
            f"{out} is a surrogate alone: it has no histories to explain and no recommender to "
            "check an answer against. Give the folder of the run that trained it; the model alone "
            "loads with transformers, see docs/how-to/share-a-surrogate.md"
        )
    known = registry or default_registry()
    config = config_with_explainers(out, explainers, overrides, known)
    return LoadedRun(*reopen(config, out, known))


def explain(  # noqa: PLR0913  # each is a word of the question
    out: Path,
    *,
    user: str,
    item: str | None = None,
    instruction: str | None = None,
    explainers: Sequence[str] = (),
    overrides: Sequence[str] = (),
    registry: Registry | None = None,
) -> Explained:
    """Explain one case of a finished run; to ask more than once, ``load`` it.

    Args:
        out: the run folder.
        user: a user id of the data set.
        item: a title or an item id; None asks about the target's first recommendation.
        instruction: a wish such as ``"only genres"``.
        explainers: who answers, in place of the run's own explainers.
        overrides: ``explanations.key=value`` texts, such as their options; nothing is written.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        ConfigError: an explainer is not registered, its options are wrong, or it lacks its key.
        UnknownNameError: no such user or item; the nearest are named.
        UserError: the instruction names nothing that can be explained, or no explainer of the run
            can be instructed.
        RunFolderError: the run is not finished up to what its explainers need.
    """
    loaded = load(out, explainers=explainers, overrides=overrides, registry=registry)
    return loaded.explain(user=user, item=item, instruction=instruction)
