"""Interface that the author of a judge implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from recexplainer.records import Case, Catalogue, Explanation, Progress, SilentProgress, Verdict

__all__ = ["Judge", "JudgeKit", "RuleJudge"]


@dataclass(frozen=True)
class JudgeKit:
    """What a judge is built with.

    Attributes:
        catalogue: the items.
        seed: of everything drawn at random.
        folder: where the judge may keep what it should not have to ask for twice; what lies there
            outlives a change of judges. None keeps nothing.
        progress: where it may say what it is about to ask for, and what that took.
    """

    catalogue: Catalogue
    seed: int = 0
    folder: Path | None = None
    progress: Progress = field(default_factory=SilentProgress)


class Judge(ABC):
    """Grades explanations on the paper's four-level scale (section 4.3)."""

    @abstractmethod
    def grade(self, pairs: Sequence[tuple[Case, Explanation]]) -> Iterable[Verdict]:
        """Yield one verdict per pair, in order; grade None with a reason where it cannot tell."""


class RuleJudge(Judge):
    """Base class of judges that grade each pair by itself: implement ``decide``, set ``name``."""

    name: ClassVar[str]
    """What the provider is registered under."""

    @abstractmethod
    def decide(self, case: Case, explanation: Explanation) -> tuple[int | None, str]:
        """Return the grade, 1 to 4, or None where it cannot tell; and the reason."""

    def grade(self, pairs: Sequence[tuple[Case, Explanation]]) -> Iterable[Verdict]:
        """Yield what ``decide`` returns of each pair, in order."""
        for case, explanation in pairs:
            grade, reason = self.decide(case, explanation)
            yield Verdict(
                case=case.id,
                explainer=explanation.explainer,
                judge=self.name,
                grade=grade,
                reason=reason,
            )
