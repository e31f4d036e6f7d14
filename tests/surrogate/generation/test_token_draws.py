"""Drawn answers follow the model's distribution, and depend on their question alone."""

import logging
from collections import Counter

import torch

from recexplainer.surrogate.generation.token_draws import GumbelNoise


def test_the_largest_noisy_logit_is_drawn_as_often_as_the_distribution_says():
    logits = torch.tensor([1.0, 0.0, -1.0, -torch.inf])
    rows = 4000
    for temperature in (1.0, 0.5):
        noise = GumbelNoise(list(range(rows)), temperature)
        drawn = noise(torch.zeros(rows, 1), logits.expand(rows, -1)).argmax(1)
        counts = Counter(drawn.tolist())
        expected = torch.softmax(logits / temperature, 0)
        for token, share in enumerate(expected.tolist()):
            assert abs(counts[token] / rows - share) < 0.03


def test_a_row_draws_the_same_whatever_else_is_in_the_batch():
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(1))
    together = GumbelNoise([7, 8, 9], 1.0)
    alone = GumbelNoise([8], 1.0)
    for _ in range(3):  # step after step
        whole = together(torch.zeros(3, 1), logits)
        single = alone(torch.zeros(1, 1), logits[1:2])
        assert torch.equal(whole[1:2], single)


def test_a_question_draws_the_same_answers_alone_and_in_a_batch(speaker_in, questions, contexts):
    drawn = {"max_new_tokens": 6, "beams": 3, "temperature": 1.0}
    together = speaker_in("combined").answer(questions, contexts, **drawn)
    alone = speaker_in("combined", batch_size=1).answer(questions, contexts, **drawn)
    assert together == alone
    assert {len(texts) for texts in together} == {3}
    assert sum(len(set(texts)) > 1 for texts in together) > len(together) / 2


def test_the_nucleus_holds_the_fewest_tokens_that_reach_its_probability():
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    rows = 3000
    noise = GumbelNoise(list(range(rows)), 1.0, top_p=0.7)
    drawn = noise(torch.zeros(rows, 1), logits.expand(rows, -1)).argmax(1)
    counts = Counter(drawn.tolist())
    assert set(counts) == {0, 1}  # 0.5 alone falls short of 0.7, and 0.8 reaches it
    assert abs(counts[0] / rows - 0.5 / 0.8) < 0.03


def test_the_nucleus_is_that_of_the_divided_logits():
    """At temperature 2 these are so much closer that three are needed to reach 0.9."""
    logits = torch.tensor([0.85, 0.09, 0.04, 0.02]).log()
    for temperature, expected in ((1.0, {0, 1}), (2.0, {0, 1, 2})):
        noise = GumbelNoise(list(range(2000)), temperature, top_p=0.9)
        drawn = noise(torch.zeros(2000, 1), logits.expand(2000, -1)).argmax(1)
        assert set(drawn.tolist()) == expected


def test_another_seed_draws_other_answers_and_the_same_seed_the_same(
    speaker_in, questions, contexts
):
    drawn = {"max_new_tokens": 6, "temperature": 1.0}
    speaker = speaker_in("combined")
    first = speaker.answer(questions, contexts, **drawn)
    speaker.seed = 1
    second = speaker.answer(questions, contexts, **drawn)
    assert first != second
    assert second == speaker.answer(questions, contexts, **drawn)
    greedy = speaker.answer(questions, contexts, max_new_tokens=6)
    speaker.seed = 0
    assert greedy == speaker.answer(questions, contexts, max_new_tokens=6)


def test_a_nucleus_of_almost_nothing_is_greedy(speaker_in, questions, contexts):
    speaker = speaker_in("combined")
    drawn = speaker.answer(questions, contexts, max_new_tokens=6, temperature=1.0, top_p=1e-6)
    assert drawn == speaker.answer(questions, contexts, max_new_tokens=6)


def test_the_library_is_told_nothing_that_it_ignores(speaker_in, questions, contexts):
    heard: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: heard.append(record.getMessage())
    logging.getLogger("transformers").addHandler(listener)
    try:
        speaker_in("combined").answer(
            questions, contexts, max_new_tokens=3, beams=3, temperature=1.0
        )
    finally:
        logging.getLogger("transformers").removeHandler(listener)
    assert heard == []
