"""All that a machine lacks for a training is told at once, and nothing where it lacks nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from recexplainer.errors import ConfigError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.model import quantization as quantizing
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training import requirements
from recexplainer.surrogate.training import zero_stages as zero
from recexplainer.surrogate.training.launcher import Launch, train_in
from recexplainer.surrogate.training.requirements import training_lacks

PUBLISHED = Recipe(source="owner/model")


@pytest.fixture
def bare(monkeypatch):
    """A machine without any extra and without a GPU."""
    import torch

    for module in (zero, quantizing, requirements):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def lacks(processes=1, begun=None, **settings):
    chosen = SurrogateSettings(recipe=PUBLISHED, **settings)
    return list(training_lacks(chosen, processes, here=processes, begun=begun))


LACKING = {
    "a GPU": ({"device": "cuda"}, "surrogate.device: cuda was asked for and no CUDA device is"),
    "DeepSpeed": ({"parallel": "zero3"}, "training.parallel: 'deepspeed' is not installed; it is"),
    "bitsandbytes": ({"quantization": "4bit"}, "surrogate.quantization: 'bitsandbytes' is not in"),
    "a tracker": ({"tracker": "wandb"}, "training.tracker: 'wandb' is not installed; it is needed"),
    "half precision": ({"precision": "float16"}, "surrogate.precision: float16 is trained on GPUs"),
}


@pytest.mark.parametrize(("settings", "words"), LACKING.values(), ids=LACKING)
def test_what_is_lacking_is_one_line(settings, words, bare):
    (line,) = lacks(**settings)
    assert line.startswith(words)


def test_all_of_it_is_told_at_once(bare):
    wanted = {name: one for settings, _ in LACKING.values() for name, one in settings.items()}
    said = lacks(8, **wanted)
    # Which precision a GPU computes in is not asked where there is none.
    told = {words.partition(":")[0] for _, words in LACKING.values()} - {"surrogate.precision"}
    assert sorted(line.partition(":")[0] for line in said) == sorted(told)


def test_nothing_is_lacking_for_the_defaults(bare):
    assert lacks() == lacks(8) == lacks(device="cpu", parallel="ddp") == []


@pytest.mark.parametrize(("processes", "fits"), [(1, True), (2, True), (3, False)])
def test_each_process_needs_a_gpu(processes, fits, two_gpus):
    said = lacks(processes)
    assert (said == []) == fits
    assert lacks(processes, device="cpu") == []
    if not fits:
        assert said[0].startswith("training.processes: --nproc 3 needs as many GPUs, and 2 can be")


def test_hosts_are_not_taken_for_this_machine(two_gpus):
    assert list(training_lacks(SurrogateSettings(recipe=PUBLISHED), 8, here=0)) == []


@pytest.fixture
def begun(tmp_path):
    """A training folder with a checkpoint by four DeepSpeed processes, and a torn one behind it."""
    attributes = {"processes": 4, "parallel": "zero2"}
    state = {"stateful_callbacks": {"Recorder": {"args": {}, "attributes": attributes}}}
    for step, ranks in ((3, 4), (20, 1)):
        checkpoint = tmp_path / "checkpoints" / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "trainer_state.json").write_text(json.dumps(state))
        for rank in range(ranks):
            (checkpoint / f"rng_state_{rank}.pth").touch()
    return tmp_path


def test_a_checkpoint_that_cannot_be_continued(begun):
    (line,) = lacks(2, begun=begun)
    assert "checkpoint-3 was written by 4 processes under zero2" in line
    assert "Give --nproc 4 and training.parallel=zero2" in line
    assert len(list((begun / "checkpoints").iterdir())) == 2  # looking deletes none


def test_a_folder_that_is_trained_alone_tells_all_at_once(begun, bare):
    chosen = SurrogateSettings(recipe=PUBLISHED, parallel="zero3", quantization="8bit")
    (begun / "settings.json").write_text(chosen.model_dump_json())
    with pytest.raises(ConfigError) as refused:
        train_in(begun, Launch(processes=2), SilentProgress())
    told = [problem.partition(":")[0] for problem in refused.value.problems]
    assert told == ["training.parallel", "surrogate.quantization"]


def test_what_settings_leave_open_asks_no_library():
    script = (
        "import sys\n"
        "from recexplainer.surrogate.training.requirements import training_lacks\n"
        "from recexplainer.surrogate.model.training_settings import SurrogateSettings\n"
        "from recexplainer.records import Recipe\n"
        "given = {'parallel': 'zero2', 'quantization': '4bit', 'tracker': 'wandb'}\n"
        "chosen = SurrogateSettings(recipe=Recipe(source='owner/model'), **given)\n"
        "list(training_lacks(chosen, 1, here=1))\n"
        "assert not {'torch', 'transformers', 'deepspeed'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
