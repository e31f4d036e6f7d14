"""A distilled SASRec learns a teacher whose every score is known, and nothing of what users did."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress
from recexplainer.targets.recbole.distillation import (
    Taught,
    distilled_sasrec,
    is_saved,
    standardized,
)
from recexplainer.targets.recbole.families import SasRecOptions
from recexplainer.testing import toy_log

OPTIONS = SasRecOptions(
    hidden_size=32,
    layers=1,
    inner_size=64,
    learning_rate=0.01,
    batch_size=8,
    max_epochs=40,
    hidden_dropout=0.0,
)


@pytest.fixture(scope="module")
def log():
    return toy_log()


def teacher(log, histories):
    """Score items by how shortly they come before the last one; users go on to the one after."""
    rows = np.arange(len(log.catalogue))
    last = np.array([log.catalogue.row(history[-1]) for history in histories])
    return 1000.0 * 0.7 ** ((last[:, None] - rows - 1) % len(rows)).astype(np.float32)


def lessons(log, users):
    histories = [log.histories[user][:end] for user in users for end in range(2, 6)]
    return Taught(histories, standardized(teacher(log, histories)))


@pytest.fixture(scope="module")
def users(log):
    """In no order, so that no kind of user is among the last alone."""
    return np.random.default_rng(0).permutation(list(log.histories)).tolist()


@pytest.fixture(scope="module")
def student(log, users):
    made = distilled_sasrec(OPTIONS, TargetKit(log.catalogue, 5, seed=2))
    cut = len(users) * 3 // 4
    made.report = made.learn(lessons(log, users[:cut]), lessons(log, users[cut:]), SilentProgress())
    return made


def test_the_teachers_order_is_learned(log, users, student):
    histories = [log.histories[user][:5] for user in users[-19:]]  # none it was taught about
    wanted, found = teacher(log, histories), student.scores(histories)
    first = wanted.argmax(axis=1)
    assert np.mean(found.argmax(axis=1) == first) > 0.9
    correlation = [np.corrcoef(w, f)[0, 1] for w, f in zip(wanted, found, strict=True)]
    assert np.mean(correlation) > 0.9
    assert student.report.validation["closeness"] > 0.5


def test_what_was_saved_answers_alike(log, student, tmp_path):
    assert not is_saved(tmp_path)
    student.save(tmp_path)
    assert is_saved(tmp_path)
    again = distilled_sasrec(OPTIONS, TargetKit(log.catalogue, 5, seed=9))
    again.load(tmp_path)
    histories = [("i1", "i2"), ()] if log.catalogue.knows("i1") else [list(log.catalogue.ids[:2])]
    np.testing.assert_array_equal(again.scores(histories), student.scores(histories))


def test_scores_are_told_in_standard_deviations_whatever_their_unit():
    scores = np.array([[1e6, 3e6, 2e6], [4.0, 4.0, 4.0]], np.float32)
    found = standardized(scores)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, [[-1.2247, 1.2247, 0], [0, 0, 0]], atol=1e-3)
