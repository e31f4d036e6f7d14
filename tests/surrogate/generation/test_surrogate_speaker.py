"""What a speaker says does not depend on who else is asked; its numbers are log-probabilities."""

import numpy as np
import pytest
import torch

from recexplainer.alignment.modes import render
from recexplainer.errors import UserError
from recexplainer.records import HistorySlot, Text, Turn
from recexplainer.surrogate.generation import answer_rows, likelihood
from recexplainer.surrogate.generation.answer_wish import Wish
from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

FORMS = ("behavior", "intention", "combined")
LABELS = ("Yes", "No", "Toy Story (1995)")


@pytest.mark.parametrize("form", FORMS)
def test_answers_in_a_batch_are_those_given_alone(form, speaker_in, questions, contexts):
    together = speaker_in(form).answer(questions, contexts, max_new_tokens=8)
    alone = speaker_in(form, batch_size=1).answer(questions, contexts, max_new_tokens=8)
    assert together == alone
    assert len(set(together)) > 3  # not one answer to everything


def test_answers_come_in_the_order_of_the_questions(speaker_in, questions, contexts):
    speaker = speaker_in("combined", batch_size=3)
    answers = speaker.answer(questions, contexts, max_new_tokens=6, beams=2)
    backwards = speaker.answer(questions[::-1], contexts, max_new_tokens=6, beams=2)
    assert answers == backwards[::-1]
    assert {len(texts) for texts in answers} == {2}


def test_a_greedy_answer_takes_the_likeliest_token_each_time(
    speaker_in, questions, contexts, next_tokens
):
    speaker = speaker_in("combined")
    answers = speaker.answer(questions, contexts, max_new_tokens=4)
    for k in range(len(questions)):
        chosen: list[int] = []
        while len(chosen) < 4 and speaker.tokenizer.eos_token_id not in chosen:
            chosen.append(int(next_tokens("combined", k, chosen)[-1].argmax()))
        assert answers[k] == (speaker.tokenizer.decode(chosen, skip_special_tokens=True),)


def test_answered_questions_before_a_question_are_read(speaker_in, questions, contexts):
    shot = (*questions[1], Turn("assistant", (Text("Up (2009)"),)))
    shown = [(*shot, *question) for question in questions]
    speaker = speaker_in("behavior")
    answers = speaker.answer(shown, contexts, max_new_tokens=6)
    assert answers == speaker_in("behavior", batch_size=1).answer(shown, contexts, max_new_tokens=6)
    plain = speaker.answer(questions, contexts, max_new_tokens=6)
    assert sum(one != other for one, other in zip(answers, plain, strict=True)) > 3


@pytest.mark.parametrize("limit", [1, 4])
def test_no_answer_is_longer_than_asked(limit, speaker_in, questions, contexts):
    speaker = speaker_in("behavior")
    full = speaker.answer(questions, contexts, max_new_tokens=12)
    cut = speaker.answer(questions, contexts, max_new_tokens=limit)
    longest = max(len(speaker.tokenizer.decode([token])) for token in range(len(speaker.tokenizer)))
    for (short,), (long,) in zip(cut, full, strict=True):
        assert long.startswith(short.rstrip("\ufffd"))  # a character cut in two reads as one mark
        assert len(short) <= limit * longest
    assert any(short != long for (short,), (long,) in zip(cut, full, strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_likelihoods_are_sums_of_log_softmax(
    form, speaker_in, questions, contexts, log_probability
):
    """Batched and padded on the left, against one unpadded forward pass per pair."""
    speaker = speaker_in(form)
    scores = speaker.likelihoods(questions, contexts, [LABELS] * len(questions))
    ids = speaker.tokenizer(list(LABELS), add_special_tokens=False)["input_ids"]
    expected = [[log_probability(form, k, i) for i in ids] for k in range(len(questions))]
    assert {row.dtype for row in scores} == {np.dtype(np.float32)}
    np.testing.assert_allclose(scores, expected, rtol=2e-4, atol=2e-4)
    assert np.ptp(scores, axis=0).min() > 0.01  # questions differ, or the test shows nothing
    # Each question may have labels of its own, and none.
    offered = [LABELS[: k % (len(LABELS) + 1)] for k in range(len(questions))]
    own = speaker.likelihoods(questions, contexts, offered)
    for labels, row, all_of_them in zip(offered, own, scores, strict=True):
        np.testing.assert_allclose(row, all_of_them[: len(labels)], rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tokens", [1, 2, 5])
def test_answers_are_the_same_in_rounds(form, tokens, speaker_in, questions, contexts, monkeypatch):
    """Rows that have ended leave the batch; what is left goes on where it was."""
    speaker, wish = speaker_in(form), {"max_new_tokens": 12, "distinct": True}
    whole = speaker.answer(questions, contexts, **wish)
    monkeypatch.setattr(answer_rows, "_ROUND", tokens)
    assert speaker.answer(questions, contexts, **wish) == whole
    assert len(set(whole)) > 1


def test_rows_that_have_ended_are_asked_nothing_more(speaker_in, questions, contexts, monkeypatch):
    """Here an answer ends with what most questions are answered first."""
    speaker = speaker_in("behavior")
    _, batch = next(speaker._batches(questions, contexts, 4))
    decoding = speaker._decoding(Wish(4), None)
    written = answer_rows.write_in_rounds(speaker.model, batch, [], decoding)
    first, pad = written[:, 0].mode().values, decoding["pad_token_id"]
    decoding["eos_token_id"].append(int(first))
    ended = torch.isin(written[:, 0], torch.tensor(decoding["eos_token_id"]))
    left = int((~ended).sum())
    assert 0 < left < len(written)

    sizes, generate = [], speaker.model.generate

    def counted(**given):
        sizes.append(len(given["input_ids"]))
        return generate(**given)

    monkeypatch.setattr(speaker.model, "generate", counted)
    monkeypatch.setattr(answer_rows, "_ROUND", 1)
    again = answer_rows.write_in_rounds(speaker.model, batch, [], decoding)
    assert sizes[:2] == [len(written), left]
    assert (again[ended, 1:] == pad).all()
    assert torch.equal(again[:, 0], written[:, 0])


@pytest.mark.parametrize("most", [1, 7])
def test_likelihoods_are_the_same_however_few_logits_are_held(
    most, speaker_in, questions, contexts, monkeypatch
):
    speaker, offered = speaker_in("behavior"), [LABELS] * len(questions)
    together = speaker.likelihoods(questions, contexts, offered)
    monkeypatch.setattr(likelihood, "positions_at_once", lambda vocabulary: most)
    np.testing.assert_allclose(speaker.likelihoods(questions, contexts, offered), together, 1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_goes_on_from_its_beginning(
    form, speaker_in, questions, contexts, log_probability
):
    speaker = speaker_in(form)
    (begun, label) = speaker.tokenizer(["Up", " Toy"], add_special_tokens=False)["input_ids"]
    opened = [(*question, Turn("assistant", (Text("Up"),))) for question in questions]
    scores = speaker.likelihoods(opened, contexts, [[" Toy"]] * len(questions))
    for k, score in enumerate(scores):
        both, first = (log_probability(form, k, ids) for ids in ([*begun, *label], begun))
        assert score == pytest.approx([both - first], rel=2e-4, abs=2e-4)
    wholes = speaker.answer(questions, contexts, max_new_tokens=6)
    firsts = speaker.answer(questions, contexts, max_new_tokens=1)
    rest = [(*q, Turn("assistant", (Text(f),))) for q, (f,) in zip(questions, firsts, strict=True)]
    words = [speaker.tokenizer(f, add_special_tokens=False)["input_ids"] for (f,) in firsts]
    said = speaker.answer(rest, contexts, max_new_tokens=5)
    compared = [
        (first + more, whole)
        for (first,), (more,), (whole,), ids in zip(firsts, said, wholes, words, strict=True)
        if len(ids) == 1  # else the first token alone is no text that reads back as itself
    ]
    assert compared
    assert all(joined == whole for joined, whole in compared)


def test_only_vectors_carry_the_history_in_the_intention_form(speaker_in, contexts):
    """Two histories read the same in words there, so what differs came through the projector."""
    ask = [(Turn("user", (Text("Who is "), HistorySlot(row), Text("?"))),) for row in (0, 1)]
    scores = speaker_in("intention").likelihoods(ask, contexts, [LABELS] * 2)
    assert abs(scores[0] - scores[1]).max() > 0.01


def test_a_question_without_slots_is_answered_in_every_form(speaker_in, contexts):
    ask = [(Turn("user", (Text("Say a title."),)),)]
    said = {speaker_in(form).answer(ask, contexts, max_new_tokens=4)[0] for form in FORMS}
    assert len(said) == 1


def test_a_slot_that_the_form_cannot_say_is_an_error(speaker_in, contexts):
    ask = [(Turn("user", (HistorySlot(0, vector_only=True),)),)]
    with pytest.raises(ValueError, match="cannot be written in the behavior form"):
        speaker_in("behavior").answer(ask, contexts, max_new_tokens=2)


def test_longest_counts_the_end_token(speaker_in):
    speaker = speaker_in("behavior")
    texts = ["Yes", "Amélie (2001) and more", ""]
    assert speaker.longest(texts) == 1 + max(len(speaker.tokenizer(t)["input_ids"]) for t in texts)
    assert speaker.longest([]) == 1


def test_nobody_asked_nobody_answers(speaker_in, contexts):
    speaker = speaker_in("behavior")
    assert speaker.answer([], contexts, max_new_tokens=3) == []
    assert speaker.likelihoods([], contexts, []) == []


@pytest.mark.parametrize("wrong", ["user", "item"])
def test_vectors_of_another_width_are_refused_in_one_line(
    wrong, surrogate_folder, catalogue, user_vectors, vectors, questions, contexts
):
    given = {"user_vectors": user_vectors, "item_vectors": vectors[1]}
    if wrong == "item":
        given["item_vectors"] = np.zeros((len(catalogue), 9), np.float32)
    else:
        given["user_vectors"] = lambda histories: np.zeros((len(histories), 9), np.float32)
    with pytest.raises(
        UserError, match=r"width 9, but .* read width 6; give the recommender"
    ) as caught:
        SurrogateSpeaker(
            "x", surrogate_folder, form="combined", catalogue=catalogue, render=render, **given
        ).answer(questions, contexts, max_new_tokens=2)
    assert "\n" not in str(caught.value)


def test_an_answer_that_begins_with_too_much_is_empty_and_spoils_no_other(
    speaker_in, questions, contexts
):
    """What a poor model wrote can be longer, encoded again, than a conversation."""
    speaker = speaker_in("combined")
    much = Turn("assistant", (Text("\u00e9 " * speaker.fitter.limit),))
    alone = speaker.answer(questions, contexts, max_new_tokens=4)
    both = speaker.answer([*questions, (*questions[0], much)], contexts, max_new_tokens=4)
    assert both == [*alone, ("",)]
