"""Contract of targets: a scoring function that answers any history, always the same way."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import numpy as np

from recexplainer.plugins.interfaces import FloatArray, Target, TargetKit
from recexplainer.records import InteractionLog
from recexplainer.testing.contracts.fitted_targets import MakeTarget, fitted_on
from recexplainer.testing.contracts.id_layouts import KeepsItsLayout
from recexplainer.testing.contracts.pickles import is_pickle
from recexplainer.testing.contracts.rules import (
    check_floats,
    check_same,
    inapplicable,
    refused,
    require,
)
from recexplainer.testing.contracts.side_effects import State, no_side_effects
from recexplainer.testing.contracts.target_answers import (
    check_answered,
    check_batches,
    check_order_ignored,
    check_own_array,
    check_window,
    strange_histories,
)

__all__ = ["TargetContract", "reloaded"]

UNKNOWN_ITEM = "no such item"


class TargetContract(KeepsItsLayout):
    """Subclass, and supply ``make_target``: called with a kit, builds one.

    The target is fitted once per class, on ``log``; override that fixture for a target that comes
    trained on items of its own.
    """

    def test_scores_are_finite_float32_of_shape_b_by_i(
        self, fitted: Target, kit: TargetKit, histories: list[list[str]]
    ) -> None:
        """One finite number per history and item, higher for better, seen items included."""
        shape = (len(histories), len(kit.catalogue))
        check_floats(fitted.scores(histories), shape, "scores()")

    def test_scores_tell_items_apart(self, answers: FloatArray) -> None:
        """A target that likes all items alike recommends nothing, and cannot be explained."""
        require(
            float(np.ptp(answers, axis=1).max()) > 0,
            "every item got the same score",
            "check that fit() learned and that scores() reads what it learned",
        )

    def test_asking_twice_gives_the_same_scores(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """Nothing random is on while the target is asked."""
        check_same(
            np.array(fitted.scores(histories)),
            np.array(fitted.scores(histories)),
            "the same histories got different scores when asked again",
            "switch dropout and sampling off (model.eval()) after fit() and after load()",
        )

    def test_a_batch_of_one_equals_a_batch_of_many(
        self, fitted: Target, histories: list[list[str]], answers: FloatArray
    ) -> None:
        """A history's scores do not depend on what else is in the batch, nor on its place."""
        check_batches(fitted.scores, histories, "scores")

    def test_a_history_that_no_user_had_is_answered(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """Explanations are checked by asking about histories with items removed or mixed."""
        check_answered(
            fitted.scores,
            strange_histories(log, kit.max_history),
            len(kit.catalogue),
            "scores()",
            "score from the items of the history (fold in), not from a table of known users",
        )

    def test_an_empty_history_is_answered(
        self, fitted: Target, kit: TargetKit, answers: FloatArray
    ) -> None:
        """With all items removed, the target still recommends something, as to a stranger."""
        check_answered(
            fitted.scores,
            [[]],
            len(kit.catalogue),
            "scores()",
            "answer [] with what the target recommends to a stranger: a zero or mean vector, or "
            "popularity",
        )

    def test_only_the_last_max_history_items_are_read(
        self, fitted: Target, kit: TargetKit, answers: FloatArray
    ) -> None:
        """What is shown to a reader as the history is what the target read, no more and no less."""
        check_window(fitted.scores, kit.catalogue, kit.max_history, "scores")

    def test_the_order_of_a_history_counts_as_declared(
        self, fitted: Target, histories: list[list[str]], answers: FloatArray
    ) -> None:
        """A target that is declared to read a history as a set gives one answer to any order."""
        if self.reads_order:
            inapplicable("the target does not declare that order does not count")
        check_order_ignored(fitted.scores, histories, "scores")

    def test_an_unknown_item_is_refused_or_ignored_as_declared(
        self, fitted: Target, histories: list[list[str]], answers: FloatArray
    ) -> None:
        """An item outside the catalogue never passes for another one."""
        if float(np.ptp(answers, axis=0).max()) == 0:
            inapplicable("all histories get the same scores, so no item can pass for another")
        known = histories[-1][1:]
        if self.unknown_items == "ignored":
            check_same(
                fitted.scores([known]),
                fitted.scores([[*known, UNKNOWN_ITEM]]),
                "an unknown item changed the scores, though it is declared to be ignored",
                "drop unknown items before the history is read",
            )
            return
        refused(
            lambda: fitted.scores([[*known, UNKNOWN_ITEM]]),
            UNKNOWN_ITEM,
            "an item outside the catalogue was not refused",
            "raise recexplainer.errors.UnknownNameError('item', id, catalogue.ids), or declare it "
            "(the capability 'ignores_unknown', or unknown_items = 'ignored' on the test class)",
        )

    def test_saved_and_loaded_gives_the_same_scores(
        self,
        fitted: Target,
        make_target: MakeTarget,
        kit: TargetKit,
        histories: list[list[str]],
        answers: FloatArray,
        tmp_path: Path,
    ) -> None:
        """``save``, move the folder, ``load`` into a new target: nothing has changed."""
        check_same(
            answers,
            reloaded(fitted, make_target(kit), tmp_path).scores(histories),
            "the target answers otherwise after save() and load()",
            "save everything that fit() learned, into the folder and nowhere else, and put the "
            "model in eval mode in load()",
        )

    def test_nothing_saved_is_a_pickle(self, fitted: Target, tmp_path: Path) -> None:
        """Run folders are shared; loading one must not run code."""
        fitted.save(tmp_path)
        pickles = [path.name for path in tmp_path.rglob("*") if is_pickle(path)]
        require(
            not pickles,
            f"save() wrote pickles: {', '.join(pickles)}",
            "write weights with safetensors and settings as JSON",
        )

    def test_the_same_seed_gives_the_same_target(
        self,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
        histories: list[list[str]],
        answers: FloatArray,
    ) -> None:
        """A run that is repeated is a run that agrees with itself."""
        check_same(
            answers,
            fitted_on(make_target(kit), log)[0].scores(histories),
            "two targets fitted with the same kit.seed differ",
            "draw all randomness of fit() from kit.seed, the initial weights too",
        )

    def test_fit_save_and_load_leave_no_traces(
        self,
        fitted: Target,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
        at_start: State,
        tmp_path: Path,
        empty_cwd: Path,
    ) -> None:
        """Building and training a target changes nothing else in the process."""
        with no_side_effects("building the target or fit()", since=at_start):
            target, _ = fitted_on(make_target(kit), log)
        with no_side_effects("save() or load()", since=at_start):
            target.save(tmp_path)
            make_target(kit).load(tmp_path)

    def test_asking_leaves_no_traces(
        self, fitted: Target, histories: list[list[str]], empty_cwd: Path
    ) -> None:
        """Asking changes nothing in the process."""
        with no_side_effects("scores()"):
            fitted.scores(histories)

    def test_asking_changes_no_argument_and_no_later_answer(
        self, fitted: Target, histories: list[list[str]], answers: FloatArray
    ) -> None:
        """The histories stay as they were, and the array returned is the caller's own."""
        given = copy.deepcopy(histories)
        fitted.scores(given)
        require(
            given == histories,
            "scores() changed the histories it was given",
            "work on a copy: list(history)",
        )
        check_own_array(lambda: fitted.scores(histories), "scores()")


def reloaded(saved: Target, new: Target, folder: Path) -> Target:
    """Return ``new`` after it has loaded what ``saved`` wrote, from where it was moved to."""
    written, moved = folder / "written", folder / "moved"
    written.mkdir()
    saved.save(written)
    shutil.move(written, moved)
    new.load(moved)
    return new
