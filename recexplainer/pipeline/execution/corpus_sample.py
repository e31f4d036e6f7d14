"""Corpus sample: a small part of the corpus that a run will train on, before that is there.

The data set is read and split and the questions are drawn as they will be; a stand-in answers them,
since for the length of a text it does not matter who is right. Where the corpus itself is there,
its own texts are taken.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recexplainer.errors import RecxError
from recexplainer.pipeline.execution import stages
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.corpus_size import drawn_examples
from recexplainer.pipeline.execution.identity import SourceFiles
from recexplainer.pipeline.execution.plan import Plan
from recexplainer.pipeline.execution.preflight import Preflight
from recexplainer.pipeline.execution.stage_files import COUNTS
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Options
from recexplainer.records import SilentProgress
from recexplainer.runs.artifacts import read_records
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import StageName
from recexplainer.surrogate.corpus.training_files import SETTINGS
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["CorpusSample", "sampled"]

_QUESTIONS = 3000
"""Of all tasks together; each becomes one to six examples."""
_EXAMPLES = 8000
_DRAWN = 1000
"""Conversations of a corpus that is drawn to a time, whose model is slow."""
_READABLE_BYTES = 100_000_000
"""Larger files take longer to be read than a forecast is worth."""


@dataclass(frozen=True)
class CorpusSample:
    """What is known of a run's corpus.

    Attributes:
        settings: of the training.
        folder: a training folder that holds it or a part of it; None where nothing is known.
        share: how much of the corpus that is, as a part of 1.
        reason: why nothing is known.
        texts: conversations of the corpus, where the model is too large for steps to be made.
        trained: whether the run's training is done.
    """

    settings: SurrogateSettings
    folder: Path | None = None
    share: float = 1.0
    reason: str = ""
    texts: Path | None = None
    trained: bool = False


@contextmanager
def sampled(checked: Preflight) -> Iterator[CorpusSample]:
    """Yield what is known of the corpus of a run; the run's folder, if there is one, is only read.

    Args:
        checked: the run.
    """
    found = {stage.name: stage for stage in checked.stages}
    surrogate = found["surrogate"]
    with tempfile.TemporaryDirectory(prefix="recx-sample-") as place, _offline():
        if surrogate.done:
            sample = CorpusSample(checked.plan.settings, trained=True)
        elif surrogate.started and (surrogate.folder / SETTINGS).exists():
            sample = CorpusSample(checked.plan.settings, surrogate.folder)
        else:
            run = Bench(checked.plan, checked.folder, SilentProgress())
            done = {name for name, stage in found.items() if stage.done}
            try:
                sample = _make_sample(run, Path(place), done, checked.files)
            except RecxError as error:
                sample = CorpusSample(checked.plan.settings, reason=str(error))
        yield sample


def _make_sample(
    run: Bench, place: Path, done: Collection[StageName], files: SourceFiles
) -> CorpusSample:
    """Return a sample in ``place``, which becomes a run folder with the stages that are needed."""
    refusal = "" if "dataset" in done else _unreadable(run.plan, files)
    if refusal:
        return CorpusSample(run.plan.settings, reason=refusal)
    bench = Bench(run.plan, RunFolder(place), SilentProgress())
    bench.log = run.log if "dataset" in done else stages.read_log(bench)
    corpus, folder = bench.folder_of("alignment"), bench.folder_of("surrogate")
    if "alignment" in done:
        from recexplainer.alignment.corpus_files import copy_sample

        share = copy_sample(run.folder_of("alignment"), corpus, _EXAMPLES, run.config.seed)
    else:
        share = _asked(bench, corpus)
    too_large = _too_large(run.plan.settings)
    if too_large:
        return CorpusSample(run.plan.settings, share=share, reason=too_large, texts=corpus)
    folder.mkdir(parents=True)
    stages.prepare_training(bench, folder)
    return CorpusSample(run.plan.settings, folder, share)


def _asked(bench: Bench, corpus: Path) -> float:
    """Write what a stand-in answers to a part of the questions; return how much of the corpus."""
    from recexplainer.alignment.example_forms import CorpusReport
    from recexplainer.alignment.schedule import schedule
    from recexplainer.targets.stand_in import LatentStandIn, StandIn

    latent = bench.plan.target.can(Capability.VECTORS)
    bench.target = (LatentStandIn if latent else StandIn)(bench.target_kit)
    wanted = drawn_examples(bench.plan)
    if wanted is not None:
        share = min(1.0, _DRAWN / wanted)
        stages.ask_target(bench, corpus, share)
        return share
    config, tasks = bench.config, list(bench.tasks.values())
    whole = schedule(tasks, config.adapted_tasks(bench.plan.recipe), bench.split.train, config.seed)
    drawn = {name: int(times.sum()) for name, times in whole.times.items()}
    share = min(1.0, _QUESTIONS / max(1, sum(drawn.values())))
    stages.ask_target(bench, corpus, share)
    if share == 1.0:
        return share
    (report,) = read_records(corpus / COUNTS, CorpusReport)
    asked = whole.thinned(share, config.seed).times
    rows = {task: sum(forms.values()) for task, forms in report.rows.items()}
    # Chance draws a little more or less of each task than its share.
    shares = {name: int(times.sum()) / drawn[name] for name, times in asked.items() if drawn[name]}
    return sum(rows.values()) / sum(n / shares.get(task, share) for task, n in rows.items())


def _unreadable(checked: Plan, files: SourceFiles) -> str:
    """Return why the data set is not read for a forecast; nothing if it can be."""
    tasks = [part for part, _ in checked.tasks.values()]
    size = files.size_of("dataset", checked.dataset)
    size += sum(files.size_of("alignment", part) for part in tasks)
    if size > _READABLE_BYTES:
        return f"the {size / 1e6:,.0f} MB of data would take long to read"
    names = [name for part in (checked.dataset, *tasks) for name in _on_the_hub(part.options)]
    return f"{', '.join(names)} would be downloaded" if names else ""


def _on_the_hub(options: Options) -> Iterator[str]:
    """Yield the data sets that options name on the hub."""
    for name in ("repository", "items_repository", "dataset"):
        value = getattr(options, name, None)
        if isinstance(value, str):
            yield value


def _too_large(settings: SurrogateSettings) -> str:
    """Return that this machine has not the memory for the model; nothing if it has."""
    import psutil

    from recexplainer.surrogate.estimate.training_estimate import estimate

    parameters = estimate(settings, settings.processes, None).parameters
    free = psutil.virtual_memory().available
    if parameters is None or 4 * parameters < free:
        return ""
    return f"a model of {parameters / 1e9:.1f} billion parameters is too large for this machine"


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the hub's library from asking anything of the network."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
