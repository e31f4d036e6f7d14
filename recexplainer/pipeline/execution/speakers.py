"""Speakers of a run: its surrogate, trained or not, computed here or by a server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from recexplainer.pipeline.execution.identity import require_backbone
from recexplainer.records import Form, Rendered
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK, TRAINED

if TYPE_CHECKING:
    from recexplainer.config import RunConfig
    from recexplainer.pipeline.execution.bench import Bench
    from recexplainer.plugins.wording_interface import Wording
    from recexplainer.surrogate.corpus.truncation import Cut
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

__all__ = ["build_speaker"]


def build_speaker(
    bench: Bench, name: str, weights: str, form: Form | None = None
) -> SurrogateSpeaker:
    """Return a surrogate that is asked as the run's configuration says.

    Args:
        bench: of the run; prompts that are cut are told to its ``note_cut``.
        name: of the speaker.
        weights: its folder, within that of stage 4.
        form: how prompts are rendered; the one that the run is evaluated in unless it is given.
            The target is loaded where the form needs its vectors.

    Raises:
        RunFolderError: the backbone it was trained from holds something else since.
    """
    from recexplainer.alignment.modes import evaluation_form, render
    from recexplainer.surrogate.model.compute_type import asking_precision, choose_device

    require_backbone(bench.plan, bench.folder)
    config = bench.config
    form = form or evaluation_form(config.alignment.mode)
    vectors: dict[str, Any] = {}
    if form != "behavior":
        vectors["user_vectors"] = bench.vectors.user_vectors
    if form != "behavior" or (bench.folder_of("surrogate") / weights / PULL_NETWORK).exists():
        vectors["item_vectors"] = bench.vectors.item_vectors()
    device = choose_device(config.surrogate.device)
    speaker = _kind_of_speaker(config, trained=weights == TRAINED)(
        name,
        bench.folder_of("surrogate") / weights,
        form=form,
        catalogue=bench.catalogue,
        render=render,
        batch_size=config.fidelity.batch_size,
        device=device,
        precision=asking_precision(config.surrogate.precision, device),
        seed=config.seed if config.generation.seed is None else config.generation.seed,
        wording=_wording(bench, weights),
        **vectors,
    )
    speaker.fitter.noted = partial(_note_cut, bench, name)
    return speaker


def _wording(bench: Bench, weights: str) -> Wording | None:
    """Return the sentences that explain, of the first task that has some.

    A published model has words of its own before it is taught these.
    """
    if bench.plan.recipe.published and weights != TRAINED:
        return None
    offered = (task.wording() for task, _ in bench.tasks.values())
    return next((wording for wording in offered if wording is not None), None)


def _note_cut(bench: Bench, speaker: str, prompt: Rendered, cut: Cut) -> None:
    if bench.note_cut is not None:
        bench.note_cut(speaker, prompt, cut)


def _kind_of_speaker(config: RunConfig, *, trained: bool) -> Callable[..., SurrogateSpeaker]:
    """Return what makes a speaker: a server has the trained model alone."""
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

    url, model = config.generation.url, config.generation.model
    if url is None or not trained:
        return SurrogateSpeaker
    from recexplainer.surrogate.generation.vllm_client import CompletionServer
    from recexplainer.surrogate.generation.vllm_speaker import ServedSpeaker

    return partial(ServedSpeaker, server=CompletionServer(url, model))
