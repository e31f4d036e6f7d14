"""Orders of offered titles against brute force: all of them written out and cut into tokens."""

import itertools

import pytest

from recexplainer.records import Text, Turn
from recexplainer.surrogate.generation.offered_orders import OfferedOrders
from recexplainer.surrogate.model.token_encoder import Encoder

OFFERED = ("i0", "i7", "i8", "i9", "i3")
"""One title begins another, one reads like a special token, one holds the separator."""


@pytest.fixture(params=["tiny", "byte level"])
def encoder(request, speaker_in, byte_level, chatml):
    if request.param == "tiny":
        return speaker_in("behavior").encoder
    return Encoder(byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)))


def all_orders(encoder, titles):
    """Return the tokens of every order, written as a text and cut as one."""
    texts = ["; ".join(order) for order in itertools.permutations(titles)]
    return sorted((*ids, encoder.end_id) for ids in encoder.words(texts))


def all_walks(orders):
    found, begun = [], [()]
    while begun:
        path = begun.pop()
        following = orders.next_of(path)
        begun += [(*path, token) for token in following]
        if not following:
            found.append(path)
    return sorted(found)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_walks_are_the_orders_and_nothing_else(encoder, catalogue, count):
    titles = [catalogue.title(item) for item in OFFERED[:count]]
    assert all_walks(OfferedOrders(titles, encoder)) == all_orders(encoder, titles)


def test_a_token_over_the_separator_is_kept_whole(byte_level, chatml):
    """As a vocabulary that has ``); `` as one token cuts what it has learned."""
    encoder = Encoder(byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)))
    titles = ["Heat (1995)", "Up (2009)"]
    (ids,) = encoder.words(["; ".join(titles)])
    assert any(");" in encoder.tokenizer.decode([token]) for token in ids)
    assert (*ids, encoder.end_id) in all_walks(OfferedOrders(titles, encoder))


def test_a_title_that_begins_with_another_and_the_separator(encoder):
    titles = ["Up", "Up; Down", "Down"]
    walks = all_walks(OfferedOrders(titles, encoder))
    assert walks == sorted(set(all_orders(encoder, titles)))


def test_what_begins_no_order_leads_nowhere(encoder, catalogue):
    titles = [catalogue.title("i1"), catalogue.title("i10")]
    orders = OfferedOrders(titles, encoder)
    assert orders.next_of([encoder.end_id]) == []
    assert set(orders.next_of([])) == {ids[0] for ids in encoder.words(titles)}


def test_no_order_is_longer_than_told(encoder, catalogue):
    titles = [catalogue.title(item) for item in OFFERED]
    longest = max(map(len, all_orders(encoder, titles)))
    assert longest <= OfferedOrders(titles, encoder).longest() <= 2 * longest


@pytest.fixture
def greedy_order(speaker_in, next_tokens):
    """Decode among all orders written out, a token at a time: no batch, no padding, no cache."""
    encoder = speaker_in("behavior").encoder

    def decode(form, k, titles):
        left, chosen = all_orders(encoder, titles), []
        while any(len(order) > len(chosen) for order in left):
            likely = next_tokens(form, k, chosen)[-1]
            chosen.append(max({order[len(chosen)] for order in left}, key=lambda t: likely[t]))
            left = [order for order in left if list(order[: len(chosen)]) == chosen]
        return encoder.tokenizer.decode(chosen, skip_special_tokens=True)

    return decode


@pytest.mark.parametrize("form", ["behavior", "combined"])
def test_orders_are_decoded_greedily(
    form, speaker_in, questions, contexts, catalogue, greedy_order
):
    offered = [(*OFFERED[k % 5 :], *OFFERED[: k % 5])[: 2 + k % 4] for k in range(len(questions))]
    speaker = speaker_in(form)
    found = speaker.orders(questions, contexts, offered, max_new_tokens=4)
    for k, items in enumerate(offered):
        titles = [catalogue.title(item) for item in items]
        assert found[k].kept in {"; ".join(order) for order in itertools.permutations(titles)}
        assert found[k].kept == greedy_order(form, k, titles)
    assert len({pair.kept for pair in found}) > 5
    alone = speaker_in(form, batch_size=1)
    assert alone.orders(questions, contexts, offered, max_new_tokens=4) == found


@pytest.mark.parametrize("limit", [1, 6, 40])
def test_free_orders_are_those_of_a_free_answer(limit, speaker_in, questions, contexts):
    """Whether the others end before them or after."""
    speaker, offered = speaker_in("combined"), [OFFERED[:2]] * len(questions)
    found = speaker.orders(questions, contexts, offered, max_new_tokens=limit)
    free = speaker.answer(questions, contexts, max_new_tokens=limit, distinct=True)
    assert [(pair.free,) for pair in found] == free
    assert len(set(free)) > 3


def test_a_question_that_does_not_fit_has_neither(speaker_in, contexts):
    speaker = speaker_in("behavior")
    long = (Turn("user", (Text("what next? " * speaker.fitter.limit),)),)
    short = (Turn("user", (Text("what next?"),)),)
    pairs = speaker.orders([long, short], contexts, [OFFERED[:2]] * 2, max_new_tokens=4)
    assert pairs[0] == ("", "")
    assert pairs[1].kept
