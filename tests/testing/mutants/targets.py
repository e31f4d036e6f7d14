"""Targets without vectors, each right but for one rule."""

from __future__ import annotations

import os
import pickle
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from mutants.table import Mutant

from recexplainer.plugins.interfaces import Target
from recexplainer.testing import LinearTarget, successor


class ScoresOnly(Target):
    """A target without vectors, right in every way."""

    def __init__(self, kit):
        self.linear, self.kit = LinearTarget(kit), kit

    def fit(self, training, progress):
        return self.linear.fit(training, progress)

    def scores(self, histories):
        return self.linear.scores(histories)

    def save(self, folder):
        self.linear.save(folder)

    def load(self, folder):
        self.linear.load(folder)


class SameForAll(ScoresOnly):
    """Popularity: no history is looked at, so no unknown item can mislead it."""

    def scores(self, histories):
        row = np.arange(len(self.kit.catalogue), dtype=np.float32)
        return np.tile(row, (len(histories), 1))


class DropsUnknown(ScoresOnly):
    def scores(self, histories):
        known = self.kit.catalogue.ids
        return self.linear.scores([[i for i in one if i in known] for one in histories])


class CrashesInFit(ScoresOnly):
    def fit(self, training, progress):
        message = "no such column"
        raise KeyError(message)


class NoReport(ScoresOnly):
    def fit(self, training, progress):
        super().fit(training, progress)


class Float64(ScoresOnly):
    def scores(self, histories):
        return super().scores(histories).astype(np.float64)


class PaddingColumn(ScoresOnly):
    def scores(self, histories):
        return np.pad(super().scores(histories), ((0, 0), (1, 0)))


class Lists(ScoresOnly):
    def scores(self, histories):
        return super().scores(histories).tolist()


class MaskedSeen(ScoresOnly):
    def scores(self, histories):
        scores = super().scores(histories).copy()
        for row, history in enumerate(histories):
            scores[row, self.kit.catalogue.rows(history)] = -np.inf
        return scores


class Flat(ScoresOnly):
    def scores(self, histories):
        return np.zeros((len(histories), len(self.kit.catalogue)), dtype=np.float32)


class DropoutOn(ScoresOnly):
    def scores(self, histories):
        scores = super().scores(histories)
        kept = np.random.default_rng().random(scores.shape) > 0.1
        return scores * kept.astype(np.float32)


class BatchNormalized(ScoresOnly):
    def scores(self, histories):
        scores = super().scores(histories)
        return scores - scores.mean(axis=0, keepdims=True) + scores * 0.5


class PlaceInBatch(ScoresOnly):
    def scores(self, histories):
        scores = super().scores(histories).copy()
        scores[1:, 0] += 0.5
        return scores


class KnowsUsersOnly(ScoresOnly):
    """A model of user ids: it can only be asked about walks that some user took."""

    def scores(self, histories):
        for history in map(tuple, histories):
            known = set(history) <= set(self.kit.catalogue.ids)
            if known and 0 < len(history) <= 5 and not _is_walk(history):
                raise KeyError(history)
        return super().scores(histories)


def _is_walk(history):
    return all(successor(one) == other for one, other in pairwise(history))


class EmptyIsNan(ScoresOnly):
    def scores(self, histories):
        scores = super().scores(histories).copy()
        scores[[not history for history in histories]] = np.nan
        return scores


class EmptyCrashes(ScoresOnly):
    def scores(self, histories):
        assert all(history[-1:] for history in histories), "index out of range"
        return super().scores(histories)


class ReadsEverything(ScoresOnly):
    def __init__(self, kit):
        super().__init__(kit)
        self.linear.max_history = 1000


class ReadsOrder(ScoresOnly):
    """Declared to read a set, yet the last item counts twice."""

    def scores(self, histories):
        last = self.linear.scores([history[-1:] for history in histories])
        return super().scores(histories) + last


class UnknownIsFirst(ScoresOnly):
    def scores(self, histories):
        ids = self.kit.catalogue.ids
        return self.linear.scores([[i if i in ids else ids[0] for i in one] for one in histories])


class ForgetsToSave(ScoresOnly):
    def save(self, folder):
        (folder / "nothing.json").write_text("{}")

    def load(self, folder):
        pass


class RoundsWhenLoading(ScoresOnly):
    def load(self, folder):
        super().load(folder)
        self.linear.weights = self.linear.weights.round(0)


class RemembersThePath(ScoresOnly):
    """Saves where its weights are, and not the weights."""

    def save(self, folder):
        super().save(folder)
        (folder / "where.txt").write_text(str(folder))

    def load(self, folder):
        super().load(Path((folder / "where.txt").read_text()))


class Pickles(ScoresOnly):
    def save(self, folder):
        (folder / "weights.dat").write_bytes(pickle.dumps(self.linear.weights))

    def load(self, folder):
        self.linear.weights = pickle.loads((folder / "weights.dat").read_bytes())  # noqa: S301


class SavesWithTorch(ScoresOnly):
    def save(self, folder):
        import torch

        torch.save(torch.from_numpy(self.linear.weights), folder / "weights.dat")

    def load(self, folder):
        import torch

        self.linear.weights = torch.load(folder / "weights.dat").numpy()


class Unseeded(ScoresOnly):
    def fit(self, training, progress):
        report = super().fit(training, progress)
        self.linear.weights = self.linear.weights + np.random.default_rng().random(
            self.linear.weights.shape, dtype=np.float32
        )
        return report


class SetsEnvironment(ScoresOnly):
    def fit(self, training, progress):
        os.environ["MUTANT"] = "quiet"
        return super().fit(training, progress)


class SavesElsewhereToo(ScoresOnly):
    def save(self, folder):
        Path("backup.json").write_text("{}")
        super().save(folder)


class WritesIntoCwd(ScoresOnly):
    def scores(self, histories):
        Path("log.txt").write_text("asked")
        return super().scores(histories)


class SharesItsArray(ScoresOnly):
    def scores(self, histories):
        self.kept = getattr(self, "kept", {})
        key = str(histories)
        if key not in self.kept:
            self.kept[key] = super().scores(histories)
        return self.kept[key]


class EatsHistories(ScoresOnly):
    def scores(self, histories):
        answer = super().scores(histories)
        for history in histories:
            history.reverse()
        return answer


class Succession(ScoresOnly):
    """Scores what mostly follows the last item that was read: right in every way."""

    def scores(self, histories):
        return self.after([self.read(list(history)) for history in histories])

    def read(self, history):
        return history[-1] if history else None

    def after(self, lasts):
        scores = self.linear.scores([[] if last is None else [last] for last in lasts])
        return np.where(scores >= 0.5, scores, scores / 1000)


class ShiftedByOne(Succession):
    def scores(self, histories):
        return np.roll(super().scores(histories), 1, axis=1)


class ShiftedBack(Succession):
    def scores(self, histories):
        return np.roll(super().scores(histories), -1, axis=1)


class PaddingAsAnItem(ScoresOnly):
    """The last column is that of a mask."""

    def scores(self, histories):
        scores = super().scores(histories).copy()
        scores[:, -1] = 0
        return scores


class FilledUpWithAnItem(ScoresOnly):
    """Padding has the first item's id, and moves the scores as it does."""

    def scores(self, histories):
        for item in (item for history in histories for item in history):
            self.kit.catalogue.row(item)
        first, width = self.kit.catalogue.ids[0], self.kit.max_history
        known = [list(history)[-width:] for history in histories]
        self.linear.scores(known)
        return self.linear.scores([[first] * (width - len(one)) + one for one in known])


class PaddedAtTheWrongSide(Succession):
    """The history is filled up on the left, and the output read at its length."""

    def read(self, history):
        width = self.kit.max_history
        kept = history[-width:]
        padded = [None] * (width - len(kept)) + kept
        self.linear.scores([kept])
        return padded[len(kept) - 1] if kept else None


class ReadsTheLastPlace(Succession):
    """The history is filled up on the right, and the output read at the last place."""

    def read(self, history):
        self.linear.scores([history])
        return history[-1] if len(history) >= self.kit.max_history else None


class ReadsBackwards(Succession):
    def read(self, history):
        kept = history[-self.kit.max_history :]
        self.linear.scores([kept])
        return kept[0] if kept else None


_SHAPE = "scores are finite float32 of shape b by i"
_COLUMNS = "scores stand in the columns of their items"
_SHORT = "short histories are read to their end"
_BATCH = "a batch of one equals a batch of many"
_EMPTY = "an empty history is answered"
_UNKNOWN = "an unknown item is refused or ignored as declared"
_SAVED = "saved and loaded gives the same scores"
_TRACES = "fit save and load leave no traces"
_OWN = "asking changes no argument and no later answer"
_target = partial(Mutant, "target")

MUTANTS = (
    _target("fit returns a report", NoReport, "return FitReport()"),
    _target("fit returns a report", CrashesInFit, "KeyError: 'no such column' (targets.py:"),
    _target(_COLUMNS, ShiftedByOne, "the column after theirs"),
    _target(_COLUMNS, ShiftedBack, "the column before theirs"),
    _target("no column is that of padding", PaddingAsAnItem, "'white-9' is the same after every"),
    _target("no item passes for padding", FilledUpWithAnItem, "adding 'red-0' to a history"),
    _target(_SHORT, PaddedAtTheWrongSide, "only where there are 5"),
    _target(_SHORT, ReadsTheLastPlace, "padding is read at the wrong side"),
    _target("the end of a history is its latest item", ReadsBackwards, "latest first"),
    _target(_SHAPE, Float64, "float64"),
    _target(_SHAPE, PaddingColumn, "no padding row or column"),
    _target(_SHAPE, Lists, "list"),
    _target(_SHAPE, MaskedSeen, "not finite"),
    _target("scores tell items apart", Flat, "same score"),
    _target("asking twice gives the same scores", DropoutOn, "eval()"),
    _target(_BATCH, BatchNormalized, "than in a batch"),
    _target(_BATCH, PlaceInBatch, "than in a batch"),
    _target("a history that no user had is answered", KnowsUsersOnly, "fold in"),
    _target(_EMPTY, EmptyIsNan, "not finite"),
    _target(_EMPTY, EmptyCrashes, "a stranger"),
    _target("only the last max history items are read", ReadsEverything, "before the last 5"),
    _target("the order of a history counts as declared", ReadsOrder, "reads_order", ("unordered",)),
    _target(_UNKNOWN, UnknownIsFirst, "UnknownNameError"),
    _target(_UNKNOWN, UnknownIsFirst, "drop unknown items", ("ignores_unknown",)),
    _target(_UNKNOWN, DropsUnknown, "'ignores_unknown'"),
    _target(_SAVED, ForgetsToSave, "save everything"),
    _target(_SAVED, RoundsWhenLoading, "save everything"),
    _target(_SAVED, RemembersThePath, "nothing may be raised here"),
    _target("nothing saved is a pickle", Pickles, "weights.dat"),
    _target("nothing saved is a pickle", SavesWithTorch, "weights.dat"),
    _target("the same seed gives the same target", Unseeded, "kit.seed"),
    _target(_TRACES, SetsEnvironment, "environment variables"),
    _target(_TRACES, SavesElsewhereToo, "files in the working directory"),
    _target("asking leaves no traces", WritesIntoCwd, "files in the working directory"),
    _target(_OWN, SharesItsArray, "return a copy"),
    _target(_OWN, EatsHistories, "changed the histories"),
)
