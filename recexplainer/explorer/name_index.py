"""Name index: finds users or items by a part of their name; nothing else leaves the server."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

__all__ = ["NameIndex"]


class NameIndex:
    """Names without regard to case, folded once.

    Args:
        names: the N names; a place in them is what is found.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._folded = [name.casefold() for name in names]

    def find(self, text: str, count: int) -> list[int]:
        """Return up to ``count`` places whose name has ``text`` in it, in three groups.

        The name itself comes first, then those that begin with it, then the others; within each
        group in the order of the names. An empty text finds the first names.
        """
        wanted = text.strip().casefold()
        same = [place for place, name in enumerate(self._folded) if name == wanted]
        begin = (
            place
            for place, name in enumerate(self._folded)
            if name != wanted and name.startswith(wanted)
        )
        within = (
            place
            for place, name in enumerate(self._folded)
            if wanted in name and not name.startswith(wanted)
        )
        return list(islice((place for part in (same, begin, within) for place in part), count))
