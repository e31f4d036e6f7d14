"""Users of a made-up target that recommends one item because of one title of the history."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.account import read_texts
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import FitReport, Target
from recexplainer.records import Catalogue, Context, Item, Written

USERS, LENGTH = 40, 6


class OneCause(Target):
    """Item ``u`` scores 10 if the history has title ``cause[u]``, else -10; titles score 0."""

    def __init__(self, catalogue, cause):
        self.catalogue, self.cause = catalogue, cause

    def scores(self, histories):
        scores = np.zeros((len(histories), len(self.catalogue)), dtype=np.float32)
        for row, history in enumerate(histories):
            for item, title in self.cause.items():
                scores[row, self.catalogue.row(item)] = 10.0 if title in history else -10.0
        return scores

    def fit(self, training, progress):
        return FitReport()

    def save(self, folder): ...

    def load(self, folder): ...


class OneCauseWorld:
    """The target, a case of each user's item, and a way to write about them."""

    def __init__(self) -> None:
        places = np.random.default_rng(7).integers(LENGTH, size=USERS)
        self.histories = [tuple(f"t{user}x{n}" for n in range(LENGTH)) for user in range(USERS)]
        titles = [Item(id=one, title=f"Film {one}") for own in self.histories for one in own]
        items = [Item(id=f"i{user}", title=f"Item {user}") for user in range(USERS)]
        self.catalogue = Catalogue([*titles, *items])
        self.cause = {f"i{user}": self.histories[user][places[user]] for user in range(USERS)}
        self.oracle = Oracle(OneCause(self.catalogue, self.cause), self.catalogue)
        self.reader = ClaimReader(self.catalogue)
        self.cases = [
            make_case(
                self.oracle,
                Context(f"u{user}", LENGTH, self.histories[user], "held_out_users"),
                f"i{user}",
            )
            for user in range(USERS)
        ]

    def told(self, write, cases=None):
        """Return what ``write`` says of each case, read."""
        about = self.cases if cases is None else cases
        written = [Written(case=one.id, explainer="e", text=write(one)) for one in about]
        return read_texts(written, about, self.reader)

    def refused(self):
        """Return cases of other users' items, which nobody has a title for: each a No."""
        return [
            case.model_copy(
                update={"id": f"{case.id}/no", "item": f"i{(row + 1) % USERS}", "decision": "No"}
            )
            for row, case in enumerate(self.cases)
        ]

    def other_title(self, case):
        """Return a title of the history that is not the cause."""
        return next(one for one in case.history if one != self.cause[case.item])


@pytest.fixture(scope="session")
def one_cause() -> OneCauseWorld:
    return OneCauseWorld()
