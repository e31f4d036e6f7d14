"""Several processes train as one does, from a copy of the folder, and go on after a kill."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from recexplainer.errors import ConfigError, MissingExtraError, StageError, UserError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.batches import LengthBatches, RankBatches
from recexplainer.surrogate.corpus.collator import Collator
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.surrogate_model import IGNORED
from recexplainer.surrogate.training.launcher import Launch, _free_port, train_in
from recexplainer.surrogate.training.session import read_report, train
from recexplainer.surrogate.training.trainer import Sharing
from recexplainer.surrogate.training.zero_stages import zero_config

ROOT = Path(__file__).parents[3]
BLOCKER = """
import sys

BLOCKED = {"recbole", "pluggy"}
ROOMS = {"plugins", "default_plugins", "targets", "data", "alignment", "pipeline"}

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
    changed = {"budget": 1.0, "save_every_seconds": 1e-6, "threads": 1}
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


FORKING = """
import json, os, sys

import recexplainer.surrogate.training.session
import recexplainer.surrogate.training.zero_stages

if recexplainer.surrogate.training.zero_stages.has_deepspeed():
    import deepspeed

for line in sys.stdin:
    arguments, environments = json.loads(line)
    started = []
    for environment in environments:
        child = os.fork()
        if not child:
            sys.argv[1:] = arguments
            os.environ |= environment
            from recexplainer.surrogate.training.worker import main
            try:
                code = main()
            except BaseException as error:
                sys.stderr.write(f"{error!r}\\n")
                code = 9
            os._exit(code)
        started.append(child)
    print(json.dumps(started), flush=True)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) for p in started]), flush=True)
"""


class Forked:
    """Workers without a launcher, forked from a process that has imported everything already."""

    def __init__(self, log):
        self.log = log
        with log.open("w") as said:
            self.parent = subprocess.Popen(
                [sys.executable, "-c", FORKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=said, text=True,
            )  # fmt: skip

    def start(self, place, world=2):
        common = {
            "WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world, "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": _free_port(),
        }  # fmt: skip
        ranks = [common | {"RANK": rank, "LOCAL_RANK": rank} for rank in range(world)]
        environments = [{name: str(value) for name, value in each.items()} for each in ranks]
        print(json.dumps([[str(place)], environments]), file=self.parent.stdin, flush=True)
        return json.loads(self.parent.stdout.readline())

    def codes(self):
        return json.loads(self.parent.stdout.readline())

    def train(self, place):
        self.start(place)
        assert self.codes() == [0, 0], self.log.read_text()
        return read_report(place)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A search path with which no plugin, no RecBole and no other room of ours can be imported."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text(BLOCKER)
    return f"{folder}{os.pathsep}{ROOT}"


@pytest.fixture(scope="module")
def uncompiled(tmp_path_factory):
    """A search path with no compiler on it."""
    tools = tmp_path_factory.mktemp("tools")
    for tool in ("bash", "sh", "env", "uname"):
        (tools / tool).symlink_to(shutil.which(tool))
    bare = [place for place in os.environ["PATH"].split(":") if not Path(place, "c++").exists()]
    return os.pathsep.join([str(tools), *bare])


@pytest.fixture(scope="module")
def forked(site, uncompiled, tmp_path_factory):
    away = tmp_path_factory.mktemp("forked")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"PYTHONPATH": site, "PATH": uncompiled}.items():
            patch.setenv(name, value)
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("DS_ACCELERATOR", "cpu")
        patch.chdir(away)
        workers = Forked(away / "log")
    yield workers
    workers.parent.stdin.close()
    workers.parent.wait(timeout=60)
    workers.parent.stdout.close()


@pytest.fixture
def blocked(site, tmp_path, monkeypatch):
    """What processes started from here can import: see ``site``."""
    monkeypatch.setenv("PYTHONPATH", site)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.chdir(tmp_path)


def curve(folder):
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    return np.array([[point["step"], point["loss"]] for point in map(json.loads, lines)])


def weights(folder):
    return load_file(folder / "model" / "model.safetensors")


def trained(found, expected):
    """Yield the weights of one training, those of another, and where both began."""
    after, whole, before = (
        load_file(place / name / "model.safetensors")
        for place, name in ((found, "model"), (expected, "model"), (expected, "start"))
    )
    for name, weight in whole.items():
        yield after[name], weight, before[name]


def assert_the_same(found, expected, tolerance=1e-4):
    np.testing.assert_allclose(curve(found), curve(expected), rtol=tolerance)
    for after, weight, before in trained(found, expected):
        moved = np.abs(weight - before).max()
        np.testing.assert_allclose(after, weight, atol=max(0.02 * moved, 1e-6))


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
    ("world", "micro", "expected"),
    [(1, 64, (1, 64)), (2, 64, (1, 32)), (2, 8, (4, 8)), (3, 8, (3, 8))],
)
def test_a_batch_is_cut_until_it_fits(world, micro, expected, settings):
    changed = settings.model_copy(update={"batch_size": 64})
    sharing = Sharing.of(changed, micro, world)
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


def apart(found, expected):
    """Return how far two trainings ended from each other, in the way that one of them went.

    Muon gives a matrix's faint directions the length of its strong ones, and with them the noise of
    summing in another order: single weights differ where the matrix as a whole does not.
    """
    return max(
        np.linalg.norm(after - weight) / np.linalg.norm(weight - before)
        for after, weight, before in trained(found, expected)
        if weight.ndim == 2
    )


def test_two_processes_train_as_one_with_muon(folder, alone, forked, tmp_path):
    one = copied(folder, tmp_path / "one", optimizer="muon")
    train(one, SilentProgress())
    two = copied(folder, tmp_path / "two", optimizer="muon")
    assert forked.train(two).parallel == "ddp"
    np.testing.assert_allclose(curve(two), curve(one), rtol=1e-3)
    assert apart(two, one) < 0.15
    assert apart(alone, one) > 0.5  # or else AdamW would have been compared


@pytest.mark.parametrize("parallel", ["zero2", "zero3-offload"])
def test_what_muon_was_chosen_for_is_not_cut_into_parts(parallel, folder, tmp_path):
    place = copied(folder, tmp_path / "muon", optimizer="muon", parallel=parallel)
    with pytest.raises(UserError, match=rf"{parallel} cuts .* training.optimizer=adamw"):
        train(place, SilentProgress())


def worker_pids(launcher):
    """Return the processes that the launcher has started."""
    import psutil

    children = psutil.Process(launcher.pid).children(recursive=True)
    return [
        child for child in children if "recexplainer.surrogate.training.worker" in child.cmdline()
    ]


def wait_for_a_checkpoint(place):
    until = time.monotonic() + 120
    while not list(place.glob("checkpoints/*/trainer_state.json")):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("rank", "next_time"), [(0, 2), (1, 1)])
def test_a_killed_process_ends_the_other_and_they_go_on(
    rank, next_time, folder, alone, forked, tmp_path
):
    """Without a launcher to see to it; then as many go on, or under DDP as many as one likes."""
    place = copied(folder, tmp_path / "killed")
    workers = forked.start(place)
    wait_for_a_checkpoint(place)
    os.kill(workers[rank], signal.SIGKILL)
    codes = forked.codes()
    assert codes[rank] == -signal.SIGKILL
    assert codes[1 - rank] != 0
    assert not (place / "training.jsonl").exists()
    report = forked.train(place) if next_time == 2 else train(place, SilentProgress())
    assert report.processes == next_time
    assert_the_same(place, alone)


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_process_ends_the_launcher_and_it_goes_on(rank, folder, alone, blocked, tmp_path):
    place = copied(folder, tmp_path / "killed")
    launch = Launch(processes=2)
    running = subprocess.Popen(launch.command(place))
    wait_for_a_checkpoint(place)
    (victim,) = (p for p in worker_pids(running) if p.environ()["RANK"] == str(rank))
    victim.send_signal(signal.SIGKILL)
    assert running.wait(timeout=120) != 0
    assert not (place / "training.jsonl").exists()
    train_in(place, launch, SilentProgress())
    assert_the_same(place, alone)


@pytest.mark.parametrize("parallel", ["zero2", "zero3"])
def test_deepspeed_trains_as_one_process(parallel, folder, alone, forked, tmp_path):
    """Nothing can be compiled: no compiler is on the path."""
    pytest.importorskip("deepspeed")
    place = copied(folder, tmp_path / parallel, parallel=parallel)
    report = forked.train(place)
    assert (report.processes, report.parallel) == (2, parallel)
    assert_the_same(place, alone)
    assert weights(place).keys() == weights(alone).keys()


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["zero2", "zero3"])
def test_deepspeed_trains_as_one_process_from_a_launcher(
    parallel, folder, alone, blocked, uncompiled, tmp_path, monkeypatch
):
    pytest.importorskip("deepspeed")
    monkeypatch.setenv("PATH", uncompiled)
    for launcher in ("torchrun", "deepspeed"):
        place = copied(folder, tmp_path / launcher, parallel=parallel)
        report = train_in(place, Launch(2, launcher), SilentProgress())
        assert (report.processes, report.parallel) == (2, parallel)
        assert_the_same(place, alone)


@pytest.fixture(scope="module")
def low_rank(corpus, short, byte_level, chatml, tmp_path_factory):
    """A prepared folder of a pretrained backbone, and what one process makes of it."""
    from transformers import AutoModelForCausalLM, LlamaConfig

    place = tmp_path_factory.mktemp("low_rank")
    config = LlamaConfig(
        vocab_size=512, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2,
    )  # fmt: skip
    backbone = str(place / "backbone")
    AutoModelForCausalLM.from_config(config).save_pretrained(backbone)
    byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(backbone)
    lora = short.lora.model_copy(update={"dropout": 0.0})
    recipe = Recipe(source=backbone)
    chosen = short.model_copy(update={"recipe": recipe, "lora": lora, "parallel": "ddp"})
    (place / "prepared").mkdir()
    prepare(corpus, place / "prepared", chosen, titles=(), progress=SilentProgress())
    train(copied(place / "prepared", place / "one"), SilentProgress())
    return place / "prepared", place / "one"


@pytest.mark.parametrize("parallel", ["ddp", "zero2"])
def test_low_rank_updates_are_trained_as_by_one_process(parallel, low_rank, forked, tmp_path):
    prepared, one = low_rank
    if parallel != "ddp":
        pytest.importorskip("deepspeed")
    two = copied(prepared, tmp_path / "two", parallel=parallel, gradient_checkpointing=True)
    assert forked.train(two).parallel == parallel
    np.testing.assert_allclose(curve(two), curve(one), rtol=1e-4)
    first, second = (load_file(f / "model" / "adapter_model.safetensors") for f in (one, two))
    assert first.keys() == second.keys()
    for name, weight in first.items():
        np.testing.assert_allclose(second[name], weight, atol=2e-4)


# ── several hosts ────────────────────────────────────────────────────────────────────────────────

PDSH = """#!/bin/sh
# Runs on this machine what it is asked to run on each host: pdsh -S -f 1024 -w a,b COMMAND...
printf '%s\\n' "$@" > "{asked}"
shift 5
[ -n "{dry}" ] && exit 0
printf '%s ' "$@" > "{asked}.sh"
for node in 0 1; do
    sed "s/%n/$node/" "{asked}.sh" | sh &
done
wait
[ -e "{place}/training.jsonl" ]
"""
SSH = """#!/bin/sh
# The address of any host is this machine's own.
echo 127.0.0.1
"""


@pytest.fixture
def two_hosts(tmp_path, monkeypatch):
    """A hostfile of two, and ``ssh`` and ``pdsh`` that reach them on this machine."""
    pytest.importorskip("deepspeed")
    hosts, asked, place = tmp_path / "hosts", tmp_path / "asked", tmp_path / "two hosts"
    hosts.write_text("node1 slots=1\nnode2 slots=1\n")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MASTER_PORT", _free_port())

    def write(dry):
        for name, text in {"pdsh": PDSH, "ssh": SSH}.items():
            (tmp_path / name).write_text(text.format(asked=asked, place=place, dry=dry))
            (tmp_path / name).chmod(0o755)
        return Launch(1, "deepspeed", hosts), place, asked

    return write


def test_every_host_is_told_to_start_its_workers(two_hosts, monkeypatch):
    """What DeepSpeed hands to pdsh, after it asked the first host for its address."""
    launch, place, asked = two_hosts(dry="yes")
    launch.check()
    subprocess.run(launch.command(place), check=True, capture_output=True)
    words = asked.read_text().splitlines()
    assert words[:5] == ["-S", "-f", "1024", "-w", "node1,node2"]
    assert "deepspeed.launcher.launch" in words
    for word in ("--node_rank=%n", "--master_addr=127.0.0.1", "--module"):
        assert word in words
    assert f"--master_port={os.environ['MASTER_PORT']}" in words
    (world,) = (word.removeprefix("--world_info=") for word in words if "world_info" in word)
    assert json.loads(base64.urlsafe_b64decode(world)) == {"node1": [0], "node2": [0]}
    assert words[-2:] == ["recexplainer.surrogate.training.worker", f'"{place}"']


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["ddp", "zero2"])
def test_two_hosts_of_a_hostfile_train_as_one_process(parallel, two_hosts, folder, alone, blocked):
    launch, place, _ = two_hosts(dry="")
    copied(folder, place, parallel=parallel)
    report = train_in(place, launch, SilentProgress())
    assert (report.processes, report.parallel) == (2, parallel)
    assert_the_same(place, alone)


@pytest.mark.slow
def test_torchrun_on_two_hosts_trains_as_one_process(folder, alone, blocked, tmp_path):
    """The command of the documentation, once per host."""
    place = copied(folder, tmp_path / "hosts")
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1"),
        *("--rdzv-backend", "c10d", "--rdzv-endpoint", f"127.0.0.1:{_free_port()}"),
        *("--local-addr", "127.0.0.1", "-m", "recexplainer.surrogate.training.worker", str(place)),
    ]
    hosts = [subprocess.Popen(command) for _ in range(2)]
    assert [host.wait(timeout=200) for host in hosts] == [0, 0]
    assert read_report(place).processes == 2
    assert_the_same(place, alone)


# ── offload and half precision ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("parallel", ["zero2", "zero2-offload", "zero3", "zero3-offload"])
def test_deepspeed_reads_our_configurations(parallel):
    """Its own parser, once the trainer has filled in what we leave to the settings."""
    pytest.importorskip("deepspeed")
    from deepspeed.runtime.config import DeepSpeedConfig

    def filled(part):
        if isinstance(part, dict):
            return {name: filled(value) for name, value in part.items()}
        return False if part == "auto" else part

    ours = zero_config(parallel)
    sizes = {"train_batch_size": 64, "train_micro_batch_size_per_gpu": 8}
    steps = {"gradient_accumulation_steps": 8, "gradient_clipping": 1.0}
    read = DeepSpeedConfig(filled(ours) | sizes | steps)
    assert read.zero_optimization_stage == ours["zero_optimization"]["stage"]
    assert read.zero_force_ds_cpu_optimizer is not ("offload" in parallel)
    for kind in ("optimizer", "param"):
        wanted = ours["zero_optimization"].get(f"offload_{kind}")
        found = getattr(read.zero_config, f"offload_{kind}")
        assert (found is None) == (wanted is None)
        if wanted is not None:
            assert found.device == "cpu"
            assert found.pin_memory
    fields = type(read.zero_config).model_fields
    known = {*fields, *(field.alias for field in fields.values())}
    assert ours["zero_optimization"].keys() <= known  # what it does not know, it passes over


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["zero2-offload", "zero3-offload"])
def test_offloaded_state_trains_as_in_the_device(parallel, folder, alone, forked, tmp_path):
    """On a CPU both are the same memory; what is tested is that nothing else changes."""
    place = copied(folder, tmp_path / parallel, parallel=parallel)
    assert forked.train(place).parallel == parallel
    assert_the_same(place, alone)


def test_half_precision_of_16_bits_is_refused_on_a_cpu(folder, tmp_path):
    place = copied(folder, tmp_path / "half", precision="float16")
    for processes in (1, 2):
        with pytest.raises(UserError, match="float16 is trained on GPUs only; give bfloat16"):
            train_in(place, Launch(processes), SilentProgress())
    assert not (place / "log.jsonl").exists()


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
    from recexplainer.surrogate.training.checkpoints import newest_checkpoint

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
    monkeypatch.setattr("recexplainer.surrogate.training.zero_stages.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[deepspeed\]"):
        Launch(launcher="deepspeed").check()
    place = copied(folder, tmp_path / "zero", parallel="zero2")
    with pytest.raises(ConfigError, match=r"'deepspeed' is not installed.*zero2"):
        train_in(place, Launch(processes=2), SilentProgress())


def test_processes_that_fail_are_an_error_that_keeps_everything(folder, tmp_path, monkeypatch):
    place = copied(folder, tmp_path / "failing")
    monkeypatch.setattr(Launch, "command", lambda self, folder: ["false"])
    with pytest.raises(StageError, match="exit code 1"):
        train_in(place, Launch(processes=2), SilentProgress())
    assert (place / "settings.json").exists()
