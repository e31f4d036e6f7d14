"""Address: what the page shows, as a web address; to reload or to hand on is to see the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from recexplainer.explanation.edits.changes import Change, Edit

__all__ = ["Address"]


@dataclass(frozen=True, slots=True)
class Address:
    """Whose history, which edits of it, and which item is explained.

    Attributes:
        user: a user id.
        item: the id of the item that is explained; None is the first of the list.
        at: how many interactions of the user count; None is all of them.
        without: ids taken out of the history.
        instead: pairs of an id of the history and the id in its place.
        added: ids put in at the end.
    """

    user: str
    item: str | None = None
    at: int | None = None
    without: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: str, query: str = "") -> Address:
        """Return what a path behind ``/user/`` and a query say; nonsense is left out.

        Args:
            path: the quoted user id, as it stands in the address.
            query: what follows the question mark, as it stands in the address.
        """
        found = dict(part.partition("=")[::2] for part in query.split("&") if "=" in part)
        at, pairs = found.get("at", ""), found.get("replace", "")
        halves = [pair.split(":") for pair in pairs.split(",")]
        return cls(
            unquote(path),
            unquote(found["item"]) if found.get("item") else None,
            int(at) if at.isascii() and at.isdigit() else None,
            tuple(_ids(found.get("without", ""))),
            tuple((unquote(pair[0]), unquote(pair[1])) for pair in halves if len(pair) == 2),
            tuple(_ids(found.get("add", ""))),
        )

    @property
    def url(self) -> str:
        """Path and query; ``read`` gives this address again."""
        parts = {
            "item": "" if self.item is None else _quoted(self.item),
            "at": "" if self.at is None else str(self.at),
            "without": ",".join(map(_quoted, self.without)),
            "replace": ",".join(f"{_quoted(old)}:{_quoted(new)}" for old, new in self.instead),
            "add": ",".join(map(_quoted, self.added)),
        }
        query = "&".join(f"{name}={text}" for name, text in parts.items() if text)
        return f"/user/{_quoted(self.user)}{'?' if query else ''}{query}"

    @property
    def edit(self) -> Edit:
        """The edits as changes."""
        return (
            *(Change("remove", (item,)) for item in self.without),
            *(Change("replace", (old,), (new,)) for old, new in self.instead),
            *(Change("add", new=(item,)) for item in self.added),
        )

    @property
    def unedited(self) -> Address:
        """The same user and item without any edit."""
        return replace(self, without=(), instead=(), added=())

    def taking_out(self, item: str) -> Address:
        """Return the address without ``item`` in the history; what was put in just goes again."""
        if item in self.added:
            return replace(self, added=tuple(one for one in self.added if one != item))
        old = next((old for old, new in self.instead if new == item), item)
        back = self.putting_back(old)
        return replace(back, without=(*back.without, old))

    def putting_back(self, item: str) -> Address:
        """Return the address with ``item`` of the history as it was."""
        return replace(
            self,
            without=tuple(one for one in self.without if one != item),
            instead=tuple(pair for pair in self.instead if pair[0] != item),
        )

    def replacing(self, item: str, new: str) -> Address:
        """Return the address with ``new`` in the place of ``item``."""
        if item in self.added:
            return replace(self, added=tuple(new if one == item else one for one in self.added))
        old = next((old for old, came in self.instead if came == item), item)
        back = self.putting_back(old)
        return replace(back, instead=(*back.instead, (old, new)))

    def adding(self, item: str) -> Address:
        """Return the address with ``item`` at the end of the history."""
        return self if item in self.added else replace(self, added=(*self.added, item))

    def edited(self, edit: Sequence[Change]) -> Address:
        """Return the address with an edit more, such as one that ``what_if`` found."""
        address = self
        for change in edit:
            if change.kind == "replace":
                for old, new in zip(change.old, change.new, strict=True):
                    address = address.replacing(old, new)
                continue
            for item in change.old:
                address = address.taking_out(item)
            for item in change.new:
                address = address.adding(item)
        return address


def _ids(joined: str) -> Iterator[str]:
    return (unquote(one) for one in joined.split(",") if one)


def _quoted(text: str) -> str:
    """Return ``text`` quoted, dots as well: browsers resolve a path of dots alone."""
    return quote(text, safe="").replace(".", "%2E") if set(text) <= {"."} else quote(text, safe="")
