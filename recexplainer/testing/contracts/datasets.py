"""Contract of data sets: a log that the other rooms can rely on without looking again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from recexplainer.plugins.interfaces import Dataset
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing.contracts.rules import broken, require
from recexplainer.testing.contracts.shared_parts import once_per_class, resting_on
from recexplainer.testing.contracts.side_effects import LeavesNoTraces, State, no_side_effects

__all__ = ["DatasetContract"]

MakeDataset = Callable[[], Dataset]


class DatasetContract(LeavesNoTraces):
    """Subclass, and supply ``make_dataset``: builds one from nothing.

    Files are to be named by absolute paths, because the rules run in other folders.
    """

    @pytest.fixture
    def loaded(
        self, request: pytest.FixtureRequest, at_start: State, make_dataset: MakeDataset
    ) -> InteractionLog:
        """What was loaded once for the class, which must be a log."""
        log: object = once_per_class(request, lambda: make_dataset().load(SilentProgress()))
        if not isinstance(log, InteractionLog):
            broken(f"load() returned {type(log).__name__}", "return an InteractionLog")
        return log

    @pytest.fixture
    def log(self, request: pytest.FixtureRequest, make_dataset: MakeDataset) -> InteractionLog:
        """The log that was loaded once for the class."""
        log: InteractionLog = resting_on(request, "loaded", "loading returns a log")
        return log

    def test_loading_returns_a_log(self, loaded: InteractionLog) -> None:
        """``load`` ends, with an ``InteractionLog``."""

    def test_there_is_something_to_learn_from(self, log: InteractionLog) -> None:
        """A log has a name, items, users, and no user without an interaction."""
        require(log.name.strip(), "the log has no name", "pass the data set's name")
        require(len(log.catalogue), "the catalogue is empty", "read the items")
        require(log.histories, "there are no users", "read the interactions")
        idle = [user for user, history in log.histories.items() if not history]
        require(not idle, f"users without interactions: {idle[:3]}", "leave them out")

    def test_items_have_unique_ids_and_readable_titles(self, log: InteractionLog) -> None:
        """Ids name one item each; titles may repeat, as they are made distinct later."""
        ids = log.catalogue.ids
        wrong = [item_id for item_id in ids if not _is_readable(item_id)]
        require(
            not wrong,
            f"item ids that are empty, padded or no text: {wrong[:3]}",
            "use the data's own strings",
        )
        twice = [item_id for item_id, count in Counter(ids).items() if count > 1]
        require(not twice, f"item ids that occur twice: {twice[:3]}", "merge or refuse them")
        bad = [item.id for item in log.catalogue if not _is_readable(item.title)]
        require(
            not bad,
            f"titles that are empty, padded or no text, of items {bad[:3]}",
            "strip titles; an item without one is a DataError or is dropped with a note",
        )

    def test_attributes_are_tuples_of_words(self, log: InteractionLog) -> None:
        """An attribute that an item lacks is absent, not empty."""
        for item in log.catalogue:
            for name, values in item.attributes.items():
                require(
                    _is_tuple(values) and values and all(map(_is_readable, values)),
                    f"attribute {name!r} of item {item.id!r} is {values!r}",
                    "give a tuple of non-empty strings, or leave the attribute out",
                )

    def test_histories_name_items_of_the_catalogue(self, log: InteractionLog) -> None:
        """Every interaction is with an item that has a title."""
        known = set(log.catalogue.ids)
        for user, history in log.histories.items():
            require(
                _is_readable(user) and _is_tuple(history),
                f"history of user {user!r}: {type(user).__name__} to {type(history).__name__}",
                "user ids are strings and histories are tuples of item ids",
            )
            strangers = [item for item in history if item not in known]
            require(
                not strangers,
                f"user {user!r} has items that are not in the catalogue: {strangers[:3]}",
                "raise DataError, or drop such interactions with a counted note",
            )

    def test_notes_are_sentences_with_counts(self, log: InteractionLog) -> None:
        """The report says what was mended or dropped."""
        for note in log.notes:
            require(
                any(sign.isdigit() for sign in note),
                f"the note {note!r} does not say how many",
                "write one sentence with a count: '3 duplicate rows dropped (first: line 7)'",
            )

    def test_loading_again_gives_the_same_log(
        self, make_dataset: MakeDataset, log: InteractionLog, empty_cwd: Path
    ) -> None:
        """Reading has no randomness, and does not depend on the folder it is done in."""
        again = make_dataset().load(SilentProgress())
        same = (
            list(again.catalogue) == list(log.catalogue)
            and list(again.histories.items()) == list(log.histories.items())
            and again.notes == log.notes
        )
        require(
            same,
            "loading twice gave two logs that differ",
            "keep the order of the files: sort stably, and do not iterate over sets",
        )

    def test_loading_leaves_no_traces(
        self, make_dataset: MakeDataset, log: InteractionLog, at_start: State, empty_cwd: Path
    ) -> None:
        """Nothing in the process or the working directory changes."""
        with no_side_effects("load()", since=at_start):
            make_dataset().load(SilentProgress())


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)


def _is_readable(text: object) -> bool:
    return isinstance(text, str) and bool(text) and text.strip() == text
