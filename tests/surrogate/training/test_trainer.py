"""The trainer of low-rank updates in 16 bits: what they read is not widened and narrowed again."""

from contextlib import nullcontext

import peft.helpers
import pytest
import torch
from peft.tuners.tuners_utils import BaseTunerLayer

from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.session import train
from recexplainer.surrogate.training.trainer import SharedTrainer


@pytest.fixture(scope="module")
def chosen(on_llama, settings, tmp_path_factory):
    """Four steps of low-rank updates in bfloat16, on every machine.

    Without dropout, which divides what it keeps, and so rounds where the numbers are narrow.
    """
    torch.manual_seed(11)
    *_, recipe = on_llama(tmp_path_factory.mktemp("published"))
    given = {"precision": "bfloat16", "steps": 4, "budget": None, "threads": 1}
    lora = settings.lora.model_copy(update={"dropout": 0.0})
    return settings.model_copy(update={"recipe": recipe, "lora": lora, **given})


def trained(folder, corpus, chosen):
    folder.mkdir()
    prepare(corpus, folder, chosen, titles=(), progress=SilentProgress())
    train(folder, SilentProgress())
    return load_surrogate(folder / "model")[0].state_dict()


def test_updates_that_read_16_bits_learn_what_widened_ones_do(
    corpus, chosen, tmp_path, monkeypatch
):
    seen = set()
    step = SharedTrainer.training_step

    def watched(self, model, *given):
        layers = [layer for layer in model.modules() if isinstance(layer, BaseTunerLayer)]
        seen.update(layer.cast_input_dtype_enabled for layer in layers)
        return step(self, model, *given)

    monkeypatch.setattr(SharedTrainer, "training_step", watched)
    narrow = trained(tmp_path / "narrow", corpus, chosen)
    assert seen == {False}
    monkeypatch.setattr(peft.helpers, "disable_input_dtype_casting", lambda *_, **__: nullcontext())
    wide = trained(tmp_path / "wide", corpus, chosen)
    assert seen == {False, True}
    assert narrow.keys() == wide.keys()
    assert all(torch.equal(narrow[name], wide[name]) for name in narrow)


def test_updates_in_float32_are_trained_as_peft_has_it(corpus, chosen, tmp_path, monkeypatch):
    given = {}

    def asked(_model, active):
        given["active"] = active
        return nullcontext()

    monkeypatch.setattr(peft.helpers, "disable_input_dtype_casting", asked)
    trained(tmp_path / "run", corpus, chosen.model_copy(update={"precision": "float32"}))
    assert given == {"active": False}
