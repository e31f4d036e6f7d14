"""Drawn answers follow the model's distribution, and depend on their question alone."""

from collections import Counter

import torch

from recexplainer.surrogate.sampling import GumbelNoise


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
    assert all(len(set(texts)) > 1 for texts in together)
