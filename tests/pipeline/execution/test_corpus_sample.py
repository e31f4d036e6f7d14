"""What is told of a corpus beforehand is held against the corpus that the stages then write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForCausalLM, LlamaConfig

from recexplainer.alignment.example_forms import CorpusReport
from recexplainer.config import RunConfig, load_config
from recexplainer.pipeline import default_registry, describe, plan
from recexplainer.pipeline.execution import corpus_sample, stages
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.corpus_sample import sampled
from recexplainer.pipeline.execution.corpus_size import drawn_examples
from recexplainer.pipeline.execution.preflight import Preflight, preflight
from recexplainer.records import SilentProgress
from recexplainer.runs.artifacts import read_records
from recexplainer.runs.folder import RunFolder
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.estimate import operation_count
from recexplainer.surrogate.model import compute_type
from recexplainer.surrogate.model.compute_type import ComputeRates
from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    """A run on 60 users with 8 to 14 of 40 films each."""
    rng = np.random.default_rng(4)
    rows = [
        f"u{user},f{item},{time}"
        for user in range(60)
        for time, item in enumerate(rng.permutation(40)[: rng.integers(8, 15)])
    ]
    texts = {
        "interactions": ["user_id,item_id,timestamp", *rows],
        "items": ["item_id,title", *(f"f{item},Film number {item}" for item in range(40))],
    }
    for name, lines in texts.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = ", ".join(f"{name}: {tmp_path / name}.csv" for name in texts)
    return load_config(
        overrides=[
            "dataset.name=csv",
            f"dataset.options={{{files}}}",
            "target.name=popularity",
            "alignment.mode=behavior",
            "surrogate.device=cpu",
            "surrogate.precision=float32",
            "surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}",
            "training.threads=1",
        ]
    )


def written(config: RunConfig, place: Path) -> int:
    """Return how many examples the alignment stage of the run writes."""
    bench = Bench(plan(config, default_registry()), RunFolder(place), SilentProgress())
    for name, make in (
        ("dataset", stages.prepare_dataset),
        ("target", stages.train_target),
        ("alignment", stages.ask_target),
    ):
        folder = bench.folder_of(name)
        folder.mkdir(parents=True)
        make(bench, folder)
    (report,) = read_records(bench.folder_of("alignment") / "counts.jsonl", CorpusReport)
    return sum(sum(forms.values()) for forms in report.rows.values())


def changed(config: RunConfig, section: str, **values: object) -> RunConfig:
    part = getattr(config, section).model_copy(update=values)
    return config.model_copy(update={section: part})


def checked(config: RunConfig, out: Path) -> Preflight:
    """Return what ``--dry-run`` checks before it draws up the plan."""
    return preflight(config, default_registry(), out, until="dataset")


def told(config: RunConfig, out: Path) -> tuple[float, int]:
    """Return the share that was sampled, and how many examples that is."""
    with sampled(checked(config, out)) as sample:
        assert sample.folder is not None, sample.reason
        return sample.share, len(EncodedCorpus.load(sample.folder / "encoded.safetensors"))


@pytest.mark.parametrize("questions", [400, 10**6])
def test_as_many_examples_are_told_as_are_written(questions, config, tmp_path, monkeypatch) -> None:
    """But for ``rationale``, the target's answers do not decide how many there are."""
    asked = changed(config, "alignment", weights={"rationale": 0})
    monkeypatch.setattr(corpus_sample, "_QUESTIONS", questions)
    share, examples = told(asked, tmp_path / "run")
    whole = written(asked, tmp_path / "real")
    assert examples / share == pytest.approx(whole, rel=0.03)
    assert (share == 1.0) == (examples == whole) == (questions > whole)
    assert share == 1.0 or examples < 0.7 * whole


def test_a_stand_in_has_about_as_many_reasons_as_a_target(config, tmp_path, monkeypatch) -> None:
    """Where no item matters to the target there is no rationale; to the stand-in all of them do."""
    asked = changed(config, "target", name="recbole:EASE")
    monkeypatch.setattr(corpus_sample, "_QUESTIONS", 10**6)
    _, examples = told(asked, tmp_path / "run")
    whole = written(asked, tmp_path / "real")
    assert whole <= examples < 1.1 * whole


def test_nothing_is_written_into_the_run_folder(config, tmp_path) -> None:
    out = tmp_path / "run"
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    lines = list(describe(checked(config, out)))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    (time,) = (line for line in lines if line.startswith("time "))
    assert "training takes about" in time


def test_large_files_are_not_read_and_that_is_said(config, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(corpus_sample, "_READABLE_BYTES", 1000)
    monkeypatch.setattr(stages, "read_log", lambda _: pytest.fail("the data set was read"))
    lines = describe(checked(config, tmp_path / "run"))
    (line,) = (line for line in lines if "steps and time" in line)
    assert "MB of data would take long to read; --prepare-only makes them known" in line


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder of a pretrained model with random weights."""
    folder = tmp_path_factory.mktemp("backbone")
    words = [f"Film number {item} Yes No User: Assistant:" for item in range(40)]
    tokenizer = train_tokenizer(words, [], 600)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    config = LlamaConfig(vocab_size=len(tokenizer), num_attention_heads=2, **shape)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def pretrained(config: RunConfig, backbone: str, **training: object) -> RunConfig:
    written_down = config.model_dump(exclude={"training"})
    return RunConfig.model_validate(
        written_down
        | {"surrogate": {"backbone": backbone, "device": "cpu", "precision": "float32"}}
        | {"training": {"batch_size": 16, "threads": 1, **training}}
    )


def test_steps_of_a_pretrained_model_decide_the_size_of_its_corpus(
    config, backbone, tmp_path
) -> None:
    assert written(pretrained(config, backbone, steps=5), tmp_path / "few") == pytest.approx(
        80, 0.2
    )
    whole = written(pretrained(config, backbone, budget=0.1), tmp_path / "whole")
    assert whole > 1000
    tiny = changed(config, "training", steps=5)
    assert written(tiny, tmp_path / "tiny") > 500  # made here, and fast: all is written


def test_minutes_draw_no_fewer_than_they_take(config, backbone, tmp_path, monkeypatch) -> None:
    """By the full rate of a product, on a machine of a billion operations a second."""
    planned = plan(pretrained(config, backbone, minutes=1), default_registry())
    monkeypatch.setattr(compute_type, "measured_rates", lambda _: ComputeRates("cpu", 1.0, 0.1))
    monkeypatch.setattr(operation_count, "measured_rates", compute_type.measured_rates)
    hidden, inner, words = 32, 64, LlamaConfig.from_pretrained(backbone).vocab_size
    layer = 4 * hidden**2 + 3 * hidden * inner
    each = 60 * 4 * (layer + 0.2 * words * hidden)  # weights of the layer and of the head
    drawn = drawn_examples(planned)
    assert drawn <= 60e9 / each < 3 * drawn  # updates and projectors, large here, are counted too


def test_a_model_too_large_for_steps_is_reckoned(config, backbone, tmp_path, monkeypatch) -> None:
    asked = pretrained(config, backbone, steps=7)
    monkeypatch.setattr(corpus_sample, "_too_large", lambda _: "it is huge")
    monkeypatch.setattr(operation_count, "measured_rates", lambda _: ComputeRates("cpu", 5.0, 1.0))
    lines = list(describe(checked(asked, tmp_path / "run")))
    (time,) = (line for line in lines if line.startswith("time "))
    assert "at 2 billion operations a second" in time  # four tenths of a product's
    assert "no step was timed: it is huge" in time
    (steps,) = (line for line in lines if line.startswith("training "))
    assert "about 7 steps" in steps
    assert not [line for line in lines if line.startswith("not known")]
