"""Whether the parts that have work left can do it: keys, packages and weights, before a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from recexplainer.config import RunConfig
from recexplainer.errors import ConfigError
from recexplainer.pipeline.planning import Part, Plan
from recexplainer.runs.steps import Stage, StageName

__all__ = ["require_models", "require_ready"]

_SPEAKING: Final = {"surrogate", "fidelity", "explanations"}
"""The stages that load the backbone."""


def require_ready(plan: Plan, stages: Sequence[Stage]) -> None:
    """Ask the parts of every stage that is not done what they lack.

    A finished stage needs nothing any more: its report can be written without a key.

    Args:
        plan: whose parts are asked.
        stages: of the run, done or not.

    Raises:
        ConfigError: lists all that is missing, one line each.
    """
    waiting = {stage.name for stage in stages if not stage.done}
    problems = [
        f"{path}: {part.name}: {problem}"
        for name, path, part in _parts(plan)
        if name in waiting
        for problem in part.provider.ready(part.options)
    ]
    if problems:
        raise ConfigError(problems)


def require_models(config: RunConfig, stages: Sequence[Stage]) -> None:
    """Look hub ids up, before the stages that come first take their time in vain.

    Nothing is asked for a model that is on this machine, or that no stage needs any more.

    Args:
        config: which models, as ``surrogate.backbone`` and ``explanations.text_encoder`` name them.
        stages: of the run, done or not.

    Raises:
        ConfigError: the hub does not have one, or cannot be reached.
    """
    waiting = {stage.name for stage in stages if not stage.done}
    backbone, encoder = config.surrogate.backbone, config.explanations.text_encoder
    wanted = {}
    if waiting & _SPEAKING and backbone != "tiny":
        wanted["surrogate.backbone"] = backbone
    if "explanations" in waiting and encoder is not None:
        wanted["explanations.text_encoder"] = encoder
    problems = [
        f"{setting}: {problem}"
        for setting, model in wanted.items()
        if not Path(model).expanduser().exists()
        for problem in _out_of_reach(model)
    ]
    if problems:
        raise ConfigError(problems)


def _out_of_reach(model: str) -> Iterator[str]:
    """Yield why ``model`` cannot be had from the hub; its ``config.json`` stands for the rest."""
    import httpx2
    from huggingface_hub import HfApi, errors, hf_hub_url, try_to_load_from_cache

    log_in = "log in (hf auth login)"
    try:
        if not isinstance(try_to_load_from_cache(model, "config.json"), str):
            HfApi().get_hf_file_metadata(url=hf_hub_url(model, "config.json"))
    except errors.HFValidationError:
        yield f"{model!r} is no hub id; give owner/model or a local folder"
    except errors.GatedRepoError:
        yield f"{model!r} is for those who accepted its terms: do so on its page, and {log_in}"
    except errors.RepositoryNotFoundError:
        yield f"the hub has no model {model!r}, or not for you; check the name, or {log_in}"
    except errors.RemoteEntryNotFoundError:
        yield f"{model!r} on the hub is no language model: it has no config.json"
    except (OSError, httpx2.HTTPError) as error:  # whatever else the hub or the network has
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        yield (
            f"{model!r} is not on this machine, and the hub cannot be reached ({reason}); fetch it "
            f"where it can, with: hf download {model}, and give its folder"
        )


def _parts(plan: Plan) -> Iterator[tuple[StageName, str, Part]]:
    """Yield each part with the stage that needs it and the setting that names it."""
    yield "dataset", "dataset.name", plan.dataset
    yield "target", "target.name", plan.target
    for task, _ in plan.tasks.values():
        yield "alignment", "alignment.weights", task
    for explainer in plan.explainers:
        yield "explanations", "explanations.explainers", explainer
    for judge in plan.judges:
        yield "verdicts", "judging.judges", judge
