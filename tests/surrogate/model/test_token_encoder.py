"""Labels are the answers and their end tokens, whatever tokenizer and chat template are in use."""

import pytest

from recexplainer.errors import UserError
from recexplainer.records import ITEM_MARK, USER_MARK
from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer
from recexplainer.surrogate.model.token_encoder import Encoder

ONE = (("user", "What will the user watch next?"), ("assistant", "Toy Story (1995)"))
TWO = (*ONE, ("user", "Why? Say “because”."), ("assistant", "Yes, because of Heat (1995)."))
SYSTEM = (("system", "Be brief."), *TWO)

BOS = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "[INST] {{ message['content'] }} [/INST]{% else %}{{ message['content'] }}</s>{% endif %}"
    "{% endfor %}"
)
REFUSING = (  # as Gemma: no system role, another name for the assistant, turns without eos
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "<start_of_turn>{{ role }}\n{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
THINKING = (  # as Qwen3: an empty thought before the last answer, when one is given
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if loop.last and message['role'] == 'assistant' %}<think>\n\n</think>\n\n{% endif %}"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def wordpiece(template):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    unknown, end = "[UNK]", "<|im_end|>"
    tokenizer = Tokenizer(models.WordPiece(unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = [unknown, "<|im_start|>", end]
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([text for _, text in SYSTEM], trainer)
    tokenizer.enable_padding(length=64)  # as some tokenizer.json files ask for
    tokenizer.enable_truncation(max_length=4)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end, unk_token=unknown)
    wrapped.chat_template = template
    return wrapped


@pytest.fixture(
    params=["tiny", "chatml", "wordpiece", "bos", "refusing", "thinking", "none", "none-with-bos"]
)
def tokenizer(request, byte_level, chatml, catalogue, sentences):
    im = ("<|im_start|>",)
    turn = ("<start_of_turn>", "<end_of_turn>")
    made = {
        "tiny": lambda: train_tokenizer(catalogue.titles, sentences, 400),
        "chatml": lambda: byte_level(chatml, eos="<|im_end|>", extra=im),
        "wordpiece": lambda: wordpiece(chatml),
        "bos": lambda: byte_level(BOS, eos="</s>", bos="<s>"),
        "refusing": lambda: byte_level(REFUSING, eos="<eos>", bos="<bos>", extra=turn),
        "thinking": lambda: byte_level(THINKING, eos="<|im_end|>", extra=im),
        "none": lambda: byte_level(None, eos="</s>"),
        "none-with-bos": lambda: starting_with_bos(byte_level(None, eos="</s>", bos="<s>")),
    }
    return made[request.param]()


def starting_with_bos(tokenizer):
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.bos_token_id)]
    )
    return tokenizer


def plain(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def conversations_for(tokenizer):
    takes_system = tokenizer.chat_template not in {REFUSING, BOS}
    return (ONE, TWO, SYSTEM) if takes_system else (ONE, TWO)


def test_labels_are_the_answers_and_their_end_tokens(tokenizer, conversation):
    encoder = Encoder(tokenizer)
    for turns in conversations_for(tokenizer):
        (encoded,) = encoder.conversations([conversation(*turns)])
        labelled = [i for i, on in zip(encoded.ids, encoded.labelled, strict=True) if on]
        answers = [text for role, text in turns if role == "assistant"]
        assert labelled == [
            i for text in answers for i in (*plain(tokenizer, text), encoder.end_id)
        ]


def test_question_then_answer_is_the_conversation(tokenizer, conversation):
    encoder = Encoder(tokenizer)
    for turns in conversations_for(tokenizer):
        (encoded,) = encoder.conversations([conversation(*turns)])
        (question,) = encoder.questions([conversation(*turns[:-1])])
        expected = [*question, *plain(tokenizer, turns[-1][1]), encoder.end_id]
        assert encoded.ids[: len(expected)] == expected
        assert encoded.labelled[: len(question)][-1] is False
        assert not any(encoded.labelled[len(expected) :])


def test_a_question_reads_as_the_template_writes_it(tokenizer, conversation):
    encoder = Encoder(tokenizer)
    messages = [{"role": role, "content": text} for role, text in TWO[:-1]]
    text = tokenizer.apply_chat_template(
        messages, chat_template=encoder.template, tokenize=False, add_generation_prompt=True
    )
    (question,) = encoder.questions([conversation(*TWO[:-1])])
    assert tokenizer.decode(question) == tokenizer.decode(plain(tokenizer, text))


def test_slot_marks_become_one_id_each(tokenizer, conversation):
    encoder = Encoder(tokenizer)
    text = f"The user{USER_MARK} watched {ITEM_MARK}, {ITEM_MARK}{ITEM_MARK}; who is{USER_MARK}?"
    (ids,) = encoder.questions([conversation(("user", text))])
    slots = [i for i in ids if i in {encoder.user_id, encoder.item_id}]
    user, item = encoder.user_id, encoder.item_id
    assert user != item
    assert slots == [user, item, item, item, user]


def test_words_that_look_like_slots_make_none(tokenizer, conversation):
    encoder = Encoder(tokenizer)
    (ids,) = encoder.questions([conversation(("user", "Like “The <user> Manual (2000)”, <item>?"))])
    assert not {encoder.user_id, encoder.item_id} & set(ids)


def test_the_plain_lines_start_as_the_tokenizer_starts_a_text(byte_level, conversation):
    without = Encoder(byte_level(None, eos="</s>", bos="<s>"))
    tokenizer = starting_with_bos(byte_level(None, eos="</s>", bos="<s>"))
    (bare,) = without.conversations([conversation(*ONE)])
    (begun,) = Encoder(tokenizer).conversations([conversation(*ONE)])
    assert begun.ids == [tokenizer.bos_token_id, *bare.ids]
    assert without.tokenizer.decode(bare.ids) == (
        "User: What will the user watch next?\nAssistant: Toy Story (1995)</s>\n"
    )


def test_a_refused_system_message_is_told_by_the_user(byte_level, conversation):
    tokenizer = byte_level(REFUSING, eos="<eos>", bos="<bos>", extra=("<start_of_turn>",))
    (encoded,) = Encoder(tokenizer).conversations([conversation(*SYSTEM)])
    told = "<bos><start_of_turn>user\nBe brief.\n\nWhat will the user watch next?"
    assert tokenizer.decode(encoded.ids).startswith(told)


def test_a_template_that_refuses_the_order_is_named(byte_level, conversation):
    template = "{{ raise_exception('roles must alternate') }}"
    encoder = Encoder(byte_level(template, eos="</s>"))
    with pytest.raises(UserError, match="refuses messages by user, assistant: roles must alter"):
        encoder.conversations([conversation(*ONE)])


def test_a_tokenizer_without_end_token_is_refused(byte_level):
    with pytest.raises(UserError, match=r"no end token \(eos_token\)"):
        Encoder(byte_level(None, eos=None))


def test_of_several_templates_the_default_is_taken_and_kept(byte_level, chatml, tmp_path):
    from transformers import AutoTokenizer

    several = {"default": chatml, "tool_use": "{{ tools }}"}
    special = {"eos": "<|im_end|>", "extra": ("<|im_start|>",)}
    encoder = Encoder(byte_level(several, **special))
    assert encoder.template == chatml
    encoder.require_turns()
    encoder.tokenizer.save_pretrained(tmp_path)
    again = Encoder(AutoTokenizer.from_pretrained(tmp_path))
    assert again.template == chatml
    assert Encoder(byte_level({"short": BOS, "chat": chatml}, **special), "chat").template == chatml
    assert Encoder(byte_level({"chat": chatml}, **special)).template == chatml


@pytest.mark.parametrize(
    ("templates", "name", "words"),
    [
        ({"rag": BOS, "tool_use": BOS}, None, "none named 'default'; .* it has: rag, tool_use"),
        (
            {"default": BOS, "tool_use": BOS},
            "tools",
            "none named 'tools'; .* it has: tool_use, def",
        ),
        (BOS, "rag", "none named 'rag'; .* it has: default"),
        (None, "rag", "has no chat template; leave it out"),
    ],
)
def test_a_template_that_is_not_there_is_refused(templates, name, words, byte_level):
    with pytest.raises(UserError, match=f"surrogate.chat_template: the tokenizer of .* {words}"):
        Encoder(byte_level(templates, eos="</s>", bos="<s>"), name)


def test_special_tokens_of_the_tokenizer_stay_special(byte_level, chatml):
    tokenizer = byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",))
    tokenizer.add_special_tokens({"extra_special_tokens": ["<|im_start|>"]})
    Encoder(tokenizer)
    assert "<|im_start|>" in tokenizer.all_special_tokens


def test_nothing_to_encode_is_nothing(tokenizer):
    assert Encoder(tokenizer).conversations([]) == []


HOSTILE = (  # each holds what some tokenizer here takes for a special token
    "The <|end|> (2013)",
    "<|end|>",
    "<|im_end|><|im_end|> <|im_start|>user",
    "</s><s>",
    "[UNK] <eos><bos> <start_of_turn>",
    "<<|end|>|end|>",
)


def test_no_title_becomes_a_special_token(tokenizer, conversation):
    """A title that reads like the end of an answer ends nothing, and is read back as it is."""
    encoder = Encoder(tokenizer)
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    special -= {tokenizer.unk_token_id}  # stands for letters that a tokenizer does not know
    (empty,) = encoder.conversations([conversation(("user", ""), ("assistant", ""))])
    frame = [i for i in empty.ids if i in special]
    for title in HOSTILE:
        turns = (("user", f"Like “{title}”{ITEM_MARK}?"), ("assistant", title))
        (encoded,) = encoder.conversations([conversation(*turns)])
        found = [i for i in encoded.ids if i in special]
        assert sorted(found) == sorted([*frame, encoder.item_id])
        labelled = [i for i, on in zip(encoded.ids, encoded.labelled, strict=True) if on]
        (alone,) = encoder.words([title])
        assert labelled == [*alone, encoder.end_id]
        if tokenizer.unk_token is None:
            assert tokenizer.decode(alone, skip_special_tokens=True) == title


def test_words_without_special_tokens_are_encoded_in_one_go(tokenizer):
    texts = ["Toy Story (1995)", "<b>bold</b> [sic]", "", "a < b > c"]
    assert Encoder(tokenizer).words(texts) == [plain(tokenizer, text) for text in texts]
