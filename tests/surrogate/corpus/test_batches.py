"""Every example once an epoch, little padding, and an order that only seed and epoch decide."""

from itertools import pairwise

import numpy as np
import pytest

from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches
from recexplainer.surrogate.corpus.collator import Collator, pad_vectors
from recexplainer.surrogate.model.surrogate_model import IGNORED
from recexplainer.surrogate.model.token_encoder import Encoded


@pytest.fixture(scope="module")
def lengths():
    """A mix of tasks as a corpus has it: mostly short questions, some retrievals, few texts."""
    rng = np.random.default_rng(2)
    kinds = [(12, 2, 3000), (50, 15, 1500), (110, 40, 500)]
    drawn = [rng.normal(mean, spread, count) for mean, spread, count in kinds]
    return rng.permutation(np.concatenate(drawn).clip(4, 300).astype(np.int64))


@pytest.mark.parametrize("count", [1, 63, 64, 65, 5000])
def test_each_index_once_per_epoch(lengths, count):
    batches = LengthBatches(lengths[:count], 64, seed=1)
    for epoch in range(3):
        batches.set_epoch(epoch)
        assert sorted(batches) == list(range(count))
        assert len(batches) == count


def test_only_the_last_batch_is_short(lengths):
    """The trainer cuts the stream into runs of the batch size; they must be these batches."""
    batches = LengthBatches(lengths, 64, seed=1)
    sizes = [len(batch) for batch in batches.batches()]
    assert set(sizes[:-1]) == {64}
    stream = list(batches)
    runs = [stream[start : start + 64] for start in range(0, len(stream), 64)]
    assert runs == [batch.tolist() for batch in batches.batches()]


def test_padding_is_little_and_counted_right(lengths):
    batches = LengthBatches(lengths, 64, seed=1)
    padded = total = 0
    for batch in batches.batches():
        longest = max(lengths[k] for k in batch)
        padded += sum(longest - lengths[k] for k in batch)
        total += longest * len(batch)
    assert batches.padding_share() == pytest.approx(padded / total)
    assert batches.padding_share() < 0.15
    shuffled = np.split(np.random.default_rng(0).permutation(lengths)[:4992], 78)
    naive = 1 - sum(b.sum() for b in shuffled) / sum(b.max() * len(b) for b in shuffled)
    assert batches.padding_share() < naive / 4


def test_order_depends_on_seed_and_epoch_alone(lengths):
    first, again = LengthBatches(lengths, 64, seed=1), LengthBatches(lengths, 64, seed=1)
    other = LengthBatches(lengths, 64, seed=2)
    list(first)  # having been walked changes nothing
    np.random.seed(99)
    assert list(first) == list(again)
    assert list(first) != list(other)
    again.set_epoch(1)
    assert list(first) != list(again)
    first.set_epoch(1)
    assert list(first) == list(again)


def test_lengths_do_not_run_from_short_to_long(lengths):
    longest = [lengths[batch].max() for batch in LengthBatches(lengths, 64, seed=1).batches()]
    ups = sum(a < b for a, b in pairwise(longest))
    assert 0.3 < ups / len(longest) < 0.7


@pytest.mark.parametrize("steps", [1, 30, 79, 120])
def test_short_first_keeps_the_batches_that_are_reached(lengths, steps):
    """Each in a random place still: no kind of example is without one in any third of them."""
    mixed, ordered = LengthBatches(lengths, 64, seed=1), LengthBatches(lengths, 64, 1, steps)
    for epoch in range(2):
        mixed.set_epoch(epoch), ordered.set_epoch(epoch)
        reached = max(0, steps - epoch * 79)
        plain, found = (
            [sorted(batch.tolist()) for batch in kind.batches()] for kind in (mixed, ordered)
        )
        assert sorted(found[:reached]) == sorted(plain[:reached])
        assert found[reached:] == plain[reached:]
        assert len(found[-1]) == 5000 % 64


def test_short_first_runs_from_short_to_long_on_the_whole(lengths):
    batches = LengthBatches(lengths, 64, 1, short_first=79).batches()
    longest = np.array([lengths[batch].max() for batch in batches])
    thirds = [part.mean() for part in np.array_split(longest, 3)]
    assert thirds[0] < 0.8 * thirds[1] < 0.8 * thirds[2]
    middle = np.median(longest)
    assert (longest[:26] > middle).any()
    assert (longest[-26:] < middle).any()


@pytest.fixture
def corpus(conversation):
    encoded = [
        Encoded([5, 6, 7], [False, True, True]),
        Encoded([8], [False]),
        Encoded([9, 10], [False, True]),
    ]
    rendered = [
        conversation(("user", "a"), contexts=(3,), items=(1, 2)),
        conversation(("user", "b")),
        conversation(("user", "c"), items=(0,)),
    ]
    return EncodedCorpus.build(encoded, rendered)


def test_a_corpus_gives_back_what_it_was_built_from(corpus):
    rows = [{name: value.tolist() for name, value in corpus[k].items()} for k in range(len(corpus))]
    hard = {"liked": [], "liked_shares": []}
    assert rows == [
        {"ids": [5, 6, 7], "labelled": [0, 1, 1], "contexts": [3], "items": [1, 2]} | hard,
        {"ids": [8], "labelled": [0], "contexts": [], "items": []} | hard,
        {"ids": [9, 10], "labelled": [0, 1], "contexts": [], "items": [0]} | hard,
    ]
    assert corpus.lengths.tolist() == [3, 1, 2]


def test_a_saved_corpus_is_the_same(corpus, tmp_path):
    corpus.save(tmp_path / "encoded.safetensors")
    loaded = EncodedCorpus.load(tmp_path / "encoded.safetensors")
    for name, array in vars(corpus).items():
        read = getattr(loaded, name)
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read, array)
    assert [path.name for path in tmp_path.iterdir()] == ["encoded.safetensors"]


def test_collator_pads_right_and_looks_vectors_up(corpus):
    user, item = np.arange(8.0).reshape(4, 2), np.arange(9.0).reshape(3, 3)
    batch = Collator(user, item, pad_id=99)([corpus[0], corpus[1], corpus[2]])
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 99, 99], [9, 10, 99]]
    none = IGNORED
    assert batch["labels"].tolist() == [[none, 6, 7], [none, none, none], [none, 10, none]]
    assert batch["user_vectors"].tolist() == [[[6, 7]], [[0, 0]], [[0, 0]]]
    assert batch["item_vectors"].tolist() == [
        [[3, 4, 5], [6, 7, 8]],
        [[0, 0, 0], [0, 0, 0]],
        [[0, 1, 2], [0, 0, 0]],
    ]


def test_collator_without_vectors_gives_tokens_alone(corpus):
    assert set(Collator(None, None, 0)([corpus[0]])) == {"input_ids", "labels"}


def test_vectors_of_no_slot_still_have_one_row():
    padded = pad_vectors(np.ones((3, 2)), [(), ()])
    assert padded.shape == (2, 1, 2)
    assert not padded.any()
