"""Explored run: a run as the page asks it; lists are never kept waiting by a language model."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from recexplainer.errors import RecxError
from recexplainer.explorer.address import Address
from recexplainer.explorer.name_index import NameIndex
from recexplainer.pipeline import Explained, LoadedRun, Ranking, config_of_run, load
from recexplainer.records import Case, Explanation
from recexplainer.service.shared_run import ACCOUNT, Limits, SharedRun

__all__ = ["ExploredRun", "ToldCase"]

_LIMITS = Limits(deadline=600.0)
"""A large language model may take minutes for one text; the page shows all else meanwhile."""


@dataclass(frozen=True, slots=True)
class ToldCase:
    """A case that the run explained, and how sure its text is.

    Attributes:
        case: what was asked.
        explainer: who wrote the text.
        confidence: 0 to 1, None where it was not scored.
        withheld: whether the text is withheld.
    """

    case: Case
    explainer: str
    confidence: float | None
    withheld: bool


class ExploredRun:
    """A run behind two threads: one asks the recommender, the other the run's own explainers.

    Args:
        name: what the page calls it.
        about: its recommender and data set in words.
        lists: asked for lists, edits and the recommender's own account.
        words: asked for explanations; its explainers are the run's own.
    """

    def __init__(self, name: str, about: str, lists: LoadedRun, words: LoadedRun) -> None:
        self.name, self.about = name, about
        self.catalogue, self.histories = lists.catalogue, lists.histories
        self.explainers = words.explainers
        self._loaded = lists
        self._lists, self._words = SharedRun(lists, _LIMITS), SharedRun(words, _LIMITS)

    @classmethod
    def open(cls, path: Path, explainers: tuple[str, ...] = ()) -> ExploredRun:
        """Return the run in a folder, with what it needs for a first answer in memory.

        Args:
            path: the run folder; it must have a trained recommender.
            explainers: in place of the run's own.

        Raises:
            RunFolderError: ``path`` is no run, or has no recommender yet.
            ConfigError: an explainer is not registered, or lacks what it needs.
        """
        config = config_of_run(path)
        lists, words = load(path, explainers=[ACCOUNT]), load(path, explainers=explainers)
        about = f"{config.target.name} on {config.dataset.name}"
        user = next(iter(lists.histories))
        lists.explain(user=user)
        with suppress(RecxError):  # the page says it where a text is asked for
            words.explain(user=user)
        return cls(path.resolve().name, about, lists, words)

    @cached_property
    def users(self) -> tuple[str, ...]:
        """All user ids."""
        return tuple(self.histories)

    @cached_property
    def user_index(self) -> NameIndex:
        """Finds users."""
        return NameIndex(self.users)

    @cached_property
    def title_index(self) -> NameIndex:
        """Finds items by title."""
        return NameIndex(self.catalogue.titles)

    @cached_property
    def told(self) -> tuple[ToldCase, ...]:
        """What the run explained, the least sure texts first; nothing before it has explained."""
        try:
            texts, given = self._loaded.explanations, self._loaded.given
        except RecxError:
            return ()
        cases = {case.id: case for case in self._loaded.cases}
        kept = {(one.case, one.explainer) for one in given}
        found = [_told(cases[one.case], one, kept) for one in texts]
        return tuple(sorted(found, key=lambda one: (one.confidence is None, one.confidence or 0)))

    async def ranking(self, address: Address) -> Ranking:
        """Return the whole list after the history that the address tells."""
        asked = self._asked(address)
        key = ("ranking", address.user, address.at, address.edit)
        return await self._lists.ask(lambda run: run.ranking(**asked), key=key)

    async def account(self, address: Address, item: str) -> Explained:
        """Return the recommender's own account of an item, checked."""
        asked = self._asked(address) | {"item": self.catalogue.title(item)}
        key = ("account", address.user, address.at, address.edit, item)
        return await self._lists.ask(lambda run: run.explain(**asked), key=key)

    async def words(self, address: Address, item: str) -> Explained:
        """Return what the run's own explainers say of an item, checked."""
        asked = self._asked(address) | {"item": self.catalogue.title(item)}
        key = ("words", address.user, address.at, address.edit, item)
        return await self._words.ask(lambda run: run.explain(**asked), key=key)

    async def what_if(self, address: Address, item: str, aim: str, kinds: tuple[str, ...]) -> Any:
        """Return a small edit that brings an item where it is wanted."""
        asked = self._asked(address) | {"item": self.catalogue.title(item), "aim": aim}
        key = ("what if", address.user, address.at, address.edit, item, aim, kinds)
        return await self._lists.ask(lambda run: run.what_if(**asked, edits=kinds), key=key)

    def close(self) -> None:
        """End the threads."""
        self._lists.close()
        self._words.close()

    def _asked(self, address: Address) -> dict[str, Any]:
        """Return the question that an address is; titles, since a title may look like an id."""
        known = self.histories.get(address.user)
        if address.at is None or known is None or address.at >= len(known):
            return {"user": address.user, "edit": address.edit}
        titles = [self.catalogue.title(item) for item in known[: address.at]]
        return {"history": titles, "edit": address.edit}


def _told(case: Case, text: Explanation, given: set[tuple[str, str]]) -> ToldCase:
    withheld = (text.case, text.explainer) not in given
    return ToldCase(case, text.explainer, text.check("confidence"), withheld)
