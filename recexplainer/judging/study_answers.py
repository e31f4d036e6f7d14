"""Raters' answers, read from their downloads, with their codes resolved."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from recexplainer.errors import DataError
from recexplainer.judging.rubric import LEVELS
from recexplainer.judging.study_design import StudyKey
from recexplainer.records import Verdict

__all__ = ["read_answers"]

_COLUMNS = ["study", "rater", "code", "grade"]
_OPEN = "the rater gave no grade"


def read_answers(files: Sequence[Path], key: StudyKey) -> list[Verdict]:
    """Return one verdict per rater and text; those that were left open have no grade.

    Args:
        files: CSV files as the form writes them, one or more per rater.
        key: of the study they belong to.

    Raises:
        DataError: a file is not such a file, or of another study; names file and line.
    """
    grades: dict[str, dict[str, int | None]] = {}
    for path in files:
        for line, row in _rows(path):
            _take(row, key, grades, path, line)
    return [
        Verdict(
            case=hidden.case,
            explainer=hidden.explainer,
            judge=rater,
            grade=given.get(code),
            reason="" if given.get(code) else _OPEN,
        )
        for rater, given in grades.items()
        for code, hidden in key.raters[rater].items()
    ]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line with its cells."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames is None or list(reader.fieldnames) != _COLUMNS:
                raise DataError(
                    f"must begin with the line {','.join(_COLUMNS)}, as the form writes it",
                    path=path,
                    line=1,
                )
            for row in reader:
                if None in row or None in row.values():
                    raise DataError("must have 4 cells", path=path, line=reader.line_num)
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot be read as CSV ({error})", path=path) from None


def _take(
    row: Mapping[str, str],
    key: StudyKey,
    grades: dict[str, dict[str, int | None]],
    path: Path,
    line: int,
) -> None:
    """Enter one line of a rater into ``grades``."""
    study, rater, code, given = (row[column].strip() for column in _COLUMNS)
    if study != key.study:
        raise DataError(
            f"answers study {study!r}, and this run's is {key.study!r}", path=path, line=line
        )
    if rater not in key.raters:
        known = ", ".join(key.raters)
        raise DataError(f"there is no {rater!r}; there are {known}", path=path, line=line)
    if code not in key.raters[rater]:
        raise DataError(f"the form of {rater} has no text {code!r}", path=path, line=line)
    if given not in {"", *map(str, LEVELS)}:
        raise DataError(f"the grade must be 1 to 4 or empty, got {given!r}", path=path, line=line)
    grade = int(given) if given else None
    known_grades = grades.setdefault(rater, {})
    if known_grades.get(code, grade) != grade:
        raise DataError(
            f"{rater} graded {code} before, and otherwise; give only the last download of each",
            path=path,
            line=line,
        )
    known_grades[code] = grade
