"""Numbers in cells, with a decimal point or a decimal comma."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DecimalMark", "is_number", "numbers"]

DecimalMark = Literal[".", ","]

_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_WITH_COMMA = r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?"
_LIKE_THOUSANDS = r"[-+]?\d{1,3}(?:,\d{3})+"


def is_number(cell: str) -> bool:
    """Whether ``cell`` is a number, written either way."""
    return _NUMBER.fullmatch(cell) is not None


def numbers(cells: pd.Series[str], mark: DecimalMark | None = None) -> tuple[pd.Series[float], int]:
    """Return the numbers in ``cells``, missing where there is none, and how many had a comma.

    Args:
        cells: what may be numbers.
        mark: the decimal mark; None finds it: a comma where one is followed by other than three
            digits, which could be thousands.
    """
    import numpy as np
    import pandas as pd

    found = pd.to_numeric(cells, errors="coerce").replace([np.inf, -np.inf], np.nan)
    open_ = found.isna()
    if mark == "." or not open_.any():
        return found, 0
    rest = cells[open_].astype("str")
    commas = rest[rest.str.fullmatch(_WITH_COMMA)]
    if commas.empty or (mark is None and commas.str.fullmatch(_LIKE_THOUSANDS).all()):
        return found, 0
    read = pd.to_numeric(commas.str.replace(",", ".", regex=False), errors="coerce")
    found = found.astype("float64")
    found[read.index] = read
    return found, len(read)
