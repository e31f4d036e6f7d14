"""Examples of pairs: every interaction once, and never an item that the user took."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from recexplainer.targets.recbole.epochs import seeded
from recexplainer.targets.recbole.negative_samples import pair_batches, user_batches
from recexplainer.targets.recbole.recbole_data import Interactions

HISTORIES = [[1, 2, 3], [4], [2, 5, 6, 7, 8], [9, 10]]
DATA = Interactions.of(HISTORIES, items=10)
PAIRS = Counter((user + 1, item) for user, items in enumerate(HISTORIES) for item in items)


@pytest.mark.parametrize("negatives", [1, 3])
@pytest.mark.parametrize("compared", [True, False])
def test_every_pair_comes_once_with_items_not_taken(negatives, compared):
    found, drawn = Counter(), Counter()
    with seeded(1):
        for batch in pair_batches(DATA, 4, negatives, compared=compared):
            if compared:
                rows = zip(
                    *(batch[k].tolist() for k in ("user_id", "item_id", "neg_item_id")), strict=True
                )
                for user, item, other in rows:
                    found[user, item] += 1
                    drawn[user, other] += 1
            else:
                rows = zip(
                    *(batch[k].tolist() for k in ("user_id", "item_id", "label")), strict=True
                )
                for user, item, label in rows:
                    (found if label else drawn)[user, item] += 1
    assert found == (Counter(dict.fromkeys(PAIRS, negatives)) if compared else PAIRS)
    assert not drawn.keys() & PAIRS.keys()
    assert drawn.total() == negatives * PAIRS.total()
    assert all(1 <= item <= 10 for _, item in drawn)


def test_items_are_drawn_evenly_from_those_not_taken():
    drawn = Counter()
    with seeded(2):
        for _ in range(2000):
            for batch in pair_batches(DATA, 20, 1, compared=True):
                fourth = batch["user_id"] == 4
                drawn.update(batch["neg_item_id"][fourth].tolist())
    assert set(drawn) == set(range(1, 9))
    # 500 each; their standard deviation is 21.
    assert all(abs(count - 500) < 5 * 21 for count in drawn.values())


def test_a_user_who_took_everything_does_not_hold_it_up():
    data = Interactions.of([[1, 2]], items=2)
    with seeded(0):
        (batch,) = pair_batches(data, 8, 1, compared=True)
    assert len(batch["neg_item_id"]) == 2


def test_every_user_comes_once():
    with seeded(0):
        batches = [batch["user_id"] for batch in user_batches(DATA, 3)]
    assert sorted(torch.cat(batches).tolist()) == [1, 2, 3, 4]


def test_the_data_set_answers_as_recbole_s_would():
    matrix = DATA.inter_matrix("csr").toarray()
    assert matrix.shape == (5, 11)
    assert {(u, i) for u, i in zip(*matrix.nonzero(), strict=True)} == set(PAIRS)
    ids, values, lengths = DATA.history_item_matrix()
    assert lengths.tolist() == [0, 3, 1, 5, 2]
    assert ids[1].tolist() == [1, 2, 3, 0, 0]
    assert values.sum() == len(PAIRS)
