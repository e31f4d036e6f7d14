"""What every target owes: a scoring function that answers any history, always the same way."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pytest

from recexplainer.plugins.interfaces import FitReport, Target, TargetKit
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing.rules import check_floats, check_same, refused, require
from recexplainer.testing.sharing import once_per_class
from recexplainer.testing.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.toy import toy_log, toy_training

__all__ = ["MakeTarget", "TargetContract", "sample_histories"]

MakeTarget = Callable[[TargetKit], Target]

UNKNOWN_ITEM = "no such item"
_PICKLED = {".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib"}


def sample_histories(log: InteractionLog, max_history: int) -> list[list[str]]:
    """Return histories of many lengths: real ones, an empty one, and some that no user ever had."""
    real = [list(history) for history in log.histories.values()]
    first, second = real[0], real[len(real) // 2]
    return [
        first[-max_history:],
        first[:1],
        [],
        first[: len(first) // 2] + second[len(second) // 2 :],  # two users mixed
        second[:1] + second[2:],  # an item removed
        list(log.catalogue.ids[:max_history]),
        second[-max_history:][::-1],
    ]


class TargetContract(LeavesNoTraces):
    """Subclass, and supply ``make_target``: called with a kit, builds one.

    The target is fitted once per class, on ``log``; override that fixture for a target that comes
    trained on items of its own.
    """

    unknown_items: ClassVar[Literal["refused", "ignored"]] = "refused"
    """What happens to an item that is not in the catalogue: an error that names it, or nothing."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log to fit on and ask about."""
        return toy_log()

    @pytest.fixture
    def kit(self, log: InteractionLog) -> TargetKit:
        """What the target is built with; a short ``max_history`` makes cutting visible."""
        return TargetKit(catalogue=log.catalogue, max_history=5, seed=7)

    @pytest.fixture
    def fitted(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
    ) -> Target:
        """A target, fitted once for the class."""
        return once_per_class(request, lambda: _fitted(make_target(kit), log))

    @pytest.fixture
    def histories(self, log: InteractionLog, kit: TargetKit) -> list[list[str]]:
        """The histories that the target is asked about."""
        return sample_histories(log, kit.max_history)

    def test_scores_are_finite_float32_of_shape_b_by_i(
        self, fitted: Target, kit: TargetKit, histories: list[list[str]]
    ) -> None:
        """One finite number per history and item, the empty history included."""
        shape = (len(histories), len(kit.catalogue))
        check_floats(fitted.scores(histories), shape, "scores()")

    def test_scores_tell_items_apart(self, fitted: Target, histories: list[list[str]]) -> None:
        """A target that likes all items alike recommends nothing, and cannot be explained."""
        spread = float(np.ptp(fitted.scores(histories[:1])))
        require(
            spread > 0,
            "every item got the same score",
            "check that fit() learned and that scores() reads what it learned",
        )

    def test_asking_twice_gives_the_same_scores(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """Nothing random is on while the target is asked."""
        check_same(
            fitted.scores(histories),
            fitted.scores(histories),
            "the same histories got different scores when asked again",
            "switch dropout and sampling off (model.eval()) after fit() and after load()",
        )

    def test_a_batch_of_one_equals_a_batch_of_many(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """A history's scores do not depend on what else is in the batch, nor on its place."""
        together = fitted.scores(histories)
        alone = np.concatenate([fitted.scores([history]) for history in histories])
        backwards = fitted.scores(histories[::-1])[::-1]
        fix = "pad and normalize per history; batch statistics must not reach the scores"
        check_same(together, alone, "a history alone got other scores than in a batch", fix)
        check_same(together, backwards, "scores changed with the order of the batch", fix)

    def test_only_the_last_max_history_items_are_read(
        self, fitted: Target, kit: TargetKit, log: InteractionLog
    ) -> None:
        """What is shown to a reader as the history is what f read, no more and no less."""
        long = list(log.catalogue.ids[: 3 * kit.max_history])
        check_same(
            fitted.scores([long]),
            fitted.scores([long[-kit.max_history :]]),
            f"items before the last {kit.max_history} changed the scores",
            "cut each history to its last kit.max_history items before reading it",
        )

    def test_an_unknown_item_is_refused_or_ignored_as_declared(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """An item outside the catalogue never passes for another one."""
        known = histories[0]
        if self.unknown_items == "ignored":
            check_same(
                fitted.scores([known[1:]]),
                fitted.scores([[*known[1:], UNKNOWN_ITEM]]),
                "an unknown item changed the scores, though unknown_items is 'ignored'",
                "drop unknown items before the history is read",
            )
            return
        if float(np.ptp(fitted.scores(histories), axis=0).max()) == 0:
            return  # such as popularity: no item of any history can pass for another
        refused(
            lambda: fitted.scores([[*known[1:], UNKNOWN_ITEM]]),
            UNKNOWN_ITEM,
            "an item outside the catalogue was not refused",
            "raise recexplainer.errors.UnknownNameError('item', id, catalogue.ids), or declare "
            "unknown_items = 'ignored' on the test class",
        )

    def test_saved_and_loaded_gives_the_same_scores(
        self,
        fitted: Target,
        make_target: MakeTarget,
        kit: TargetKit,
        histories: list[list[str]],
        tmp_path: Path,
    ) -> None:
        """``save`` then ``load`` into a new target, without ``fit``, changes nothing."""
        fitted.save(tmp_path)
        restored = make_target(kit)
        restored.load(tmp_path)
        check_same(
            fitted.scores(histories),
            restored.scores(histories),
            "the target answers otherwise after save() and load()",
            "save everything that fit() learned, and put the model in eval mode in load()",
        )

    def test_nothing_saved_is_a_pickle(self, fitted: Target, tmp_path: Path) -> None:
        """Run folders are shared; loading one must not run code."""
        fitted.save(tmp_path)
        pickles = [path.name for path in tmp_path.rglob("*") if _is_pickle(path)]
        require(
            not pickles,
            f"save() wrote pickles: {', '.join(pickles)}",
            "write weights with safetensors and settings as JSON",
        )

    def test_the_same_seed_gives_the_same_target(
        self,
        fitted: Target,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
        histories: list[list[str]],
    ) -> None:
        """A run that is repeated is a run that agrees with itself."""
        again = make_target(kit)
        again.fit(toy_training(log), SilentProgress())
        check_same(
            fitted.scores(histories),
            again.scores(histories),
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
        target = make_target(kit)
        with no_side_effects("fit()", since=at_start):
            target.fit(toy_training(log), SilentProgress())
        with no_side_effects("save() or load()", since=at_start):
            target.save(tmp_path)
            make_target(kit).load(tmp_path)

    def test_asking_leaves_no_traces(
        self, fitted: Target, histories: list[list[str]], empty_cwd: Path
    ) -> None:
        """Asking changes nothing in the process, in the arguments, or in later answers."""
        given = copy.deepcopy(histories)
        with no_side_effects("scores()"):
            answer = fitted.scores(given)
        require(
            given == histories,
            "scores() changed the histories it was given",
            "work on a copy: list(history)",
        )
        _require_own_array(fitted.scores, histories, answer, "scores()")


def _fitted(target: Target, log: InteractionLog) -> Target:
    report: object = target.fit(toy_training(log), SilentProgress())
    require(
        isinstance(report, FitReport),
        f"fit() returned {type(report).__name__}",
        "return FitReport(); its fields are optional",
    )
    return target


def _require_own_array(
    ask: Callable[[Sequence[Sequence[str]]], np.ndarray[tuple[int, ...], np.dtype[np.float32]]],
    histories: Sequence[Sequence[str]],
    answer: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    name: str,
) -> None:
    """Require that writing into an answer does not change the next one."""
    before = answer.copy()
    if answer.flags.writeable:
        answer[:] = -1.0
    check_same(
        before,
        ask(histories),
        f"writing into what {name} returned changed its next answer",
        "return a copy of internal arrays (callers mask seen items in place)",
    )


def _is_pickle(path: Path) -> bool:
    if not path.is_file():
        return False
    start = path.read_bytes()[:2]
    is_protocol = start[:1] == b"\x80" and start[1:] in {b"\x02", b"\x03", b"\x04", b"\x05"}
    return path.suffix in _PICKLED or is_protocol
