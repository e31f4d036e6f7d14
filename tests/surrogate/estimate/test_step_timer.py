"""What timed steps foretell is held against sums over every batch."""

import math
import random
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches, RankBatches
from recexplainer.surrogate.corpus.training_files import ENCODED
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.estimate.step_timer import StepTimes, fit_times, spread, time_steps
from recexplainer.surrogate.training import session as training

BATCH = 8


class Law:
    """A clock, and a trainer whose rounds take ``fixed + each * positions`` of its seconds."""

    def __init__(self, lengths, parts, *, fixed, each):
        self.lengths, self.parts, self.fixed, self.each = lengths, parts, fixed, each
        self.now, self.rounds, self.asked = 100.0, [], None

    def clock(self):
        return self.now

    def of(self, rows):
        positions = len(rows) * max((int(self.lengths[row]) for row in rows), default=0)
        return self.fixed + self.each * max(positions, 1)

    def trainer(self, rounds, callbacks, steps):
        self.sampler, self.callbacks, self.asked = rounds, callbacks, steps
        return self

    def train(self):
        args = SimpleNamespace(device=torch.device("cpu"))
        state = SimpleNamespace(global_step=0)
        control = SimpleNamespace(should_training_stop=False)
        rounds = iter(self.sampler)
        self.tell("on_train_begin", args, state, control)
        while state.global_step < self.asked and not control.should_training_stop:
            # As the stock trainer: all rounds of a step are fetched before its first is computed.
            fetched = [next(rounds) for _ in range(self.parts)]
            for k, rows in enumerate(fetched):
                self.now += self.of(rows)
                self.rounds.append(rows)
                last = k == self.parts - 1
                state.global_step += last
                self.tell("on_step_end" if last else "on_substep_end", args, state, control)

    def tell(self, event, *given):
        for callback in self.callbacks:
            getattr(callback, event)(*given)


def made_lengths(count, seed=2):
    return np.random.default_rng(seed).integers(5, 90, count)


def share_of(lengths, parts=1, rank=0, world=1):
    return RankBatches(LengthBatches(lengths, BATCH, 7), parts=parts, rank=rank, world=world)


def all_seconds(law, share, steps):
    return sum(law.of(rows) for k in steps for rows in share.cut(share.batch_sampler.batches()[k]))


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("world", [1, 2])
def test_the_foretold_total_is_that_of_all_batches(parts, world):
    lengths = made_lengths(100 * BATCH)
    law, share = Law(lengths, parts, fixed=0.02, each=3e-4), share_of(lengths, parts, 0, world)
    times = time_steps(law.trainer, share, None, clock=law.clock)
    assert times.timed == 10
    assert len(times.positions) == 100
    assert times.fixed == pytest.approx(parts * 0.02)  # of a step, which has that many rounds
    assert times.each == pytest.approx(3e-4)
    assert 100 * times.mean() == pytest.approx(all_seconds(law, share, range(100)))
    assert 30 * times.mean(30) == pytest.approx(all_seconds(law, share, range(30)))


def test_less_than_a_pass_is_foretold_by_the_batches_that_it_makes():
    lengths = made_lengths(100 * BATCH)
    law, share = Law(lengths, 1, fixed=0.02, each=3e-4), share_of(lengths)
    times = time_steps(law.trainer, share, 15, clock=law.clock)
    assert law.asked == 2 + 3  # two before those that count, and one in five
    assert (times.timed, len(times.positions)) == (3, 15)
    assert 15 * times.mean(15) == pytest.approx(all_seconds(law, share, range(15)))


@pytest.mark.parametrize("steps", [60, 100, 250])
def test_the_seconds_of_each_step_are_told_in_the_order_of_the_training(steps):
    """Short examples first, in each of up to three passes; summed over what is yet to come."""
    lengths = made_lengths(100 * BATCH)
    batches = LengthBatches(lengths, BATCH, 7, short_first=steps)
    law, share = (
        Law(lengths, 2, fixed=0.02, each=3e-4),
        RankBatches(batches, parts=2, rank=0, world=1),
    )
    times = time_steps(law.trainer, share, steps, clock=law.clock)
    seconds = []
    for epoch in range(3):
        batches.set_epoch(epoch)
        seconds += [sum(map(law.of, share.cut(batch))) for batch in batches.batches()]
    assert times.seconds(steps) == pytest.approx(seconds[:steps])
    if steps <= 100:  # the second half takes longer than the first
        assert times.seconds(steps)[: steps // 2].sum() < 0.8 * sum(seconds[steps // 2 : steps])


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("fixed", [0.0, 3.0])
def test_slow_rounds_are_timed_on_parts_of_their_examples(fixed, parts):
    lengths = made_lengths(40 * BATCH)
    law = Law(lengths, parts, fixed=fixed, each=0.1)  # up to 70 s a step
    share = share_of(lengths, parts)
    times = time_steps(law.trainer, share, None, clock=law.clock)
    assert times.timed == 0
    assert max(len(rows) for rows in law.rounds) < BATCH / parts
    assert times.fixed == pytest.approx(parts * fixed, abs=1e-6)
    assert 40 * times.mean() == pytest.approx(all_seconds(law, share, range(40)))


def test_rounds_of_some_seconds_are_timed_whole_though_few_examples_cost_nearly_as_much():
    lengths = np.full(40 * BATCH, 60)
    law, share = Law(lengths, 1, fixed=1.2, each=5e-3), share_of(lengths)  # 3.6 s; 1.5 s for one
    times = time_steps(law.trainer, share, None, clock=law.clock)
    assert times.timed > 2
    assert times.mean() == pytest.approx(3.6)


def test_patience_ends():
    lengths = made_lengths(40 * BATCH)
    law, share = Law(lengths, 1, fixed=25.0, each=0.0), share_of(lengths)
    time_steps(law.trainer, share, None, clock=law.clock)
    assert len(law.rounds) == 4  # the fewest there may be, though a minute passed with the third
    # A step has a minute to come after the warm-up; then it is over.
    law = Law(lengths, 1, fixed=9.0, each=0.0)
    time_steps(law.trainer, share, None, clock=law.clock)
    assert len(law.rounds) == math.floor(60 / 9) + 1


def test_random_numbers_go_on_as_if_nothing_had_been_timed():
    def drawn():
        return random.random(), np.random.rand(), torch.rand(1).item()

    def seed():
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)

    class Seeding(Law):
        def train(self):
            random.seed(9)
            np.random.seed(9)
            torch.manual_seed(9)
            drawn()
            super().train()

    seed()
    expected = drawn()
    lengths = made_lengths(10 * BATCH)
    law = Seeding(lengths, 1, fixed=0.1, each=1e-4)
    seed()
    time_steps(law.trainer, share_of(lengths), None, clock=law.clock)
    assert drawn() == expected


def test_spread_takes_short_and_long_ones():
    positions = np.random.default_rng(0).permutation(100)
    taken = [int(positions[k]) for k in spread(positions, 10)]
    assert sorted(taken) == list(range(5, 100, 10))
    assert taken[:4] == [5, 95, 15, 85]  # so that the first few tell the slope already


def test_spread_takes_few_steps_again():
    assert spread(np.array([7]), 3) == [0, 0, 0]
    assert sorted(spread(np.array([9, 3]), 4)) == [0, 0, 1, 1]


def test_fit_finds_the_line_and_is_never_negative():
    positions = np.array([10, 40, 20, 90])
    assert fit_times(positions, 0.5 + 0.03 * positions) == pytest.approx((0.5, 0.03))
    assert fit_times(positions, 2.0 - 0.01 * positions) == pytest.approx((1.6, 0.0))
    assert fit_times(positions, 0.03 * positions - 0.1) == pytest.approx((0.0, 0.0275))
    assert fit_times(np.array([8, 8]), np.array([1.0, 2.0])) == pytest.approx((1.5, 0.0))


def test_the_bar_of_a_training_knows_how_long_each_step_is(
    corpus, settings, catalogue, tmp_path, monkeypatch
):
    """One second and half a second for each token of the longest example, times the batch."""

    class Told(SilentProgress):
        @contextmanager
        def bar(self, label, total, *, sizes=None, done=0):
            self.told = (label, total, sizes, done)
            yield self

        def advance(self, *_, **__):
            pass

    ordered = {"budget": 0.8, "order": "short-first", "threads": 1}
    asked, progress = settings.model_copy(update=ordered), Told()
    prepare(corpus, tmp_path, asked, titles=catalogue.titles, progress=SilentProgress())
    canned = StepTimes(1.0, 0.5, 2, np.array([1]))
    monkeypatch.setattr(training, "time_steps", lambda *_: canned)
    training.train(tmp_path, progress)
    lengths = EncodedCorpus.load(tmp_path / ENCODED).lengths
    seen = LengthBatches(lengths, settings.batch_size, settings.seed, short_first=6).batches()
    sizes = [1 + 0.5 * len(batch) * max(lengths[k] for k in batch) for batch in seen[:6]]
    assert progress.told == ("training the surrogate", 6, sizes, 0)


def test_weights_are_the_same_whether_steps_were_timed_or_not(
    corpus, settings, catalogue, tmp_path, monkeypatch
):
    short = settings.model_copy(update={"budget": 0.5, "threads": 1})
    canned, found = StepTimes(1.0, 0.0, 2, np.array([8] * 7)), []
    for name in ("timed", "told"):
        folder = tmp_path / name
        folder.mkdir()
        prepare(corpus, folder, short, titles=catalogue.titles, progress=SilentProgress())
        if name == "told":
            monkeypatch.setattr(training, "time_steps", lambda *_: canned)
        report = training.train(folder, SilentProgress())
        assert report.steps == 4
        found.append((folder / "model" / "model.safetensors").read_bytes())
    assert report.foretold_seconds == 4.0
    assert found[0] == found[1]
