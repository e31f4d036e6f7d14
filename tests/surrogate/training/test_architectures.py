"""Every architecture with its own kind of tokenizer and template: learns, answers, comes back."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
)

from recexplainer.records import (
    ITEM_MARK,
    USER_MARK,
    HistorySlot,
    Recipe,
    SilentProgress,
    Text,
    Turn,
)
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.collator import Collator
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_files import load_surrogate, save_surrogate
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate
from recexplainer.surrogate.training.session import train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:fan_in_fan_out"),  # PEFT adapts itself to GPT-2
]

LLAMA_2 = (  # <s>[INST] <<SYS>> ... [/INST] answer </s>: the system is told inside the first turn
    "{% if messages[0]['role'] == 'system' %}{% set told = messages[0]['content'] %}"
    "{% set messages = messages[1:] %}{% endif %}"
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ bos_token }}[INST] "
    "{% if loop.first and told is defined %}<<SYS>>\n{{ told }}\n<</SYS>>\n\n{% endif %}"
    "{{ message['content'] | trim }} [/INST]{% else %} {{ message['content'] | trim }} "
    "{{ eos_token }}{% endif %}{% endfor %}"
)
LLAMA_3 = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}"
    "<|end_header_id|>\n\n{{ message['content'] | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
QWEN_2 = (  # writes a message of the system of its own where none is given
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN_3 = (  # an empty thought before the last answer, when one is given
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if loop.last and message['role'] == 'assistant' %}<think>\n\n</think>\n\n{% endif %}"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MISTRAL = (  # refuses messages that do not take turns, those of a system among them
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}"
    "{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]"
    "{% else %} {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
PHI_3 = (  # ends turns with a token of their own, and the last one with eos besides
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% else %}{{ eos_token }}{% endif %}"
)
GEMMA = (  # no system; the assistant is called model; turns end without eos
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "<start_of_turn>{{ role }}\n{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)

SMALL = {
    "vocab_size": 512,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
    "pad_token_id": None,
    "bos_token_id": None,
    "eos_token_id": None,
}
HEADS = {**SMALL, "head_dim": 16}


@dataclass(frozen=True)
class Kind:
    """A published family in miniature: its layers, its tokenizer and what it is told to write."""

    config: object
    pieces: str
    template: str | None
    eos: str
    end: str
    bos: str | None = None
    extra: tuple[str, ...] = ()


IM = ("<|im_start|>", "<|im_end|>")
TURNS = ("<start_of_turn>", "<end_of_turn>")
KINDS = {
    "llama-2": Kind(LlamaConfig(**SMALL), "metaspace", LLAMA_2, "</s>", "</s>", "<s>"),
    "llama-3": Kind(
        LlamaConfig(**SMALL),
        "bytes",
        LLAMA_3,
        "<|end_of_text|>",
        "<|eot_id|>",
        "<|begin_of_text|>",
        ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ),
    "qwen2": Kind(Qwen2Config(**SMALL), "bytes", QWEN_2, "<|im_end|>", "<|im_end|>", extra=IM),
    "qwen3": Kind(Qwen3Config(**HEADS), "bytes", QWEN_3, "<|im_end|>", "<|im_end|>", extra=IM),
    "mistral": Kind(MistralConfig(**SMALL), "metaspace", MISTRAL, "</s>", "</s>", "<s>"),
    "phi3": Kind(
        Phi3Config(**SMALL),
        "metaspace",
        PHI_3,
        "<|endoftext|>",
        "<|end|>",
        "<s>",
        ("<|user|>", "<|assistant|>", "<|system|>", "<|end|>"),
    ),
    "gemma": Kind(GemmaConfig(**HEADS), "spaces", GEMMA, "<eos>", "<end_of_turn>", "<bos>", TURNS),
    "gemma2": Kind(
        Gemma2Config(**HEADS, final_logit_softcapping=2.0, query_pre_attn_scalar=16),
        "spaces",
        GEMMA,
        "<eos>",
        "<end_of_turn>",
        "<bos>",
        TURNS,
    ),
    "gemma3": Kind(
        Gemma3TextConfig(**HEADS, query_pre_attn_scalar=16),
        "spaces",
        GEMMA,
        "<eos>",
        "<end_of_turn>",
        "<bos>",
        TURNS,
    ),
    "gpt2": Kind(
        GPT2Config(
            vocab_size=512, n_embd=32, n_layer=2, n_head=2, n_positions=256, initializer_range=0.2
        ),
        "bytes",
        None,
        "<|endoftext|>",
        "<|endoftext|>",
        "<|endoftext|>",
    ),
}
ONE = (("user", "What will the user watch next?"), ("assistant", "Toy Story (1995)"))
TWO = (*ONE, ("user", "Why? Say “because”."), ("assistant", "Yes, because of Amélie (2001)."))
TOLD = (("system", "Be brief."), *TWO)


def with_pieces(kind, texts):
    """Return a tokenizer as such models have: unigrams or bytes, a beginning added or not."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = list(dict.fromkeys(token for token in (kind.bos, kind.eos, *kind.extra) if token))
    if kind.pieces == "bytes":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
    else:
        tokenizer = Tokenizer(models.Unigram())
        if kind.pieces == "metaspace":  # a space before each text, as sentencepiece puts
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
            tokenizer.decoder = decoders.Metaspace()
        else:  # Gemma: spaces are marked, none is put
            tokenizer.normalizer = normalizers.Replace(" ", "▁")
            tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
            tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
        trainer = trainers.UnigramTrainer(
            vocab_size=400,
            special_tokens=["<unk>", *special],
            unk_token="<unk>",  # noqa: S106
            initial_alphabet=sorted({letter for text in texts for letter in text} - {" "}),
            show_progress=False,
        )
    tokenizer.train_from_iterator(texts, trainer)
    if kind.bos and kind.pieces != "bytes":
        tokenizer.post_processor = TemplateProcessing(
            single=f"{kind.bos} $A", special_tokens=[(kind.bos, tokenizer.token_to_id(kind.bos))]
        )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=kind.eos,
        **({"bos_token": kind.bos} if kind.bos else {}),
        **({"unk_token": "<unk>"} if kind.pieces != "bytes" else {}),
    )
    wrapped.chat_template = kind.template
    return wrapped


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(scope="module")
def backbone(kind, catalogue, sentences, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone")
    torch.manual_seed(11)
    texts = [*catalogue.titles, *sentences, *(text for _, text in TOLD)]
    with_pieces(kind, texts * 3).save_pretrained(folder)
    AutoModelForCausalLM.from_config(kind.config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def chosen(backbone, settings):
    rate = {"batch_size": 16, "budget": 2.0, "learning_rate": 1e-2}
    return settings.model_copy(update={"recipe": Recipe(source=backbone), **rate})


@pytest.fixture(scope="module")
def fresh(chosen, vectors):
    """Return an untrained surrogate and its encoder."""

    def build():
        return build_surrogate(
            chosen, titles=(), texts=(), user_vectors=vectors[0], item_vectors=vectors[1]
        )

    return build


@pytest.fixture(scope="module")
def encoder(fresh):
    return fresh()[1]


@pytest.fixture(scope="module")
def trained(chosen, corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    prepare(corpus, folder, chosen, titles=(), progress=SilentProgress())
    return folder, train(folder, SilentProgress())


def labelled_runs(encoded):
    """Return the ids of each stretch that carries loss."""
    runs, last = [], False
    for token, on in zip(encoded.ids, encoded.labelled, strict=True):
        if on and not last:
            runs.append([])
        if on:
            runs[-1].append(token)
        last = on
    return runs


@pytest.mark.parametrize("turns", [ONE, TWO, TOLD], ids=["one", "two", "told"])
def test_labels_decode_to_the_answers_and_their_end_tokens(kind, encoder, conversation, turns):
    (encoded,) = encoder.conversations([conversation(*turns)])
    said = [encoder.tokenizer.decode(run) for run in labelled_runs(encoded)]
    assert said == [text + kind.end for role, text in turns if role == "assistant"]


@pytest.mark.parametrize("turns", [ONE, TWO, TOLD], ids=["one", "two", "told"])
def test_an_answer_follows_what_the_template_asks_with(encoder, conversation, turns):
    """The oracle is the template on the whole conversation, not on placeholders."""
    messages = [{"role": role, "content": text} for role, text in turns[:-1]]
    if not encoder._takes_system and messages[0]["role"] == "system":
        told = messages.pop(0)["content"]
        messages[0]["content"] = f"{told}\n\n{messages[0]['content']}"
    text = encoder.tokenizer.apply_chat_template(
        messages, chat_template=encoder.template, tokenize=False, add_generation_prompt=True
    )
    (question,) = encoder.questions([conversation(*turns[:-1])])
    whole = encoder.tokenizer(text, add_special_tokens=False)["input_ids"]

    def written(ids):  # pieces are encoded one by one, which may differ in spaces alone
        return "".join(encoder.tokenizer.decode(ids).split())

    assert written(question) == written(whole)
    (encoded,) = encoder.conversations([conversation(*turns)])
    assert encoded.ids[: len(question)] == question
    assert encoded.labelled[len(question)]
    assert not encoded.labelled[len(question) - 1]


def test_a_beginning_is_written_once_where_the_family_has_one(kind, encoder, conversation):
    (encoded,) = encoder.conversations([conversation(*ONE)])
    bos = encoder.tokenizer.bos_token_id
    begun = kind.template is not None and "bos_token" in kind.template
    question = encoded.ids[: encoded.labelled.index(True)]
    assert question.count(bos) == (1 if begun else 0)
    assert (question[0] == bos) is begun


def test_slots_cost_no_row_of_the_embedding(kind, fresh, backbone):
    model, encoder = fresh()
    original = AutoModelForCausalLM.from_pretrained(backbone)
    before, after = (m.get_input_embeddings().weight for m in (original, model))
    assert before.shape[0] == kind.config.vocab_size
    assert torch.equal(before, after)
    assert len({encoder.user_id, encoder.item_id, encoder.end_id}) == 3


def test_training_leaves_embedding_and_head_alone(trained, chosen, fresh):
    folder, report = trained
    assert report.curve[-1].loss < report.curve[0].loss
    wrapped = add_lora(fresh()[0], chosen)
    ends = (wrapped.get_input_embeddings(), wrapped.get_output_embeddings())
    learned = {id(p) for p in wrapped.parameters() if p.requires_grad}
    assert not any(id(p) in learned for module in ends for p in module.parameters())
    before, after = (load_surrogate(folder / name)[0] for name in ("initial", "model"))
    for pick in ("get_input_embeddings", "get_output_embeddings"):
        assert torch.equal(getattr(before, pick)().weight, getattr(after, pick)().weight)
    was, now = before.state_dict(), after.state_dict()
    changed = {name for name in was if not torch.equal(was[name], now[name])}
    assert any("user_projector" in name for name in changed)
    assert any("language_model" in name for name in changed)


def test_the_loss_is_that_of_whole_logits_one_by_one(fresh, conversation, vectors):
    """Also of heads that scale or cap: the oracle runs the stock model on embedded tokens."""
    model, encoder = fresh()
    model.eval()
    ask = f"Does {USER_MARK} like {ITEM_MARK}?"
    rendered = [
        conversation(("user", ask), ("assistant", "Yes"), contexts=(3,), items=(1,)),
        conversation(*TWO),
    ]
    encoded = encoder.conversations(rendered)
    corpus = EncodedCorpus.build(encoded, rendered)
    batch = Collator(*vectors, 0)([corpus[0], corpus[1]])
    total, count = 0.0, 0
    with torch.no_grad():
        loss = float(model(**batch).loss)
        for k, one in enumerate(encoded):
            slots = {name: batch[name][k : k + 1] for name in ("user_vectors", "item_vectors")}
            embedded = model.embed(torch.tensor([one.ids]), **slots)
            logits = model.language_model(inputs_embeds=embedded).logits[0, :-1]
            on = torch.tensor(one.labelled[1:])
            wanted = torch.tensor(one.ids[1:])[on]
            total += float(functional.cross_entropy(logits[on], wanted, reduction="sum"))
            count += len(wanted)
    assert loss == pytest.approx(total / count, abs=1e-4)


def test_saved_and_reloaded_it_gives_the_same_logits(fresh, chosen, vectors, tmp_path):
    """Against the wrapped model in memory, whose updates are not merged and far from zero."""
    model, encoder = fresh()
    ids = torch.tensor([[7, encoder.user_id, 9, encoder.item_id, 30, 12]])
    user, item = (torch.from_numpy(array[None, :1]) for array in vectors)

    def logits(asked):
        with torch.no_grad():
            return asked(input_ids=ids, user_vectors=user, item_vectors=item).logits

    raw = logits(model.eval())
    wrapped = add_lora(model, chosen).eval()
    with torch.no_grad():
        for weight in wrapped.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * 0.05)
    learned = logits(wrapped)
    assert (learned - raw).abs().max() > 0.01
    save_surrogate(wrapped, encoder, tmp_path / "model", chosen.recipe)
    loaded, again = load_surrogate(tmp_path / "model")
    torch.testing.assert_close(logits(loaded), learned, rtol=1e-3, atol=1e-3)
    assert (again.user_id, again.item_id, again.end) == (
        encoder.user_id,
        encoder.item_id,
        encoder.end,
    )


def test_it_answers_alone_as_in_a_batch(trained, catalogue, contexts, user_vectors, vectors):
    """Left padding, positions, caches of every kind and beams change no word."""
    from recexplainer.alignment.modes import render

    speaker = SurrogateSpeaker(
        "hybrid",
        trained[0] / "model",
        form="combined",
        catalogue=catalogue,
        render=render,
        user_vectors=user_vectors,
        item_vectors=vectors[1],
    )
    endings = ("?", ", what is next?", ": the next one, say?")
    asked = [
        (Turn("user", (Text("After "), HistorySlot(row), Text(words))),)
        for row, words in enumerate(endings)
    ]

    def answers(batch_size):
        speaker.batch_size = batch_size
        free = speaker.answer(asked, contexts, max_new_tokens=4)
        titles = speaker.answer(asked, contexts, max_new_tokens=0, beams=3, constrained=True)
        labels = [("Yes", "Up (2009)")] * len(asked)
        return free, titles, np.stack(speaker.likelihoods(asked, contexts, labels))

    (free, titles, scores), alone = answers(3), answers(1)
    assert free == alone[0]
    assert titles == alone[1]
    assert {title for three in titles for title in three} <= set(catalogue.titles)
    assert abs(scores - alone[2]).max() < 1e-3
