"""Folder of a run's study with people, and its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recexplainer.judging.study_design import StudyKey, study_is_of
from recexplainer.pipeline.execution.stage_files import METRICS, VERDICTS
from recexplainer.records import Explanation, Metric, Verdict
from recexplainer.runs.artifacts import read_records

__all__ = ["StudyFolder"]


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """The folder ``study`` of a run; it outlives every stage, since people's work is in it.

    Args:
        run: the run folder.
    """

    run: Path

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.run / "study"

    @property
    def key_path(self) -> Path:
        """The answer key."""
        return self.path / "answer-key.jsonl"

    @property
    def verdicts_path(self) -> Path:
        """The raters' grades."""
        return self.path / VERDICTS

    @property
    def metrics_path(self) -> Path:
        """Results of the grades."""
        return self.path / METRICS

    def key(self) -> StudyKey | None:
        """Return the answer key, or None where no study was exported."""
        if not self.key_path.is_file():
            return None
        (key,) = read_records(self.key_path, StudyKey)
        return key

    def results(
        self, explanations: Sequence[Explanation]
    ) -> tuple[tuple[Metric, ...], tuple[Verdict, ...]]:
        """Return figures and grades; nothing where no answers came, or they are about other texts.

        Args:
            explanations: those that the run holds now.
        """
        key = self.key()
        if key is None or not self.metrics_path.is_file() or not study_is_of(key, explanations):
            return (), ()
        return (
            tuple(read_records(self.metrics_path, Metric)),
            tuple(read_records(self.verdicts_path, Verdict)),
        )
