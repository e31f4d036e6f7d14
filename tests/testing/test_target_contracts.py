"""The target contracts accept a target that is right, and name what is wrong with others."""

from __future__ import annotations

import logging
import os
import pickle
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from recexplainer.plugins.interfaces import FitReport, FloatArray, Target, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recexplainer.testing import (
    LatentTargetContract,
    LinearTarget,
    TargetContract,
    check_part,
    run_contract,
)


class TestLinearTarget(LatentTargetContract):
    """The contract, used as a plugin author would."""

    @pytest.fixture
    def make_target(self):
        return LinearTarget


class Float64(LinearTarget):
    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        return super().scores(histories).astype(np.float64)


class PaddingColumn(LinearTarget):
    def scores(self, histories):
        return np.pad(super().scores(histories), ((0, 0), (1, 0)))


class Lists(LinearTarget):
    def scores(self, histories):
        return super().scores(histories).tolist()


class MaskedSeen(LinearTarget):
    def scores(self, histories):
        scores = super().scores(histories).copy()
        for row, history in enumerate(histories):
            scores[row, self.catalogue.rows(history)] = -np.inf
        return scores


class EmptyIsNan(LinearTarget):
    def scores(self, histories):
        lengths = np.array([[len(history)] for history in histories], dtype=np.float32)
        with np.errstate(invalid="ignore", divide="ignore"):
            return super().scores(histories) / lengths


class Flat(LinearTarget):
    def scores(self, histories):
        return np.zeros((len(histories), len(self.catalogue)), dtype=np.float32)


class DropoutOn(LinearTarget):
    def __init__(self, kit: TargetKit) -> None:
        super().__init__(kit)
        self.rng = np.random.default_rng(kit.seed)

    def scores(self, histories):
        scores = super().scores(histories)
        return scores * (self.rng.random(scores.shape) > 0.1).astype(np.float32)


class BatchNormalized(LinearTarget):
    def scores(self, histories):
        scores = super().scores(histories)
        return scores - scores.mean(axis=0, keepdims=True) + scores * 0.5


class ReadsEverything(LinearTarget):
    def __init__(self, kit: TargetKit) -> None:
        super().__init__(kit)
        self.max_history = 1000


class UnknownIsFirst(LinearTarget):
    def _rows(self, history):
        rows = [self.catalogue.row(i) if i in self.catalogue else 0 for i in history]
        return rows[-self.max_history :]


class SilentlyDropsUnknown(LinearTarget):
    def _rows(self, history):
        return self.catalogue.rows([i for i in history if i in self.catalogue][-self.max_history :])


class ForgetsToSave(LinearTarget):
    def save(self, folder: Path) -> None:
        (folder / "nothing.json").write_text("{}")

    def load(self, folder: Path) -> None:
        pass


class RoundsWhenSaving(LinearTarget):
    def load(self, folder: Path) -> None:
        super().load(folder)
        self.weights = self.weights.round(0)


class Pickles(LinearTarget):
    def save(self, folder: Path) -> None:
        (folder / "weights.dat").write_bytes(pickle.dumps(self.weights))

    def load(self, folder: Path) -> None:
        self.weights = pickle.loads((folder / "weights.dat").read_bytes())  # noqa: S301


class Unseeded(LinearTarget):
    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        report = super().fit(training, progress)
        self.weights = self.weights + np.random.default_rng().random(
            self.weights.shape, dtype=np.float32
        )
        return report


class NoReport(LinearTarget):
    def fit(self, training, progress):
        super().fit(training, progress)


class WritesIntoCwd(LinearTarget):
    def scores(self, histories):
        Path("log.txt").write_text("asked")
        return super().scores(histories)


class ChangesDirectory(LinearTarget):
    def scores(self, histories):
        Path("elsewhere").mkdir(exist_ok=True)
        os.chdir("elsewhere")
        return super().scores(histories)


class LogsToRoot(LinearTarget):
    def fit(self, training, progress):
        logging.getLogger().addHandler(logging.NullHandler())
        return super().fit(training, progress)


class SetsSeeds(LinearTarget):
    def fit(self, training, progress):
        random.seed(0)
        return super().fit(training, progress)


class SetsNumpySeed(LinearTarget):
    def fit(self, training, progress):
        np.random.seed(3)
        return super().fit(training, progress)


class SetsTorchSeed(LinearTarget):
    def fit(self, training, progress):
        import torch

        torch.manual_seed(123)
        return super().fit(training, progress)


class ReplacesArguments(LinearTarget):
    def load(self, folder):
        sys.argv = ["recbole"]
        super().load(folder)


class SetsEnvironment(LinearTarget):
    def save(self, folder):
        os.environ["MY_LIBRARY_MODE"] = "quiet"
        super().save(folder)


class SharesItsArray(LinearTarget):
    def scores(self, histories):
        self.kept = getattr(self, "kept", {})
        key = str(histories)
        if key not in self.kept:
            self.kept[key] = super().scores(histories)
        return self.kept[key]


class EatsHistories(LinearTarget):
    def scores(self, histories):
        answer = super().scores(histories)
        for history in histories:
            del history[: -self.max_history or None]
            history.reverse()
        return answer


@pytest.fixture
def process_restored(monkeypatch: pytest.MonkeyPatch):
    """Undo what a misbehaving part did to this process, so that only the contract sees it."""
    handlers = list(logging.getLogger().handlers)
    state, legacy = random.getstate(), np.random.get_state()
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setenv("MY_LIBRARY_MODE", "as before")
    monkeypatch.chdir(Path.cwd())
    yield
    logging.getLogger().handlers[:] = handlers
    random.setstate(state)
    np.random.set_state(legacy)


@pytest.mark.parametrize(
    ("mutant", "rule", "says"),
    [
        (Float64, "float32", "float64"),
        (PaddingColumn, "shape", "no padding row or column"),
        (Lists, "shape", "list"),
        (MaskedSeen, "finite", "not finite"),
        (EmptyIsNan, "finite", "not finite"),
        (Flat, "tell items apart", "same score"),
        (DropoutOn, "asking twice", "eval()"),
        (BatchNormalized, "batch of one", "than in a batch"),
        (ReadsEverything, "last max history", "before the last 5"),
        (UnknownIsFirst, "unknown item", "UnknownNameError"),
        (SilentlyDropsUnknown, "unknown item", "unknown_items = 'ignored'"),
        (ForgetsToSave, "saved and loaded", "save everything"),
        (RoundsWhenSaving, "saved and loaded", "save everything"),
        (Pickles, "pickle", "weights.dat"),
        (Unseeded, "same seed", "kit.seed"),
        (NoReport, "shape", "FitReport"),
        (WritesIntoCwd, "asking leaves", "files in the working directory"),
        (ChangesDirectory, "asking leaves", "os.chdir"),
        (LogsToRoot, "fit save and load", "root logger"),
        (SetsSeeds, "fit save and load", "random.Random(seed)"),
        (SetsNumpySeed, "fit save and load", "default_rng"),
        (ReplacesArguments, "fit save and load", "sys.argv"),
        (SetsEnvironment, "fit save and load", "environment variables"),
        (SharesItsArray, "asking leaves", "return a copy"),
        (EatsHistories, "asking leaves", "changed the histories"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_wrong_targets_are_caught(
    mutant: Callable[[TargetKit], Target], rule: str, says: str, process_restored
):
    report = check_part("target", mutant)
    caught = [one for one in report.broken if rule in one.rule]
    assert caught, f"broken: {[one.rule for one in report.broken]}"
    assert says in caught[0].message
    assert "to mend it:" in caught[0].message


def test_torch_state_is_watched_once_torch_is_there():
    torch = pytest.importorskip("torch")
    with torch.random.fork_rng():
        report = check_part("target", SetsTorchSeed)
    assert [one.rule for one in report.broken] == ["fit save and load leave no traces"]
    assert "fork_rng" in report.broken[0].message


class ZeroVectors(LinearTarget):
    def user_vectors(self, histories):
        return super().user_vectors(histories) * 0

    def scores(self, histories):
        return LinearTarget.user_vectors(self, histories)


class ShuffledItems(LinearTarget):
    def item_vectors(self):
        return super().item_vectors()[::-1].copy()

    def scores(self, histories):
        return self.user_vectors(histories)


class Biased(LinearTarget):
    def scores(self, histories):
        bias = np.linspace(0, 5, len(self.catalogue), dtype=np.float32)
        return super().scores(histories) + bias


class NarrowVectors(LinearTarget):
    def item_vectors(self):
        return super().item_vectors()[:, :7].copy()

    def scores(self, histories):
        return self.user_vectors(histories)


class NoisyVectors(LinearTarget):
    def user_vectors(self, histories):
        vectors = super().user_vectors(histories)
        return vectors + np.random.default_rng().random(vectors.shape, dtype=np.float32)

    def scores(self, histories):
        return super().user_vectors(histories)


class OwnWeightsGiven(LinearTarget):
    def __init__(self, kit: TargetKit) -> None:
        super().__init__(kit)
        self.axes = np.eye(len(kit.catalogue), dtype=np.float32)

    def item_vectors(self):
        return self.axes


@pytest.mark.parametrize(
    ("mutant", "rule", "says"),
    [
        (ZeroVectors, "vectors tell", "alike"),
        (ShuffledItems, "dot products", "catalogue order"),
        (Biased, "dot products", "scores_are_dot_products = False"),
        (NarrowVectors, "one width", "7"),
        (NoisyVectors, "batch or the moment", "dropout"),
        (OwnWeightsGiven, "asking for vectors", "copy"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_wrong_vectors_are_caught(mutant, rule: str, says: str):
    report = check_part("target", mutant, vectors=True)
    caught = [one for one in report.broken if rule in one.rule]
    assert caught, f"broken: {[one.rule for one in report.broken]}"
    assert says in caught[0].message


class ScoresOnly(Target):
    """A target without vectors, right in every other way."""

    def __init__(self, kit: TargetKit) -> None:
        self.linear = LinearTarget(kit)

    def fit(self, training, progress):
        return self.linear.fit(training, progress)

    def scores(self, histories):
        return self.linear.scores(histories)

    def save(self, folder):
        self.linear.save(folder)

    def load(self, folder):
        self.linear.load(folder)


def test_a_target_without_vectors_passes_the_contract_of_its_kind():
    assert check_part("target", ScoresOnly).broken == ()


def test_claiming_vectors_without_having_them_is_caught():
    messages = [one.message for one in check_part("target", ScoresOnly, vectors=True).broken]
    assert messages
    assert any("ScoresOnly is no LatentTarget" in message for message in messages)


class SameForAll(ScoresOnly):
    """Popularity: no history is looked at, so no unknown item can mislead it."""

    def scores(self, histories):
        row = np.arange(len(self.linear.catalogue), dtype=np.float32)
        return np.tile(row, (len(histories), 1))


def test_a_target_that_reads_no_history_need_not_refuse_unknown_items():
    assert check_part("target", SameForAll).broken == ()


def test_declared_differences_are_accepted():
    class Ignoring(TargetContract):
        unknown_items = "ignored"

        @pytest.fixture
        def make_target(self):
            return SilentlyDropsUnknown

    class WithBias(LatentTargetContract):
        scores_are_dot_products = False

        @pytest.fixture
        def make_target(self):
            return Biased

    assert run_contract(Ignoring).broken == ()
    assert run_contract(WithBias).broken == ()


def test_a_false_declaration_is_caught():
    class Wrong(TargetContract):
        unknown_items = "ignored"

        @pytest.fixture
        def make_target(self):
            return UnknownIsFirst

    broken = [one.rule for one in run_contract(Wrong).broken]
    assert broken == ["an unknown item is refused or ignored as declared"]


def test_a_missing_fixture_is_reported_not_passed():
    report = run_contract(TargetContract)
    assert not report.passed
    assert "make_target" in report.rules[0].message


def test_a_class_without_rules_does_not_hold():
    assert not run_contract(type("Empty", (), {})).passed
