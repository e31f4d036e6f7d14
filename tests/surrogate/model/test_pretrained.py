"""Any causal language model from a folder: low-rank updates in it, projectors trained whole."""

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

from recexplainer.errors import UserError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_files import load_surrogate, save_surrogate
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate
from recexplainer.surrogate.training.session import train

ROOMY = 512
"""Rows of the embedding: more than the tokenizer has tokens, as in most published models."""


def write_backbone(folder, config, tokenizer):
    torch.manual_seed(11)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def tokenizer(byte_level, chatml):
    return byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",))


@pytest.fixture(scope="module")
def llama(tmp_path_factory, tokenizer):
    config = LlamaConfig(
        vocab_size=ROOMY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        initializer_range=0.2,
    )
    return write_backbone(tmp_path_factory.mktemp("llama"), config, tokenizer)


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory, tokenizer):
    """Its layers are named, and stored, unlike anybody else's."""
    config = GPT2Config(vocab_size=ROOMY, n_embd=32, n_layer=1, n_head=2, n_positions=128)
    return write_backbone(tmp_path_factory.mktemp("gpt2"), config, tokenizer)


def build(backbone, settings, vectors):
    chosen = settings.model_copy(update={"recipe": Recipe(source=backbone)})
    return build_surrogate(
        chosen, titles=(), texts=(), user_vectors=vectors[0], item_vectors=vectors[1]
    )


@pytest.fixture(scope="module")
def probe(vectors):
    """Return a surrogate's logits on slots and words."""

    def run(model, encoder):
        ids = torch.tensor([[7, encoder.user_id, 9, encoder.item_id, 30, 12]])
        user, item = (torch.from_numpy(kind[None, :1]) for kind in vectors)
        with torch.no_grad():
            return model(input_ids=ids, user_vectors=user, item_vectors=item).logits

    return run


@pytest.fixture(scope="module")
def trained(llama, settings, corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    chosen = {"recipe": Recipe(source=llama), "budget": 1.5, "save_every_seconds": 1e-6}
    prepare(
        corpus,
        folder,
        settings.model_copy(update=chosen),
        titles=(),
        progress=SilentProgress(),
    )
    return folder, train(folder, SilentProgress())


def test_pretrained_weights_survive_being_wrapped(llama, settings, vectors):
    model, _ = build(llama, settings, vectors)
    original = AutoModelForCausalLM.from_pretrained(llama).state_dict()
    wrapped = model.language_model.state_dict()
    assert original.keys() == wrapped.keys()
    assert all(torch.equal(original[name], wrapped[name]) for name in original)


def test_answers_ask_the_head_for_one_place_of_each_row(llama, settings, vectors):
    """And as one block: torch multiplies a slice of several rows by as many copies of the head."""
    model, _ = build(llama, settings, vectors)
    asked, ids = [], torch.tensor([[7, 9, 30, 12], [8, 9, 11, 12]])
    assert model.linear_head is not None  # which finding out asks the head as well
    head = model.get_output_embeddings()
    head.register_forward_pre_hook(lambda _, given: asked.append(given[0]))
    model.eval().generate(input_ids=ids, max_new_tokens=3, min_new_tokens=3, pad_token_id=0)
    assert [tuple(states.shape[:2]) for states in asked] == [(2, 1)] * 3
    assert all(states.is_contiguous() for states in asked)


@pytest.mark.parametrize("linear", [True, False])
def test_logits_that_are_kept_are_the_last_ones(linear, llama, settings, vectors, monkeypatch):
    model, _ = build(llama, settings, vectors)
    if not linear:
        monkeypatch.setattr(model, "linear_head", None)
    ids = torch.tensor([[7, 9, 30, 12], [8, 9, 11, 12]])
    with torch.no_grad():
        whole, kept = (model(input_ids=ids, logits_to_keep=most).logits for most in (0, 2))
    assert whole.shape[1] == 4
    assert torch.allclose(whole[:, -2:], kept, atol=1e-5)


def test_the_untrained_surrogate_comes_back_the_same(llama, settings, vectors, probe, tmp_path):
    """Also its projectors, which the backbone's own folder knows nothing of."""
    model, encoder = build(llama, settings, vectors)
    save_surrogate(model, encoder, tmp_path / "initial", Recipe(source=llama))
    loaded, again = load_surrogate(tmp_path / "initial")
    assert torch.equal(probe(model.eval(), encoder), probe(loaded, again))
    own = sum(path.stat().st_size for path in (tmp_path / "initial").glob("*.safetensors"))
    everything = sum(p.numel() for p in model.parameters()) * 4
    assert own < everything / 4  # the backbone is referred to, not copied


def test_training_learns_in_the_updates_and_the_projectors_alone(trained, llama):
    folder, report = trained
    losses = [point.loss for point in report.curve]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    assert 0 < report.trainable < report.parameters
    before, after = load_surrogate(folder / "initial")[0], load_surrogate(folder / "model")[0]
    was, now = before.state_dict(), after.state_dict()
    assert was.keys() == now.keys()
    changed = {name for name in was if not torch.equal(was[name], now[name])}
    frozen = {name for name in was if "norm" in name or "embed" in name or "lm_head" in name}
    constant = {name for name in was if name.endswith(("mean", "deviation"))}
    assert changed == was.keys() - frozen - constant


def test_saved_updates_hold_the_projectors_and_their_scale(trained, vectors):
    folder, _ = trained
    stored = load_file(folder / "model" / "adapter_model.safetensors")
    for kind, array in zip(("user", "item"), vectors, strict=True):
        (mean,) = (stored[name] for name in stored if name.endswith(f"{kind}_projector.mean"))
        np.testing.assert_allclose(mean, array.mean(0), rtol=1e-3, atol=1e-4)
    assert not any("embed_tokens" in name for name in stored)
    assert not list(folder.rglob("*.bin"))


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")  # PEFT says that it adapted itself to GPT-2
@pytest.mark.parametrize("backbone", ["llama", "gpt2"])
def test_reloaded_logits_are_those_that_were_saved(
    backbone, request, settings, vectors, probe, tmp_path
):
    """Bit by bit: as an adapter that of the adapter, and merged in that of the merged model."""
    folder = request.getfixturevalue(backbone)
    model, encoder = build(folder, settings, vectors)
    before = probe(model.eval(), encoder)
    wrapped = add_lora(model, settings).eval()
    with torch.no_grad():
        for weight in wrapped.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * 0.05)
    given = probe(wrapped, encoder)
    assert (given - before).abs().max() > 0.01
    save_surrogate(wrapped, encoder, tmp_path / "model", Recipe(source=folder))
    fresh, _ = build(folder, settings, vectors)
    adapted = PeftModel.from_pretrained(fresh, tmp_path / "model").eval()
    assert torch.equal(probe(adapted, encoder), given)
    loaded, again = load_surrogate(tmp_path / "model")
    torch.testing.assert_close(probe(loaded, again), given, rtol=1e-4, atol=1e-4)
    assert torch.equal(probe(loaded, again), probe(wrapped.merge_and_unload(), encoder))


def test_updates_leave_projectors_and_head_alone(llama, settings, vectors):
    wrapped = add_lora(build(llama, settings, vectors)[0], settings)
    updated = {name for name, _ in wrapped.named_parameters() if "lora_" in name}
    kinds = {name.split(".lora_")[0].rpartition(".")[2] for name in updated}
    assert kinds == {f"{kind}_proj" for kind in ("q", "k", "v", "o", "gate", "up", "down")}
    assert not any("projector" in name for name in updated)


def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(
    trained, corpus, llama, settings, tmp_path
):
    """Dropout included: its random numbers are part of a checkpoint."""
    whole, _ = trained

    class Interrupting:
        done = 0

        def advance(self, steps=1, **fields):
            self.done += steps
            if self.done == 5:
                raise KeyboardInterrupt

        @contextmanager
        def bar(self, label, total, *, sizes=None, done=0):
            yield self

        def note(self, message):
            pass

    for name in ("settings.json", "encoded.safetensors", "counts.json", "vectors.safetensors"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    (tmp_path / "initial").symlink_to(whole / "initial")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Interrupting())
    train(tmp_path, SilentProgress())
    expected = load_file(whole / "model" / "adapter_model.safetensors")
    found = load_file(tmp_path / "model" / "adapter_model.safetensors")
    assert expected.keys() == found.keys()
    for name in expected:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=1e-6)


def test_slots_are_never_generated(llama, settings, vectors, catalogue, contexts, tmp_path):
    """Here the slots' ids lie inside the embedding, so the model could say them."""
    from recexplainer.alignment.modes import render
    from recexplainer.records import Text, Turn
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

    model, encoder = build(llama, settings, vectors)
    assert encoder.user_id < ROOMY
    with torch.no_grad():  # let the head prefer the two slots to everything
        head = model.get_output_embeddings().weight
        head.zero_()
        embedding = model.get_input_embeddings().weight
        embedding.copy_(torch.ones_like(embedding))
        head[[encoder.user_id, encoder.item_id]] = 1.0
    saved = tmp_path / "backbone"
    model.language_model.save_pretrained(saved)
    encoder.tokenizer.save_pretrained(saved)
    save_surrogate(model, encoder, tmp_path / "model", Recipe(source=str(saved)))
    speaker = SurrogateSpeaker(
        "x", tmp_path / "model", form="behavior", catalogue=catalogue, render=render
    )
    asked = [(Turn("user", (Text("Hello?"),)),)]
    ((answer,),) = speaker.answer(asked, contexts, max_new_tokens=5)
    kept = speaker.tokenizer(answer, add_special_tokens=False)["input_ids"]
    assert not {encoder.user_id, encoder.item_id} & set(kept)


@pytest.mark.parametrize("content", ["nothing", "text", "config", "torn"])
def test_a_folder_that_is_no_model_is_refused_in_one_line(
    content, settings, vectors, llama, tmp_path
):
    folder = tmp_path / "not-a-model"
    folder.mkdir()
    if content == "text":
        (folder / "notes.txt").write_text("no model here")
    elif content == "config":
        (folder / "config.json").write_text('{"model_type": "unheard-of"}')
    elif content == "torn":
        for path in Path(llama).iterdir():
            (folder / path.name).write_bytes(
                path.read_bytes()[: 100 if "safe" in path.name else None]
            )
    with pytest.raises(UserError) as caught:
        build(str(folder), settings, vectors)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    if content in {"config", "torn"}:
        assert "give 'tiny', a local folder, or a hub id" in str(caught.value)
