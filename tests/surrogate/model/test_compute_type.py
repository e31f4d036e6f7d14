"""One decision about the compute type, and everything large is computed in it."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AutoModelForCausalLM, LlamaConfig

from recexplainer.errors import UserError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare, read_settings
from recexplainer.surrogate.model import compute_type
from recexplainer.surrogate.model.compute_type import (
    ComputeRates,
    asking_precision,
    choose_device,
    choose_precision,
    measured_rates,
    torch_type,
)
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training import training_plan
from recexplainer.surrogate.training.session import train
from recexplainer.surrogate.training.training_plan import keep_plan


@pytest.fixture
def clock(monkeypatch):
    """A machine on which products take as long as a test says, by type."""
    seconds = {}

    def taken(product, _device):
        return seconds[product.args[0].dtype]

    monkeypatch.setattr(compute_type, "_seconds", taken)
    measured_rates.cache_clear()
    yield seconds
    measured_rates.cache_clear()


@pytest.mark.parametrize(
    ("float32", "bfloat16", "expected"),
    [
        (1.0, 20.0, "float32"),  # emulated
        (1.0, 1.0, "float32"),  # native and no faster
        (1.0, 0.9, "float32"),  # too little to pay for the casts
        (1.0, 0.5, "bfloat16"),  # native and fast
    ],
)
def test_the_faster_type_is_taken(clock, float32, bfloat16, expected):
    clock.update({torch.float32: float32, torch.bfloat16: bfloat16})
    assert choose_precision("auto", "cpu") == expected


def test_rates_are_operations_by_seconds(clock):
    clock.update({torch.float32: 0.5, torch.bfloat16: 2.0})
    rates = measured_rates("cpu")
    rows, inner, columns = 2048, 128, 384
    assert rates.float32 == pytest.approx(2 * rows * inner * columns / 0.5 / 1e9)
    assert rates.bfloat16 == pytest.approx(rates.float32 / 4)


def test_this_machine_is_measured_once():
    assert measured_rates("cpu") is measured_rates("cpu")
    assert measured_rates("cpu").float32 > 0


def test_what_was_asked_for_is_kept():
    assert choose_precision("float32", "cpu") == "float32"
    assert choose_precision("bfloat16", "cpu") == "bfloat16"
    with pytest.raises(UserError, match="float16 is trained on GPUs only"):
        choose_precision("float16", "cpu")


def test_what_gpus_trained_in_float16_can_be_asked_on_a_cpu():
    assert asking_precision("float16", "cpu") == choose_precision("auto", "cpu")
    assert asking_precision("float16", "cuda") == "float16"
    assert asking_precision("bfloat16", "cpu") == "bfloat16"


def test_cuda_is_refused_where_there_is_none():
    if torch.cuda.is_available():
        assert choose_device("cuda") == choose_device("auto") == "cuda"
        return
    assert choose_device("auto") == choose_device("cpu") == "cpu"
    with pytest.raises(UserError, match="no CUDA device is visible"):
        choose_device("cuda")


class Products(TorchDispatchMode):
    """Notes the types of matrix products above a size."""

    NAMES = ("mm", "addmm", "bmm", "baddbmm", "linear", "matmul")

    def __init__(self, least):
        super().__init__()
        self.least, self.types, self.counted = least, set(), 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if name in self.NAMES:
            matrices = [a for a in args if isinstance(a, torch.Tensor) and a.ndim >= 2]
            left, right = matrices[-2:]
            a_batch = left.shape[-2] > 3  # the model is asked for its head with three tokens
            if a_batch and left.numel() * right.shape[-1] >= self.least:
                self.counted += 1
                self.types |= {left.dtype, right.dtype}
        return func(*args, **(kwargs or {}))


@pytest.fixture(params=["float32", "bfloat16"])
def fast(request, monkeypatch):
    """The name of the type that this machine is made to believe in."""
    rates = {"float32": 1.0, "bfloat16": 1.0} | {request.param: 100.0}
    monkeypatch.setattr(
        compute_type, "measured_rates", lambda device: ComputeRates(device, **rates)
    )
    monkeypatch.setattr(training_plan, "measured_rates", compute_type.measured_rates)
    return request.param


LARGE = 20_000
"""Multiplications of a product: those of layers have more, those of rotations fewer."""


def prepared(folder, corpus, settings, titles, **changed):
    chosen = settings.model_copy(update={"precision": "auto", "budget": 0.5, **changed})
    folder.mkdir()
    prepare(corpus, folder, chosen, titles=titles, progress=SilentProgress())
    return folder


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_training_multiplies_in_the_fast_type_alone(
    fast, optimizer, settings, corpus, catalogue, tmp_path
):
    """Forward, backward and the optimizer's own products."""
    folder = prepared(tmp_path / "tiny", corpus, settings, catalogue.titles, optimizer=optimizer)
    with Products(LARGE) as seen:
        report = train(folder, SilentProgress())
    assert report.precision == fast
    assert seen.counted > 50
    assert seen.types == {torch_type(fast)}


def test_a_published_backbone_is_held_and_trained_in_the_fast_type(
    fast, published, settings, corpus, vectors, tmp_path
):
    """Its weights lie on disk in bfloat16, as most do."""
    folder = prepared(
        tmp_path / "lora",
        corpus,
        settings,
        (),
        recipe=Recipe(source=str(published)),
        optimizer="adamw",
    )
    with Products(LARGE) as seen:
        train(folder, SilentProgress())
    assert seen.types == {torch_type(fast)}
    trained, _ = load_surrogate(folder / "model", precision=fast)
    inner = trained.language_model
    assert {weight.dtype for weight in inner.parameters()} == {torch_type(fast)}
    ids = torch.full((4, 16), 3)
    with Products(LARGE) as seen, torch.no_grad():
        inner.generate(ids, max_new_tokens=2, do_sample=False, pad_token_id=0)
    assert seen.counted
    assert seen.types == {torch_type(fast)}


def test_the_type_is_decided_once_and_kept(
    fast, settings, corpus, catalogue, tmp_path, monkeypatch
):
    """A resumed training goes on in the type it began in, whatever is measured then."""
    folder = prepared(tmp_path / "tiny", corpus, settings, catalogue.titles)
    first = keep_plan(folder, read_settings(folder))
    other = {"float32": "bfloat16", "bfloat16": "float32"}[fast]
    monkeypatch.setattr(training_plan, "choose_precision", lambda wanted, device: other)
    assert keep_plan(folder, read_settings(folder)) == first
    assert first.precision == fast
    assert "billion operations a second" in first.reason


@pytest.fixture
def published(byte_level, chatml, tmp_path):
    tokenizer = byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",))
    config = LlamaConfig(
        vocab_size=512,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        initializer_range=0.2,
    )
    folder = tmp_path / "published"
    AutoModelForCausalLM.from_config(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
