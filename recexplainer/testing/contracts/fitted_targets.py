"""A target that was fitted once: fixtures that all rules of targets share."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import pytest

from recexplainer.plugins.interfaces import FitReport, FloatArray, Target, TargetKit
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing.contracts.rules import require
from recexplainer.testing.contracts.shared_parts import once_per_class, resting_on
from recexplainer.testing.contracts.side_effects import LeavesNoTraces, State
from recexplainer.testing.contracts.target_answers import known_histories, steady
from recexplainer.testing.toy import toy_log, toy_training

__all__ = ["FittedTarget", "MakeTarget", "fitted_on"]

MakeTarget = Callable[[TargetKit], Target]


class FittedTarget(LeavesNoTraces):
    """Fixtures that build and fit a target, and the rule on its fit."""

    unknown_items: ClassVar[Literal["refused", "ignored"]] = "refused"
    """What happens to an item that is not in the catalogue: an error that names it, or nothing."""
    reads_order: ClassVar[bool] = True
    """False for a target to which a history is a set: no order of its items changes an answer."""
    max_history: ClassVar[int] = 5
    """The target's ``max_history``; few, so that cutting shows in short histories."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log to fit on and ask about."""
        return toy_log()

    @pytest.fixture
    def kit(self, log: InteractionLog) -> TargetKit:
        """What the target is built with."""
        return TargetKit(catalogue=log.catalogue, max_history=self.max_history, seed=7)

    @pytest.fixture
    def trained(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
    ) -> tuple[Target, object]:
        """A target and what its ``fit`` returned, once for the class."""
        return once_per_class(request, lambda: fitted_on(make_target(kit), log))

    @pytest.fixture
    def fitted(
        self,
        request: pytest.FixtureRequest,
        make_target: MakeTarget,
        kit: TargetKit,
        log: InteractionLog,
    ) -> Target:
        """The target that was fitted once for the class; see ``resting_on`` for what it takes."""
        target: Target = resting_on(request, "trained", "fit returns a report")[0]
        return target

    @pytest.fixture
    def histories(self, log: InteractionLog, kit: TargetKit) -> list[list[str]]:
        """Histories of users of the log."""
        return known_histories(log, kit.max_history)

    @pytest.fixture
    def answers(self, fitted: Target, kit: TargetKit, histories: list[list[str]]) -> FloatArray:
        """The scores of the histories; asked for by the rules that compare others with them."""
        shape = len(histories), len(kit.catalogue)
        asked = "the rules on the shape and repeat of scores"
        return steady(lambda: fitted.scores(histories), *shape, asked)

    def test_fit_returns_a_report(self, trained: tuple[Target, object]) -> None:
        """Training ends, and tells what it came to."""
        require(
            isinstance(trained[1], FitReport),
            f"fit() returned {type(trained[1]).__name__}",
            "return FitReport(); its fields are optional",
        )


def fitted_on(target: Target, log: InteractionLog) -> tuple[Target, object]:
    """Return the target, fitted on a log, and what ``fit`` returned."""
    return target, target.fit(toy_training(log), SilentProgress())
