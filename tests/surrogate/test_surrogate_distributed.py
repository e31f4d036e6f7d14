"""Several processes train as one does, from a copy of the folder, and go on after a kill."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from recexplainer.errors import MissingExtraError, StageError, UserError
from recexplainer.records import SilentProgress
from recexplainer.surrogate.batching import Collator, LengthBatches, RankBatches
from recexplainer.surrogate.launching import Launch, train_in
from recexplainer.surrogate.model import IGNORED
from recexplainer.surrogate.preparing import prepare
from recexplainer.surrogate.training import Sharing, train

ROOT = Path(__file__).parents[2]
BLOCKER = """
import sys

BLOCKED = {"recbole", "pluggy"}
ROOMS = {"plugins", "default_plugins", "targets", "data", "alignment", "pipeline", "config"}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        ours = parts[0] == "recexplainer" and len(parts) > 1 and parts[1] in ROOMS
        if parts[0] in BLOCKED or ours:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture(scope="module")
def short(settings):
    """One pass over 50 examples, the last batch of two: 7 steps, each checkpointed."""
    changed = {"budget": 1.0, "save_every_seconds": 0.0, "threads": 1}
    return settings.model_copy(update=changed)


@pytest.fixture(scope="module")
def folder(corpus, short, catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    prepare(corpus, folder, short, titles=catalogue.titles, progress=SilentProgress())
    return folder


@pytest.fixture(scope="module")
def alone(folder, tmp_path_factory):
    """What one process makes of the folder."""
    place = copied(folder, tmp_path_factory.mktemp("alone") / "training")
    train(place, SilentProgress())
    return place


def copied(folder, place, **changed):
    shutil.copytree(folder, place)
    settings = json.loads((place / "settings.json").read_text()) | changed
    (place / "settings.json").write_text(json.dumps(settings))
    return place


@pytest.fixture
def blocked(tmp_path, monkeypatch):
    """Processes started from here can import no plugin, no RecBole, and not our own other rooms."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BLOCKER)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{ROOT}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.chdir(tmp_path)


def curve(folder):
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    return np.array([[point["step"], point["loss"]] for point in map(json.loads, lines)])


def weights(folder):
    return load_file(folder / "model" / "model.safetensors")


def assert_the_same(found, expected, tolerance=1e-4):
    np.testing.assert_allclose(curve(found), curve(expected), rtol=tolerance)
    after, whole, before = (
        load_file(place / name / "model.safetensors")
        for place, name in ((found, "model"), (expected, "model"), (expected, "start"))
    )
    for name, weight in whole.items():
        moved = np.abs(weight - before[name]).max()
        np.testing.assert_allclose(after[name], weight, atol=max(0.02 * moved, 1e-6))


# ── how a batch is shared ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("world", "parts"), [(1, 1), (2, 1), (3, 2), (4, 4)])
def test_the_shares_of_a_step_are_the_batch(world, parts):
    lengths = np.random.default_rng(0).integers(5, 90, 70)
    whole = LengthBatches(lengths, 16, seed=1)
    shares = [RankBatches(whole, parts=parts, rank=rank, world=world) for rank in range(world)]
    for epoch in (0, 1):
        shares[0].set_epoch(epoch)  # they hold the same batches
        rounds = [list(share) for share in shares]
        assert {len(each) for each in rounds} == {len(shares[0])} == {parts * 5}
        for step, batch in enumerate(whole.batches()):
            seen = [k for each in rounds for part in each[step * parts :][:parts] for k in part]
            assert sorted(seen) == sorted(batch.tolist())


def test_shares_of_a_step_are_of_like_lengths():
    """The slowest process decides; none gets all the long ones."""
    lengths = np.random.default_rng(0).lognormal(4, 0.6, 6400).astype(np.int64)
    whole = LengthBatches(lengths, 64, seed=1)
    pair = [RankBatches(whole, parts=1, rank=rank, world=2) for rank in range(2)]
    for one, other in zip(*pair, strict=True):
        assert lengths[one].max() == pytest.approx(lengths[other].max(), rel=0.35)


@pytest.mark.parametrize(
    ("world", "micro", "expected"), [(1, None, (1, 64)), (2, 8, (4, 8)), (3, 8, (3, 8))]
)
def test_a_batch_is_cut_until_it_fits(world, micro, expected, settings, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", str(world))
    monkeypatch.setenv("RANK", "0")
    changed = settings.model_copy(update={"batch_size": 64, "micro_batch_size": micro})
    sharing = Sharing.of(changed)
    assert (sharing.parts, sharing.micro) == expected
    assert sharing.parts * sharing.micro * world >= 64


def test_a_share_without_examples_is_one_row_without_labels():
    batch = Collator(np.ones((4, 2)), np.ones((3, 3)), pad_id=9)([])
    assert batch["input_ids"].tolist() == [[9]]
    assert batch["labels"].tolist() == [[IGNORED]]
    assert batch["user_vectors"].shape == (1, 1, 2)


# ── training ─────────────────────────────────────────────────────────────────────────────────────


def test_micro_batches_and_checkpointing_change_nothing(folder, alone, tmp_path):
    less = copied(folder, tmp_path / "less", micro_batch_size=3, gradient_checkpointing=True)
    train(less, SilentProgress())
    assert_the_same(less, alone)


def test_two_processes_train_as_one_from_a_copy_alone(folder, alone, blocked, tmp_path):
    place = copied(folder, tmp_path / "elsewhere")
    report = train_in(place, Launch(processes=2), SilentProgress())
    assert (report.processes, report.parallel, report.steps) == (2, "ddp", 7)
    assert_the_same(place, alone)
    assert not (place / "checkpoints").exists()
    again = train_in(place, Launch(processes=2), SilentProgress())  # is done, starts nothing
    assert again == report


def worker_pids(launcher):
    """Return the processes that the launcher has started."""
    import psutil

    children = psutil.Process(launcher.pid).children(recursive=True)
    return [child for child in children if "recexplainer.surrogate.worker" in child.cmdline()]


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_process_ends_all_and_they_go_on(rank, folder, alone, blocked, tmp_path):
    place = copied(folder, tmp_path / "killed", budget=1.0)
    launch = Launch(processes=2)
    running = subprocess.Popen(launch.command(place))
    while running.poll() is None and not list(place.glob("checkpoints/*/trainer_state.json")):
        time.sleep(0.02)
    (victim,) = (p for p in worker_pids(running) if p.environ()["RANK"] == str(rank))
    victim.send_signal(signal.SIGKILL)
    assert running.wait(timeout=120) != 0
    assert not (place / "training.jsonl").exists()
    train_in(place, launch, SilentProgress())
    assert_the_same(place, alone)


@pytest.mark.slow
def test_another_number_of_processes_goes_on_under_ddp(folder, alone, blocked, tmp_path):
    place = copied(folder, tmp_path / "fewer")
    running = subprocess.Popen(Launch(processes=2).command(place))
    while running.poll() is None and not list(place.glob("checkpoints/*/trainer_state.json")):
        time.sleep(0.02)
    running.terminate()
    running.wait(timeout=120)
    train(place, SilentProgress())
    assert_the_same(place, alone)


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["zero2", "zero3"])
def test_deepspeed_trains_as_one_process(parallel, folder, alone, blocked, tmp_path, monkeypatch):
    pytest.importorskip("deepspeed")
    compilers = [
        where for where in os.environ["PATH"].split(":") if not Path(where, "c++").exists()
    ]
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "sh", "env", "uname"):
        (tools / tool).symlink_to(shutil.which(tool))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tools), *compilers]))  # nothing can be compiled
    place = copied(folder, tmp_path / parallel, parallel=parallel)
    report = train_in(place, Launch(processes=2), SilentProgress())
    assert (report.processes, report.parallel) == (2, parallel)
    assert_the_same(place, alone)
    assert weights(place).keys() == weights(alone).keys()


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["ddp", "zero2"])
def test_low_rank_updates_are_trained_as_by_one_process(
    parallel, corpus, short, byte_level, chatml, blocked, tmp_path
):
    from transformers import AutoModelForCausalLM, LlamaConfig

    if parallel != "ddp":
        pytest.importorskip("deepspeed")
    config = LlamaConfig(
        vocab_size=512, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2,
    )  # fmt: skip
    backbone = str(tmp_path / "backbone")
    AutoModelForCausalLM.from_config(config).save_pretrained(backbone)
    byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(backbone)
    lora = short.lora.model_copy(update={"dropout": 0.0})
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    chosen = short.model_copy(update={"backbone": backbone, "lora": lora, "parallel": "ddp"})
    prepare(corpus, one, chosen, titles=(), progress=SilentProgress())
    copied(one, two, parallel=parallel, gradient_checkpointing=True)
    train(one, SilentProgress())
    assert train_in(two, Launch(processes=2), SilentProgress()).parallel == parallel
    np.testing.assert_allclose(curve(two), curve(one), rtol=1e-4)
    first, second = (load_file(f / "model" / "adapter_model.safetensors") for f in (one, two))
    assert first.keys() == second.keys()
    for name, weight in first.items():
        np.testing.assert_allclose(second[name], weight, atol=2e-4)


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_checkpoint_of_other_deepspeed_processes_is_refused(folder, tmp_path):
    place = copied(folder, tmp_path / "other", parallel="ddp")
    checkpoint = place / "checkpoints" / "checkpoint-3"
    checkpoint.mkdir(parents=True)
    attributes = {"processes": 4, "parallel": "zero2"}
    state = {"stateful_callbacks": {"Recorder": {"args": {}, "attributes": attributes}}}
    (checkpoint / "trainer_state.json").write_text(json.dumps(state))
    for rank in range(4):
        (checkpoint / f"rng_state_{rank}.pth").touch()
    with pytest.raises(UserError, match=r"4 processes under zero2.*--nproc 4"):
        train_in(place, Launch(processes=2), SilentProgress())
    assert checkpoint.exists()


def test_a_checkpoint_that_lacks_a_process_is_passed_over(folder, tmp_path):
    from recexplainer.surrogate.checkpoints import newest_checkpoint

    attributes = {"processes": 2, "parallel": "ddp"}
    state = {"stateful_callbacks": {"Recorder": {"args": {}, "attributes": attributes}}}
    for step, ranks in ((3, (0, 1)), (6, (0,))):
        checkpoint = tmp_path / "checkpoints" / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "trainer_state.json").write_text(json.dumps(state))
        for rank in ranks:
            (checkpoint / f"rng_state_{rank}.pth").touch()
    assert Path(newest_checkpoint(tmp_path)).name == "checkpoint-3"


def test_what_cannot_be_launched_is_said_first(folder, tmp_path, monkeypatch):
    hosts = tmp_path / "hosts"
    with pytest.raises(UserError, match="--launcher deepspeed"):
        Launch(hostfile=hosts).check()
    with pytest.raises(UserError, match="there is no file"):
        Launch(launcher="deepspeed", hostfile=hosts).check()
    monkeypatch.setattr("recexplainer.surrogate.zero.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[deepspeed\]"):
        Launch(launcher="deepspeed").check()
    place = copied(folder, tmp_path / "zero", parallel="zero2")
    with pytest.raises(MissingExtraError, match="zero2"):
        train_in(place, Launch(processes=2), SilentProgress())


def test_processes_that_fail_are_an_error_that_keeps_everything(folder, tmp_path, monkeypatch):
    place = copied(folder, tmp_path / "failing")
    monkeypatch.setattr(Launch, "command", lambda self, folder: ["false"])
    with pytest.raises(StageError, match="exit code 1"):
        train_in(place, Launch(processes=2), SilentProgress())
    assert (place / "settings.json").exists()
