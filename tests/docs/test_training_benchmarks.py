"""The benchmarks of training run, compare what is alike, and their tables say what was measured."""

from __future__ import annotations

import json
from dataclasses import replace

import gpu_training
import numpy as np
import pytest
import quote
import training
import training_table
from gpu_training import Trial, flops_per_token, measure, prepare_trial, shaped
from pages import ROOT

from recexplainer.surrogate.corpus.batches import EncodedCorpus

MACHINE = {"processor": "P", "cores": 2, "memory_gb": 8, "load_before": 0.5}


@pytest.fixture(scope="module")
def trial():
    """The GPU benchmark's 0.5B shape, of two narrow layers, on the CPU."""
    shape = shaped("0.5b", layers=2, hidden=64, words=700)
    return Trial(shape, micro=2, steps=3, words=20, device="cpu")


@pytest.fixture(scope="module")
def place(trial, tmp_path_factory):
    return prepare_trial(trial, tmp_path_factory.mktemp("trial"))


@pytest.mark.filterwarnings("ignore::UserWarning")  # third parties', of a run that is not ours
@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("what", ["ours", "plain"])
def test_the_gpu_benchmark_runs_on_a_cpu(what, checkpointing, trial, place):
    gpu_training._fresh(place.parent)
    row = measure(what, replace(trial, checkpointing=checkpointing), place)
    assert row["tokens_per_second"] > 0
    assert row["tflops"] > 0
    assert row["mfu"] is row["peak_gb"] is None
    assert all(3 < loss < 9 for loss in row["losses"])  # of 700 words, none known: 6.55
    if what == "ours":
        (line,) = (place / "training.jsonl").read_text("utf-8").splitlines()
        report = json.loads(line)
        assert (report["steps"], report["examples"], report["precision"]) == (3, 24, "bfloat16")


def test_without_a_device_the_gpu_benchmark_says_not_run(tmp_path, monkeypatch, capsys):
    result = tmp_path / "result.json"
    monkeypatch.setattr("sys.argv", ["gpu_training.py", "--result", str(result)])
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    gpu_training.main()
    assert capsys.readouterr().out == "not run: no CUDA device\n"
    assert json.loads(result.read_text("utf-8"))["not_run"] == "no CUDA device"


def test_a_preset_is_measured_with_its_own_updates(tmp_path):
    shape = shaped("paper", layers=1, hidden=64, words=700)
    assert shape["model_type"] == "llama"
    place = prepare_trial(Trial(shape, 2, 2, 20, "cpu", preset="paper"), tmp_path)
    settings = json.loads((place / "settings.json").read_text("utf-8"))
    assert settings["lora"]["targets"] == ["q_proj", "v_proj"]
    assert settings["parallel"] == "zero2"


def test_useful_work_is_counted_as_by_hand():
    shape = {
        "hidden_size": 10, "intermediate_size": 30, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 50,
    }  # fmt: skip
    two = np.array([0, 6, 8])
    empty, none = np.zeros(0, np.int32), np.zeros(3, np.int64)
    labelled = np.array([0, 0, 0, 1, 0, 0, 0, 1], np.uint8)
    hard = (empty, empty.astype(np.float32), none)
    corpus = EncodedCorpus(np.zeros(8, np.int32), labelled, two, empty, none, empty, none, *hard)
    layer = 100 + 50 + 50 + 100 + 3 * 300  # q, k, v, o, and three of the feed-forward
    head = 10 * 50 * 2 / 8
    scores = 6 * 10 * 4  # two products over half of 4 tokens, three times
    assert flops_per_token(shape, corpus) == pytest.approx(4 * (2 * layer + head) + 2 * scores)


def test_a_sample_is_made_of_whole_examples():
    flat = np.arange(10, dtype=np.int32)
    bounds, few = np.array([0, 3, 4, 10]), np.array([0, 1, 1, 2])
    slots, soft = (flat[:2], few), (flat[:2], flat[:2].astype(np.float32), few)
    corpus = EncodedCorpus(flat, (flat % 2).astype(np.uint8), bounds, *slots, *slots, *soft)
    picked = training._pick(corpus, np.array([0, 2]))
    assert picked.ids.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert picked.labelled.tolist() == (picked.ids % 2).tolist()
    assert picked.lengths.tolist() == [3, 6]
    assert [picked[k]["contexts"].tolist() for k in range(2)] == [[0], [1]]


def test_tables_are_as_wide_as_their_heads_and_divide_right():
    rates = {"ours": 100.0, "batch-maximum": 40.0, "1024": 4.0}
    rates["batch-maximum, micro-batches of 16"] = 50.0
    resume = {"epoch_seconds": 200.0, "start_seconds": 8.0, "resume_seconds": 9.0}
    resume |= {"resume_share": 0.045, "checkpoint_seconds": 0.2}
    losses = {"steps": 20, "largest_difference": 3e-6}
    result = {"machine": MACHINE, "batch": 64, "turns": 3, "precision": "bfloat16"}
    text = training_table.training(
        result | {"samples_per_second": rates, "losses": losses, "resume": resume}
    )
    assert "| shuffled batches, padded to 1024 | 4.0 | 25.0 |" in text
    assert "9.0 s where it goes on" in text
    assert "4.5% of an epoch" in text
    one = {"users_per_second": {"ours": 60.0, "as it is": 4.0, "longest": 3.0, "1024": 2.0}}
    one |= {"longest_question": 90, "same_answers": 0.98}
    asked = {"machine": MACHINE, "batch": 128, "beams": 5, "constrained": one, "free": one}
    retrieval = training_table.retrieval(asked)
    assert "padded to the longest question (90 tokens) | 3.0 (20.0) | 3.0 (20.0) |" in retrieval
    case = {"gigabytes": {"told": 1.0, "took": 1.25}}
    estimates = training_table.estimates({"machine": MACHINE, "cases": {"a": case}})
    assert "| a | 1.00 GB | 1.25 GB |" in estimates
    for table in (text, retrieval, estimates):
        assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) == 1


def _result(name):
    return json.loads((quote.RESULTS / f"{name}.json").read_text("utf-8"))


def test_training_is_as_much_faster_as_was_asked():
    """As it was measured; ``benchmarks/training.py`` measures again."""
    rates = _result("training")["samples_per_second"]
    assert rates["ours"] >= 20 * rates["1024"]
    assert rates["ours"] >= 2.5 * rates["batch-maximum"]
    assert rates["ours"] >= 2.5 * rates["batch-maximum, micro-batches of 16"]
    assert _result("training")["losses"]["largest_difference"] <= 1e-4
    assert _result("training")["resume"]["resume_share"] <= 0.05


def test_retrieval_is_as_much_faster_as_was_asked():
    for decoding in ("constrained", "free"):
        rates = _result("retrieval")[decoding]["users_per_second"]
        assert rates["ours"] >= 10 * rates["1024"]


def test_estimated_memory_is_within_30_percent():
    for case in _result("estimates")["cases"].values():
        memory = case["gigabytes"]
        assert memory["told"] == pytest.approx(memory["took"], rel=0.3)


def test_the_page_has_the_tables():
    page = (ROOT / "docs/explanation/training-speed.md").read_text("utf-8")
    for name in ("training-speed", "retrieval-speed", "training-estimates"):
        assert page.count(f"<!-- {name}:start -->") == page.count(f"<!-- {name}:end -->") == 1
        assert quote.blocks()[name] in page
