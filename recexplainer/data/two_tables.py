"""A log in two files, one of items and one of interactions, or in one that holds both."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from recexplainer.data.interaction_table import (
    InteractionColumns,
    read_interactions,
    require_interaction_columns,
)
from recexplainer.data.item_table import ItemColumns, read_items, require_item_columns
from recexplainer.data.read_findings import Findings
from recexplainer.data.text_tables import FileSource, FirstOfEach, Source
from recexplainer.data.user_table import (
    UserColumns,
    read_users,
    require_user_columns,
    with_users,
)
from recexplainer.plugins.interfaces import Dataset
from recexplainer.plugins.providers import objections
from recexplainer.records import Bar, Catalogue, InteractionLog

__all__ = ["TwoTables", "TwoTablesDataset"]


@dataclass(frozen=True, slots=True)
class TwoTables:
    """The two files and what their columns mean.

    Attributes:
        items, item_columns: the file with one row per item; None where the first interaction with
            an item tells what there is to tell about it.
        interactions, columns: the file with one row per interaction.
        told: sentences about what the files were taken for.
        users: the file about users and its columns, if there is one.
    """

    items: FileSource | None
    item_columns: ItemColumns
    interactions: FileSource
    columns: InteractionColumns
    told: tuple[str, ...] = ()
    users: tuple[FileSource, UserColumns] | None = None

    def load(self, name: str, bar: Bar | None = None) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Args:
            name: of the data set.
            bar: advanced after each file.

        Raises:
            DataError: a file cannot be used; names the file and, where there is one, the line.
        """
        items, findings = read_items(self._items(), self.item_columns)
        if bar is not None:
            bar.advance()
        catalogue = Catalogue(items)
        histories, found = read_interactions(self.interactions, self.columns, catalogue)
        if bar is not None:
            bar.advance()
        log = (Findings(self.told) + findings + found).log(name, catalogue, histories)
        if self.users is None:
            return log
        return with_users(log, *read_users(*self.users))

    def check_items(self) -> None:
        """Look at the head of the items' file. Raises DataError where it cannot be used."""
        require_item_columns(self.items or self.interactions, self.item_columns)
        if self.items is not None:
            self.items.check_head()

    def check_interactions(self) -> None:
        """Look at the head of the interactions' file; raises as ``check_items``."""
        require_interaction_columns(self.interactions, self.columns)
        self.interactions.check_head()

    def check_users(self) -> None:
        """Look at the head of the file about users, if there is one; raises as ``check_items``."""
        if self.users is not None:
            require_user_columns(*self.users)
            self.users[0].check_head()

    def head_notes(self) -> Iterator[str]:
        """Yield what the files' first parts show to be guessed, dropped or odd.

        Raises:
            DataError: as ``load``.
        """
        _, findings = read_items(self._items(head=True), self.item_columns)
        _, found = read_interactions(self.interactions.head(), self.columns, None)
        yield from (Findings(self.told) + findings + found).notes

    def _items(self, *, head: bool = False) -> Source:
        file = self.items or self.interactions
        rows = file.head() if head else file
        return FirstOfEach(rows, self.item_columns.item) if self.items is None else rows


class TwoTablesDataset(Dataset):
    """Base of data sets whose options name two tables: looks at their heads before a run."""

    @abstractmethod
    def tables(self) -> TwoTables:
        """Return the two files, opened for nothing yet, and what their columns mean."""

    def objections(self) -> Iterator[str]:
        """Yield what the heads of the files show to be wrong; see ``Provider.ready``."""
        tables = self.tables()
        yield from objections(tables.check_items, tables.check_interactions, tables.check_users)

    def head_notes(self) -> Iterator[str]:
        """Yield what the heads of the files show to be guessed, dropped or odd."""
        yield from self.tables().head_notes()
