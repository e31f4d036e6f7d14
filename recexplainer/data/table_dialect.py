"""Dialect of a delimited text file: what is not given is guessed from its first part."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from typing import Any, Literal

from recexplainer.data.number_cells import is_number
from recexplainer.data.text_tables import MISSING

__all__ = ["QUOTINGS", "Dialect", "Quoting", "TableFormat", "guess_dialect", "long_cells"]

Quoting = Literal["double", "backslash", "none"]
"""double: cells may stand in double quotes, in which a quote is written twice; backslash: in which
it is written ``\\"``; none: a double quote is a sign like any other."""

_DELIMITERS = (",", "\t", ";", "|")
QUOTINGS: tuple[Quoting, ...] = ("double", "none", "backslash")
_ROWS_TO_GUESS_BY = 200
_LONGEST_CELL = 1 << 24
"""Characters; what is longer is a quote that was never closed."""
_FIT_OF_INDEXED = 0.9
"""Rows that begin with their number fit well, but not as well as those that the header counts."""
_LONE_QUOTE = re.compile(r'[^"]"[^"]')


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a file is written, as far as that is given; None and empty leave it to be guessed.

    Attributes:
        delimiter: the one character between cells.
        usual_delimiter: what it is unless the file shows another.
        delimiter_option: what the option is called.
        encoding: Python's name of it.
        quoting: what a double quote means.
        header: whether the first row names the columns.
        names: the columns' names where no row tells them.
        numbered: whether columns are asked for by their numbers, which start at 0.
        typed: whether names in the header end in their type, such as ``title:token_seq``.
    """

    delimiter: str | None = None
    usual_delimiter: str = ","
    delimiter_option: str = "delimiter"
    encoding: str | None = None
    quoting: Quoting | None = None
    header: bool | None = None
    names: tuple[str, ...] = ()
    numbered: bool = False
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Attributes:
        delimiter, encoding, quoting, header: as of ``TableFormat``.
        indexed: whether rows begin with a cell that the header does not count, as R writes them.
        guessed: options whose values were guessed and are not the usual ones.
    """

    delimiter: str
    encoding: str
    quoting: Quoting
    header: bool
    indexed: bool = False
    guessed: frozenset[str] = frozenset()

    def reader(self, lines: Any) -> Any:
        """Return the one reader of rows there is, for guessing, reading and naming lines alike."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_NONE if self.quoting == "none" else csv.QUOTE_MINIMAL,
            doublequote=self.quoting != "backslash",
            escapechar="\\" if self.quoting == "backslash" else None,
            skipinitialspace=self.delimiter != " ",
            strict=True,
        )

    def told(self, name: str) -> tuple[str, ...]:
        """Return the sentence about what was guessed of the file called ``name``, if anything."""
        said = {option: words for option, words in self._words() if option in self.guessed}
        if not said:
            return ()
        options = ", ".join(f"`{option}`" for option in said)
        guess = f"a guess by its first {_ROWS_TO_GUESS_BY} rows; where it is wrong, set {options}"
        return (f"{name} was read {', '.join(said.values())}: {guess}",)

    def _words(self) -> Iterator[tuple[str, str]]:
        for option in ("delimiter", "field_separator"):
            yield option, f"with {self.delimiter!r} between cells"
        yield "encoding", f"as {self.encoding}"
        text, escaped = "with double quotes as part of the text", "with backslashes before quotes"
        yield "quoting", text if self.quoting == "none" else escaped
        numbered = "without a header, its columns numbered from 0"
        indexed = "with a nameless column of row numbers in front"
        yield "header", indexed if self.indexed else numbered


@contextmanager
def long_cells() -> Iterator[None]:
    """Let cells be as long as descriptions are."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def guess_dialect(head: str, encoding: str, given: TableFormat, *, whole: bool) -> Dialect:
    """Return the dialect of a file: what is given, and else what its first rows show.

    A delimiter fits the better the more rows have as many cells as the first; a quoting fits if
    the rows can be read so. Where both readings of double quotes fit, they are part of the text if
    they take whole rows into one cell, or stand amid unquoted cells.

    Args:
        head: the file's first lines.
        encoding: of the file.
        given: what is not to be guessed.
        whole: whether ``head`` is all of the file.
    """
    possible = (*_DELIMITERS, " ") if given.typed else _DELIMITERS
    delimiters = _tried(given.delimiter, given.usual_delimiter, possible)
    quotings = _tried(given.quoting, "double", QUOTINGS)
    plain = Dialect(given.usual_delimiter, encoding, quotings[0], header=True)
    looks = {
        delimiter: [
            _look(replace(plain, delimiter=delimiter, quoting=quoting), head, given, whole)
            for quoting in quotings
        ]
        for delimiter in delimiters
    }
    quoted = [max(of_one, key=lambda look: look.fit) for of_one in looks.values()]
    best = max(quoted, key=lambda look: (look.fit, look.width))  # of equals the first
    if best.dialect.quoting == "double" and given.quoting is None:
        rivals = (one for one in looks[best.dialect.delimiter] if one.rivals(best))
        best = next(rivals, best)
    header = best.indexed or _has_header(best.rows, given)
    found = replace(best.dialect, header=header, indexed=best.indexed)
    return replace(found, guessed=_guesses(found, best, given))


def _tried(given: Any, usual: Any, all_: Sequence[Any]) -> tuple[Any, ...]:
    return (given,) if given is not None else tuple(dict.fromkeys((usual, *all_)))


@dataclass(frozen=True, slots=True)
class _Look:
    """The first rows as one dialect reads them.

    Attributes:
        dialect: which.
        rows: the rows; fewer where one cannot be read.
        fit: the share of them with as many cells as the first; 0 where that is one, below where
            they cannot be read.
        indexed: as of ``Dialect``.
    """

    dialect: Dialect
    rows: list[list[str]]
    fit: float
    indexed: bool = False

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    @property
    def lines(self) -> int:
        """How many of the cells hold line breaks."""
        return sum(1 for row in self.rows for cell in row if "\n" in cell or "\r" in cell)

    @property
    def literal_quotes(self) -> bool:
        """Whether a quote stands amid a cell, where a writer that quotes would have quoted it."""
        return any(
            cell[:1] != '"' and _LONE_QUOTE.search(cell)
            for row in self.rows
            for cell in map(str.strip, row)
        )

    def rivals(self, best: _Look) -> bool:
        """Whether quotes are rather taken as text than as in ``best``, which quotes cells."""
        fits = self.dialect.quoting == "none" and self.fit >= max(best.fit, 1)
        return fits and (best.lines > 0 or self.literal_quotes)


def _look(dialect: Dialect, head: str, given: TableFormat, whole: bool) -> _Look:
    rows: list[list[str]] = []
    reader, broken = dialect.reader(StringIO(head, newline="")), False
    try:
        with long_cells():
            filled = (row for row in reader if len(row) > 1 or (row and row[0].strip()))
            rows.extend(islice(filled, _ROWS_TO_GUESS_BY))
    except csv.Error as error:
        broken = whole or "unexpected end" not in str(error)
    if not rows:
        return _Look(dialect, rows, -1 if broken else 0)
    width = len(given.names) or len(rows[0])
    body = rows[1:]
    indexed = given.header is None and not given.names and _is_indexed(body, width)
    if indexed:
        return _Look(dialect, rows, _FIT_OF_INDEXED, indexed=True)
    if broken:
        return _Look(dialect, rows, -1 / (1 + len(rows)))  # the farther it can be read the better
    fitting = sum(1 for row in rows if len(row) >= width and not any(row[width:]))
    return _Look(dialect, rows, fitting / len(rows) if width > 1 else 0)


def _is_indexed(body: Sequence[Sequence[str]], width: int) -> bool:
    """Whether each row begins with its number, which the header does not count."""
    if len(body) < 2 or any(len(row) != width + 1 for row in body):
        return False
    first = [row[0].strip() for row in body]
    start = int(first[0]) if first[0] in {"0", "1"} else None
    return start is not None and first == [str(start + row) for row in range(len(body))]


def _has_header(rows: Sequence[Sequence[str]], given: TableFormat) -> bool:
    if given.names:
        return False
    if given.header is not None:
        return given.header
    if len(rows) < 2:
        return not _is_lone_row(rows, given)
    first, body = [cell.strip() for cell in rows[0]], rows[1:]
    numeric = [_is_numeric(body, column) for column in range(len(first))]
    names = sum(1 for cell, number in zip(first, numeric, strict=True) if number and _is_word(cell))
    if names or first == [str(number) for number in range(len(first))]:
        return True
    data = any(number and is_number(cell) for cell, number in zip(first, numeric, strict=True))
    return not data and not given.numbered


def _is_lone_row(rows: Sequence[Sequence[str]], given: TableFormat) -> bool:
    """Whether a file's only line is a row: numbers stand in it that do not count its columns."""
    cells = [cell.strip() for row in rows for cell in row]
    counted = cells == [str(number) for number in range(len(cells))]
    return not counted and (given.numbered or any(map(is_number, cells))) and bool(cells)


def _is_numeric(body: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column].strip() for row in body if column < len(row)]
    told = [cell for cell in cells if cell not in MISSING]
    return bool(told) and sum(map(is_number, told)) > len(told) / 2


def _is_word(cell: str) -> bool:
    return cell not in MISSING and not is_number(cell)


def _guesses(found: Dialect, best: _Look, given: TableFormat) -> frozenset[str]:
    """Return the options that were guessed and are not as usual."""
    quotes = any('"' in cell for row in best.rows for cell in row)
    unusual = {
        given.delimiter_option: given.delimiter is None
        and found.delimiter != given.usual_delimiter,
        "encoding": given.encoding is None and found.encoding not in {"utf-8", "utf-8-sig"},
        "quoting": given.quoting is None and found.quoting != "double" and quotes,
        "header": found.indexed or (given.header is None and not (found.header or given.names)),
    }
    return frozenset(option for option, odd in unusual.items() if odd)
