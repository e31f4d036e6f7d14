"""Rows of the fidelity table beside the surrogate's and the chat models', as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recexplainer.config import RunConfig
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind
from recexplainer.records import Context, Recipe

if TYPE_CHECKING:
    from recexplainer.evaluation import Shots, SpeakerSubject, Subject
    from recexplainer.pipeline.execution.bench import Bench
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker
    from recexplainer.targets.recbole.distillation import DistilledModel, Taught

__all__ = [
    "baseline_notes",
    "baseline_problems",
    "baseline_subjects",
    "shots_of",
    "speaker_subject",
]

_SHOWN_USERS = 64
"""Users whose questions are there to be shown."""
_DISTILLED = "distilled"
"""Folder of the distilled recommender in that of the stage."""
_SCORES_HELD = 2**26
"""Bounds memory: so many scores of the teacher (128 MB) are learned from."""
_CHECKED = 1000
_CHECKED_SHARE = 0.1


def baseline_problems(config: RunConfig, recipe: Recipe) -> Iterator[str]:
    """Say what of the baselines that are asked for could not be measured."""
    asked = "in_context" in config.fidelity.baselines
    if asked and not recipe.published and not config.fidelity.chat_models:
        yield (
            "fidelity.baselines: in_context shows answered questions to a language model that is "
            f"not trained on them, and {config.surrogate.backbone!r} knows no language before it "
            "is trained; leave it out, or give fidelity.chat_models or a pretrained backbone"
        )


def baseline_subjects(
    bench: Bench, folder: Path, limits: Mapping[AnswerKind, int], shots: Shots | None
) -> Iterator[Subject]:
    """Yield the baselines of a run, in the order of the table.

    Args:
        bench: the run.
        folder: of the stage; keeps the distilled recommender.
        limits: where answers are cut off.
        shots: what ``shots_of`` returned.
    """
    from recexplainer.evaluation import (
        InContextSubject,
        PopularitySubject,
        RandomSubject,
        ScoringSubject,
    )

    config, asked = bench.config, bench.config.fidelity.baselines
    if "random" in asked:
        yield RandomSubject(bench.catalogue, seed=config.seed)
    if "popularity" in asked:
        yield PopularitySubject(bench.catalogue, bench.split.popularity, seed=config.seed)
    if "unaligned" in asked or (shots and bench.plan.recipe.published):
        unaligned = speaker_subject(bench, bench.unaligned, limits)
        if "unaligned" in asked:
            yield unaligned
        if shots and bench.plan.recipe.published:
            yield InContextSubject("in_context", unaligned, shots)
    if "distilled" in asked:
        student = _student(bench, folder / _DISTILLED)
        yield ScoringSubject("distilled", student, bench.catalogue, bench.seen)


def speaker_subject(
    bench: Bench, speaker: SurrogateSpeaker, limits: Mapping[AnswerKind, int]
) -> SpeakerSubject:
    """Return a surrogate, trained or not, as it is measured in a run."""
    from recexplainer.evaluation import SpeakerSubject

    return SpeakerSubject(
        speaker.name,
        speaker,
        beams=bench.config.fidelity.beams,
        max_new_tokens=limits,
        reads_vectors=speaker.form != "behavior",
    )


def shots_of(bench: Bench, tasks: Sequence[AlignmentTask]) -> Shots | None:
    """Return the answered questions that are shown before others; None where nobody asks for any.

    They are about training contexts, from which the surrogate learns too: of users who are not
    measured, as long as there are any.
    """
    if "in_context" not in bench.config.fidelity.baselines:
        return None
    from recexplainer.alignment.corpus import evaluation_examples
    from recexplainer.evaluation import Shots

    shown = _shown_contexts(bench)
    contexts = [*bench.evaluated, *shown]
    examples = evaluation_examples(
        tasks,
        contexts=contexts,
        excluded=bench.seen,
        target=bench.target,
        catalogue=bench.catalogue,
        seed=bench.config.seed,
        progress=bench.progress,
        rows=np.arange(len(bench.evaluated), len(contexts)),
    )
    return Shots(examples, contexts, seed=bench.config.seed)


def baseline_notes(config: RunConfig, recipe: Recipe) -> Iterator[str]:
    """Yield what a reader must know of the further baselines."""
    asked = config.fidelity.baselines
    if "in_context" in asked:
        who = ["in_context"] if recipe.published else []
        names = ", ".join([*who, *(chat.in_context_row for chat in config.fidelity.chat_models)])
        yield (
            f"Before each question {names} read two questions of the same task about other users, "
            "with the recommender's answers; these are about histories that the surrogate learns "
            "from."
        )
    if "distilled" in asked:
        yield (
            "distilled is no language model: a second SASRec that was taught the recommender's "
            "scores on the training histories and answers by its own scores. It is an upper mark, "
            "not a baseline: it reads no titles and explains nothing."
        )


def _shown_contexts(bench: Bench) -> list[Context]:
    """Return one training context each of some users, those who are not measured first."""
    train = bench.split.train
    rng = np.random.default_rng(bench.config.seed)
    rows = rng.choice(len(train), min(len(train), 64 * _SHOWN_USERS), replace=False)
    of_user: dict[str, Context] = {}
    for row in rows.tolist():
        context = train[row]
        of_user.setdefault(context.user, context)
    measured = {context.user for context in bench.evaluated}
    return sorted(of_user.values(), key=lambda one: one.user in measured)[:_SHOWN_USERS]


def _student(bench: Bench, folder: Path) -> DistilledModel:
    """Return the distilled recommender, trained unless an interrupted stage has left it."""
    from recexplainer.plugins.interfaces import TargetKit
    from recexplainer.targets.recbole.distillation import distilled_sasrec, is_saved
    from recexplainer.targets.recbole.families import SasRecOptions

    own, seed = bench.plan.target.options, bench.config.seed
    options = own if isinstance(own, SasRecOptions) else SasRecOptions()
    # Another seed than the target's, whose first weights it would otherwise have.
    kit = TargetKit(bench.catalogue, bench.config.dataset.max_history, seed + 1)
    student = distilled_sasrec(options, kit)
    if is_saved(folder):
        student.load(folder)
        return student
    taught, checked = _lessons(bench)
    student.learn(taught, checked, bench.progress)
    folder.mkdir(exist_ok=True)
    student.save(folder)
    return student


def _lessons(bench: Bench) -> tuple[Taught, Taught]:
    """Return the target's scores on training contexts, and on those of users kept for checking."""
    train = bench.split.train
    rng = np.random.default_rng(bench.config.seed)
    most = min(len(train), max(1, _SCORES_HELD // len(bench.catalogue)))
    contexts = [train[row] for row in np.sort(rng.choice(len(train), most, replace=False)).tolist()]
    users = sorted({context.user for context in contexts})
    apart = set(rng.permutation(users)[: max(1, round(_CHECKED_SHARE * len(users)))].tolist())
    checked = [context for context in contexts if context.user in apart]
    kept = rng.permutation(len(checked))[:_CHECKED].tolist()
    return (
        _scored(bench, [context for context in contexts if context.user not in apart]),
        _scored(bench, [checked[place] for place in kept]),
    )


def _scored(bench: Bench, contexts: Sequence[Context]) -> Taught:
    from recexplainer.targets.recbole.distillation import Taught, standardized

    histories = [context.history for context in contexts]
    scores = np.empty((len(contexts), len(bench.catalogue)), np.float16)
    start = 0
    with bench.progress.bar("asking the target", len(contexts)) as bar:
        for found in bench.oracle.batches_of_scores(histories):
            scores[start : start + len(found)] = standardized(found)
            start += len(found)
            bar.advance(len(found))
    return Taught(histories, scores)
