"""The head at labelled positions gives the loss and the gradients of the stock model's forward."""

import pytest
import torch
from torch import nn
from transformers import (
    CONFIG_MAPPING,
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
)

from recexplainer.surrogate.model import surrogate_model as model_module
from recexplainer.surrogate.model.head import LinearHead, find_head
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_model import IGNORED, SurrogateLM

VOCABULARY, WIDTH = 96, 32
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": None,
    "bos_token_id": None,
    "eos_token_id": None,
}
GROUPED = {**COMMON, "num_key_value_heads": 2}
HEADS = {**GROUPED, "head_dim": 8}
GPT = {"vocab_size": VOCABULARY, "n_embd": WIDTH, "n_layer": 2, "n_head": 4, "n_positions": 64}
ONCE = LinearHead()
KINDS = {
    "llama": (GROUPED, ONCE),
    "mistral": (GROUPED, ONCE),
    "qwen2": (GROUPED, ONCE),
    "qwen3": (HEADS, ONCE),
    "phi3": (GROUPED, ONCE),
    "phi": (GROUPED, ONCE),  # its head has a bias
    "gpt2": (GPT, ONCE),
    "gpt_neox": (COMMON, ONCE),
    "gptj": (GPT | {"rotary_dim": 4}, ONCE),  # so has this one's
    "gemma": (HEADS, ONCE),
    "gemma2": ({**HEADS, "final_logit_softcapping": 3.0}, LinearHead(cap=3.0)),
    "gemma3_text": (HEADS, ONCE),
    "granite": ({**GROUPED, "logits_scaling": 6.0}, LinearHead(after=1 / 6)),
    "cohere": ({**GROUPED, "logit_scale": 0.3}, LinearHead(after=0.3)),
    "olmo2": (GROUPED, ONCE),
    "falcon": (
        {key: COMMON[key] for key in COMMON if key != "intermediate_size"},
        ONCE,
    ),
    "starcoder2": (GROUPED, ONCE),
    "stablelm": (GROUPED, ONCE),
    "opt": (
        {key: COMMON[key] for key in COMMON if "intermediate" not in key}
        | {"ffn_dim": 48, "word_embed_proj_dim": WIDTH},
        ONCE,
    ),
    "bloom": ({"vocab_size": VOCABULARY, "hidden_size": WIDTH, "n_layer": 2, "n_head": 4}, ONCE),
    "mixtral": ({**GROUPED, "num_local_experts": 3, "num_experts_per_tok": 2}, ONCE),
}


def built(config, language_model=None):
    """Return a surrogate in training, without anything random, whose logits are far from zero."""
    torch.manual_seed(7)
    model = SurrogateLM(
        SurrogateLMConfig(config, user_token_id=VOCABULARY, item_token_id=VOCABULARY + 1),
        language_model,
    )
    with torch.no_grad():
        for weight in model.language_model.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    return model.train()


def made(kind):
    given, _ = KINDS[kind]
    config = CONFIG_MAPPING[kind](**given)
    for name in vars(config):
        if "drop" in name and isinstance(getattr(config, name), float):
            setattr(config, name, 0.0)
    return built(config)


@pytest.fixture
def batch():
    """Three rows, of which a third is learned, some positions at either end."""
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(0, VOCABULARY, (3, 17), generator=generator)
    learned = torch.rand(3, 17, generator=generator) < 0.3
    learned[0, :2] = learned[1, -2:] = True
    return {"input_ids": ids, "labels": ids.masked_fill(~learned, IGNORED)}


def loss_and_gradients(model, loss):
    model.zero_grad()
    loss.backward()
    weights = model.named_parameters()
    return loss.item(), {name: w.grad for name, w in weights if w.grad is not None}


def assert_as_the_stock_forward(model, batch, rtol=1e-4):
    language_model = model.language_model  # PEFT passes the name on
    found, ours = loss_and_gradients(model, model(**batch).loss)
    expected, theirs = loss_and_gradients(model, language_model(**batch, use_cache=False).loss)
    assert found == pytest.approx(expected, rel=1e-6)
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=rtol, atol=1e-6, msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_gradients_are_those_of_the_stock_forward(kind, batch):
    model, (_, expected) = made(kind), KINDS[kind]
    found, head = ([h.before, h.after, h.cap or 0.0] for h in (model.linear_head, expected))
    assert found == pytest.approx(head, rel=1e-6)
    assert_as_the_stock_forward(model, batch)


def test_a_plain_head_multiplies_labelled_positions_alone(batch, monkeypatch):
    model, rows = made("llama"), []
    whole = model_module.matrix_loss

    def noted(read, *given):
        rows.append(len(read))
        return whole(read, *given)

    monkeypatch.setattr(model_module, "matrix_loss", noted)
    model(**batch)
    assert rows == [int((batch["labels"][:, 1:] != IGNORED).sum())]


def test_autocast_multiplies_as_the_stock_forward_does(batch):
    model = made("llama")
    with torch.autocast("cpu", torch.bfloat16):
        value = model(**batch).loss
        stock = model.language_model(**batch, use_cache=False).loss
    found, ours = loss_and_gradients(model, value)
    expected, theirs = loss_and_gradients(model, stock)
    assert found == pytest.approx(expected, rel=1e-3)
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        assert (ours[name] - gradient).norm() < 0.02 * gradient.norm(), name


@pytest.mark.parametrize("kind", ["gemma2", "granite", "cohere"])
def test_the_head_runs_on_labelled_positions_alone(kind, batch):
    model, rows = made(kind), []
    model.linear_head  # noqa: B018  # what asks for it runs the head as well
    model.get_output_embeddings().register_forward_hook(
        lambda _, given, __: rows.append(given[0].shape[:-1].numel())
    )
    model(**batch)
    assert rows == [int((batch["labels"][:, 1:] != IGNORED).sum())]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", ["gemma2", "granite", "cohere", "phi"])
def test_half_precision_finds_the_same_head(kind, dtype):
    whole, half = made(kind), made(kind).to(dtype)
    assert half.linear_head.after == pytest.approx(whole.linear_head.after, rel=4e-3)
    assert (half.linear_head.cap is None) == (whole.linear_head.cap is None)


def test_a_scale_before_the_head_is_found(batch):
    """Some families divide hidden states by the width they were tuned at."""

    class Divided(LlamaForCausalLM):
        def forward(self, *given, labels=None, **kwargs):
            hidden = self.model(*given, **kwargs).last_hidden_state
            return whole(self, self.lm_head(hidden / 24), labels)

    model = built(LlamaConfig(**GROUPED), Divided(LlamaConfig(**GROUPED)))
    assert model.linear_head.before == pytest.approx(1 / 24, rel=1e-6)
    assert_as_the_stock_forward(model, batch)


def whole(model, logits, labels):
    from transformers.modeling_outputs import CausalLMOutput

    loss = None if labels is None else model.loss_function(logits, labels, VOCABULARY)
    return CausalLMOutput(loss=loss, logits=logits)


# ── heads that are something else ────────────────────────────────────────────────────────────────


class Mutant(LlamaForCausalLM):
    """A Llama whose forward does ``before`` and ``after`` around its head."""

    before, after = staticmethod(lambda hidden: hidden), staticmethod(lambda logits: logits)

    def forward(self, *given, labels=None, **kwargs):
        hidden = self.model(*given, **kwargs).last_hidden_state
        return whole(self, self.after(self.lm_head(self.before(hidden))), labels)


def shifted(logits):
    return logits + torch.linspace(0, 1, VOCABULARY)


MUTANTS = {
    "a square after it": {"after": lambda logits: logits + 0.01 * logits**2},
    "a kink far out": {"after": lambda logits: logits.clamp(-500.0, 500.0)},
    "a cap of another shape": {"after": lambda logits: 30 * torch.arctan(logits / 30)},
    "a bias after it": {"after": shifted},
    "a sigmoid before it": {"before": torch.sigmoid},
    "another head's work before it": {"before": lambda hidden: hidden + hidden.roll(1, -1)},
    "earlier tokens": {"before": lambda hidden: hidden.cumsum(1)},
    "dropout before it": {"before": lambda hidden: nn.functional.dropout(hidden, 0.2)},
}


@pytest.mark.parametrize("name", MUTANTS)
def test_what_is_not_linear_takes_its_own_way(name, batch):
    kind = type("Kind", (Mutant,), {k: staticmethod(work) for k, work in MUTANTS[name].items()})
    model = built(LlamaConfig(**GROUPED), kind(LlamaConfig(**GROUPED)))
    assert model.linear_head is None
    if "dropout" not in name:
        assert_as_the_stock_forward(model, batch)


def test_a_head_that_is_no_module_takes_its_own_way(batch):
    class Product(LlamaForCausalLM):
        def forward(self, *given, labels=None, **kwargs):
            hidden = self.model(*given, **kwargs).last_hidden_state
            return whole(self, hidden @ self.lm_head.weight.T, labels)

    model = built(LlamaConfig(**GROUPED), Product(LlamaConfig(**GROUPED)))
    assert model.linear_head is None
    assert_as_the_stock_forward(model, batch)


def test_a_masked_language_model_has_a_transform_in_its_head(batch):
    model = built(CONFIG_MAPPING["bert"](**COMMON | {"is_decoder": True, "pad_token_id": 0}))
    assert model.linear_head is None


# ── around it ────────────────────────────────────────────────────────────────────────────────────


def test_asking_changes_nothing():
    model = made("gemma2")
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    assert find_head(model.language_model.eval()) == model.linear_head
    assert torch.equal(torch.rand(3), expected)
    assert not model.language_model.training
    assert not model.get_output_embeddings()._forward_hooks
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("kind", ["gemma3_text", "gemma2", "granite", "gpt2"])
@pytest.mark.filterwarnings("ignore:fan_in_fan_out")  # PEFT says that it adapted itself to GPT-2
def test_low_rank_updates_and_checkpointing_change_nothing(kind, checkpointing, settings, batch):
    lora = settings.lora.model_copy(update={"dropout": 0.0})
    model = add_lora(made(kind), settings.model_copy(update={"lora": lora}))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.1)  # they start at zero
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    assert model.train().linear_head is not None
    assert_as_the_stock_forward(model, batch)


def test_an_updated_head_is_used_as_it_is_updated(settings, batch):
    lora = settings.lora.model_copy(update={"dropout": 0.0, "targets": ("lm_head", "q_proj")})
    model = add_lora(made("cohere"), settings.model_copy(update={"lora": lora})).train()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.1)
    assert model.linear_head.after == pytest.approx(0.3, rel=1e-6)
    assert_as_the_stock_forward(model, batch)


def test_the_stock_models_are_what_the_table_says():
    """Otherwise an oracle could be one of ours."""
    for kind in KINDS:
        model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**KINDS[kind][0]))
        assert type(model).__module__.startswith("transformers.")
