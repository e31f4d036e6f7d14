"""Twelve titles, an untrained tiny surrogate over them, and other people's tokenizers."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.records import (
    Catalogue,
    Context,
    HistorySlot,
    Item,
    ItemSlot,
    Recipe,
    Rendered,
    RenderedTurn,
    Text,
    Turn,
)
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.surrogate_files import save_surrogate
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

TITLES = (
    "Toy Story (1995)",
    "Heat (1995)",
    "Am\u00e9lie (2001)",
    "\u4e03\u4eba\u306e\u4f8d (1954)",
    "Monty Python's Life of Brian (1979)",
    "“Crocodile” Dundee (1986)",
    "M*A*S*H (1970)",
    "Toy Story 2 (1999)",
    "The <user> Manual (2000)",
    "Se7en: The Movie; Part 1 (1995)",
    "Up (2009)",
    "Heathers (1988)",
)
SENTENCES = (
    "The user has watched: Toy Story (1995); Heat (1995). What will the user watch next?",
    "Will the user like “Heat (1995)”? Answer with Yes or No.",
    "Yes, because the user watched Toy Story (1995).",
    "No",
)
D_REC = 6


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Matrices of this size are multiplied faster by one thread than by several that wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def catalogue():
    return Catalogue([Item(f"i{row}", title) for row, title in enumerate(TITLES)])


@pytest.fixture(scope="session")
def sentences():
    return SENTENCES


@pytest.fixture(scope="session")
def contexts():
    histories = [("i0", "i1", "i2"), ("i3",), ("i4", "i5", "i6", "i7"), ("i8", "i9")]
    return [Context(f"u{row}", len(h), h, "leave_one_out") for row, h in enumerate(histories)]


@pytest.fixture(scope="session")
def vectors():
    """User vectors ``(30, d_rec)`` of another scale than item vectors ``(12, d_rec)``."""
    rng = np.random.default_rng(5)
    user = rng.normal(3.0, 10.0, (30, D_REC)).astype(np.float32)
    item = rng.normal(-1.0, 0.1, (len(TITLES), D_REC)).astype(np.float32)
    return user, item


@pytest.fixture(scope="session")
def settings():
    """Settings under which a test's run takes a second and is the same on every machine."""
    size = TinyBackboneConfig(layers=2, width=32, heads=2, vocabulary=512)
    return SurrogateSettings(
        recipe=tiny_recipe(size),
        tiny=size,
        batch_size=8,
        learning_rate=1e-2,
        precision="float32",
        device="cpu",
        seed=3,
    )


@pytest.fixture(scope="session")
def surrogate(settings, vectors):
    """An untrained surrogate and its encoder, with weights so large that answers differ widely."""
    model, encoder = build_surrogate(
        settings,
        titles=TITLES,
        texts=SENTENCES,
        user_vectors=vectors[0],
        item_vectors=vectors[1],
    )
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3.0)
    return model.eval(), encoder


@pytest.fixture(scope="session")
def surrogate_folder(surrogate, settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("surrogate") / "model"
    save_surrogate(*surrogate, folder, settings.recipe)
    return folder


@pytest.fixture(scope="session")
def conversation():
    """Make a conversation of ``(role, text)`` turns: ``conversation(("user", "Hi"), ...)``."""

    def make(*turns, contexts=(), items=()):
        written = tuple(RenderedTurn(role, text) for role, text in turns)
        return Rendered(written, tuple(contexts), tuple(items), "behavior")

    return make


@pytest.fixture(scope="session")
def byte_level():
    """Make a byte-level BPE tokenizer: ``byte_level(template, eos=..., bos=None, extra=())``."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    def make(template, *, eos, bos=None, extra=()):
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=list(dict.fromkeys(token for token in (bos, eos, *extra) if token)),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator([*TITLES, *SENTENCES], trainer)
        given = {"eos_token": eos, "bos_token": bos}
        wrapped = PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, **{name: token for name, token in given.items() if token}
        )
        wrapped.chat_template = template
        return wrapped

    return make


@pytest.fixture(scope="session")
def chatml():
    """The template of Qwen and many others."""
    return (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
        "{{ message['content'] }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


@pytest.fixture(scope="session")
def publish(byte_level, chatml, settings, vectors):
    """Write a model into a folder as people publish theirs: ``publish(config, folder)``.

    Returns a surrogate that is built on it, its encoder and its recipe.
    """
    from transformers import AutoModelForCausalLM

    def build(config, folder):
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(folder)
        recipe = Recipe(source=str(folder))
        model, encoder = build_surrogate(
            settings.model_copy(update={"recipe": recipe}),
            titles=(),
            texts=(),
            user_vectors=vectors[0],
            item_vectors=vectors[1],
        )
        return model, encoder, recipe

    return build


@pytest.fixture(scope="session")
def on_llama(publish):
    """Build on a small Llama: ``on_llama(folder)``, which returns what ``publish`` does."""
    from transformers import LlamaConfig

    def build(folder):
        config = LlamaConfig(
            vocab_size=512,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            initializer_range=0.2,
        )
        return publish(config, folder)

    return build


@pytest.fixture(scope="session")
def user_vectors():
    """What the target makes of histories: the sum of numbers that go with their items."""

    def look_up(histories):
        rows = [[int(item[1:]) for item in history] for history in histories]
        table = np.random.default_rng(8).normal(3.0, 10.0, (len(TITLES), D_REC))
        return np.stack([table[row].sum(0) for row in rows]).astype(np.float32)

    return look_up


@pytest.fixture(scope="session")
def speaker_in(surrogate_folder, catalogue, user_vectors, vectors):
    """Make a speaker in a form, of the small surrogate or another: ``speaker_in("combined")``."""
    from recexplainer.alignment.modes import render
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

    def make(form, *, folder=surrogate_folder, catalogue=catalogue, batch_size=128, **more):
        latent = {"user_vectors": user_vectors, "item_vectors": vectors[1]}
        return SurrogateSpeaker(
            form,
            folder,
            form=form,
            catalogue=catalogue,
            render=render,
            batch_size=batch_size,
            **more,
            **(latent if form != "behavior" else {}),
        )

    return make


@pytest.fixture(scope="session")
def questions(contexts):
    """Questions of unlike lengths, in neither their order of length nor that of their contexts."""
    asked = []
    for row in (2, 0, 3, 1):
        long = (Text("The user watched "), HistorySlot(row), Text("; what next?"))
        short = (Text("Does "), HistorySlot(row), Text(" like "), ItemSlot(f"i{row}"), Text("?"))
        bare = (HistorySlot(row),)
        asked += [(Turn("user", prompt),) for prompt in (long, bare, short)]
    return asked


@pytest.fixture(scope="session")
def next_tokens(speaker_in, questions, contexts, catalogue, user_vectors, vectors):
    """Run question ``k`` and an answer alone: no batch, no padding, no cache.

    Returns log-probabilities ``(len(answer) + 1, V)`` of the token at each place of the answer.
    """
    from recexplainer.alignment.modes import render

    speakers = {form: speaker_in(form) for form in ("behavior", "intention", "combined")}

    def run(form, k, answer):
        rendered = render(questions[k], contexts, catalogue, form)
        (question,) = speakers[form].encoder.questions([rendered])
        given = {}
        if form != "behavior":
            histories = [contexts[row].history for row in rendered.context_rows]
            given["user_vectors"] = torch.from_numpy(user_vectors(histories))[None]
            given["item_vectors"] = torch.from_numpy(vectors[1][list(rendered.item_rows)])[None]
        with torch.no_grad():
            ids = torch.tensor([[*question, *answer]])
            logits = speakers[form].model(input_ids=ids, **given).logits[0].double()
        return logits.log_softmax(-1)[len(question) - 1 :]

    return run


@pytest.fixture(scope="session")
def log_probability(next_tokens):
    """Score an answer after question ``k`` alone: ``log_probability(form, k, token ids)``."""

    def score(form, k, answer):
        return float(next_tokens(form, k, answer)[range(len(answer)), answer].sum())

    return score


@pytest.fixture(scope="session")
def corpus(tmp_path_factory, catalogue, vectors):
    """An alignment folder of 50 examples: what is next for a user vector, and whether one likes."""
    from datasets import Dataset
    from safetensors.numpy import save_file

    rows = []
    for row in range(30):
        title = catalogue.titles[int(abs(vectors[0][row, 0])) % 3]
        texts = ["The user \ue000 watched things; what next?", title]
        rows.append({"texts": texts, "context_rows": [row], "item_rows": []})
    for row in range(20):
        answer = "Yes" if vectors[0][row, 1] > 3 else "No"
        rows.append(
            {
                "texts": ["Does \ue000 like \ue001?", answer],
                "context_rows": [row],
                "item_rows": [row % len(catalogue)],
            }
        )
    common = {"roles": ["user", "assistant"], "form": "intention", "task": "next", "droppable": []}
    common |= {"liked_rows": [], "liked_shares": [], "labels": [], "label_shares": []}
    folder = tmp_path_factory.mktemp("corpus")
    Dataset.from_list([row | common | {"id": str(k)} for k, row in enumerate(rows)]).save_to_disk(
        folder / "train"
    )
    save_file({"user": vectors[0], "item": vectors[1]}, folder / "vectors.safetensors")
    return folder


@pytest.fixture(scope="session")
def asked_places():
    """Tell the words of users' turns: ``asked_places(ids, model)``."""
    return _asked_places


@pytest.fixture(scope="session")
def pointed_logits():
    """Compute logits one word at a time: ``pointed_logits(model, ids, embedded)``."""
    return _pointed_logits


def _asked_places(ids, model):
    """Return for each place of a row whether it is a user's word."""
    begins, answers = model.config.turn_ids
    inside, found = False, []
    for token in ids.tolist():
        inside = token != answers and (inside or token == begins)
        found.append(inside)
    return found


def _pointed_logits(model, ids, embedded):
    """Return the logits of one row: the language model's, and what each word before adds.

    Args:
        model: a surrogate with a pointer.
        ids: ``(T,)``.
        embedded: ``(1, T, d_llm)``.
    """
    read = model.language_model(inputs_embeds=embedded, output_hidden_states=True)
    entering, leaving = (read.hidden_states[place][0] for place in (-2, -1))
    pointer, config = model.pointer, model.config
    silent = {config.user_token_id, config.item_token_id, config.turn_ids[0]}
    words, states = (
        found / (found.pow(2).mean(1, keepdim=True) + torch.finfo(found.dtype).eps).sqrt()
        for found in (embedded[0], entering)
    )
    keys = pointer.key(states) + words @ pointer.word.weight.T
    logits, asked = list(read.logits[0]), _asked_places(ids, model)
    queries, item = [], 0.0 * pointer.item(words[0])  # has gradients, of 0, where none is asked
    for place, token in enumerate(ids.tolist()):
        if asked[place] and token == config.item_token_id:
            item = pointer.item(words[place])
        weights = pointer.weight(leaving[place])
        parts = [
            weight * part for weight, part in zip(weights, item.chunk(len(weights)), strict=True)
        ]
        queries.append(pointer.query(leaving[place]) + torch.cat(parts))
    agreed = torch.stack(queries) @ keys.T / config.pointer**0.5
    for place, token in enumerate(ids.tolist()):
        if asked[place] and token not in silent:
            one = functional.one_hot(ids[place], len(logits[0]))
            for later in range(place, len(ids)):
                logits[later] = logits[later] + agreed[later, place] * one
    return torch.stack(logits)
