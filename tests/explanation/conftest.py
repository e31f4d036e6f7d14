"""A linear target, whose contributions are known exactly, and a small catalogue of films."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.account import read_texts
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Explainer, FitReport, FloatArray, Target
from recexplainer.records import Case, Catalogue, Context, Item, Progress, TrainingHistories


class LinearTarget(Target):
    """score(i | H) = sum over h in H of weights[h, i]: removing h lowers it by weights[h, i]."""

    def __init__(self, catalogue: Catalogue, weights: FloatArray) -> None:
        self.catalogue, self.weights = catalogue, weights
        self.asked: list[tuple[str, ...]] = []

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        self.asked.extend(tuple(history) for history in histories)
        rows = [self.weights[self.catalogue.rows(history)].sum(axis=0) for history in histories]
        return np.asarray(rows, dtype=np.float32)

    def save(self, folder: Path) -> None:
        raise AssertionError("never saved here")

    def load(self, folder: Path) -> None:
        raise AssertionError("never loaded here")


@pytest.fixture
def plain_catalogue() -> Catalogue:
    return Catalogue([Item(id=f"i{row}", title=f"Title {row:02d}") for row in range(40)])


@pytest.fixture
def linear(plain_catalogue: Catalogue) -> LinearTarget:
    weights = np.random.default_rng(5).normal(size=(40, 40)).astype(np.float32)
    return LinearTarget(plain_catalogue, weights)


@pytest.fixture
def linear_cases(linear: LinearTarget, plain_catalogue: Catalogue) -> list[Case]:
    """Every item as a case of three users."""
    contexts = [
        Context(f"u{user}", 8, tuple(f"i{row}" for row in range(user, user + 8)), "held_out_users")
        for user in range(3)
    ]
    return [
        make_case(Oracle(linear, plain_catalogue), context, item.id)
        for context in contexts
        for item in plain_catalogue
        if item.id not in context.history
    ]


@pytest.fixture
def told():
    """Returns what an explainer writes about cases, as the pipeline reads it."""

    def tell(explainer: Explainer, cases: Sequence[Case], catalogue: Catalogue, *instruction: str):
        written = list(explainer.explain(cases, *instruction))
        return read_texts(written, cases, ClaimReader(catalogue))

    return tell


FILMS = {
    "alien": ("Alien", ("Horror", "Sci-Fi"), "1979"),
    "aliens": ("Aliens", ("Action", "Sci-Fi"), "1986"),
    "alien3": ("Alien 3", ("Horror",), "1992"),
    "heat": ("Heat", ("Crime",), "1995"),
    "it": ("It", ("Horror",), "1990"),
    "go": ("Go", ("Comedy",), "1999"),
    "m": ("M", ("Crime",), "1931"),
    "187": ("187", ("Drama",), "1997"),
    "1984": ("1984", ("Drama", "Sci-Fi"), "1984"),
    "escape": ("No Escape", ("Action",), "1994"),
    "goodbad": ("Good, the Bad and the Ugly, The", ("Western",), "1966"),
    "usual": ("Usual Suspects, The", ("Crime", "Thriller"), "1995"),
    "star4": ("Star Wars", ("Action", "Sci-Fi"), "1977"),
    "star5": ("Star Wars: The Empire Strikes Back", ("Action", "War"), "1980"),
    "burbs": ('The "Burbs"', ("Comedy",), "1989"),
    "ulee": ("Ulee's Gold", ("Drama",), "1997"),
    "thing": ("That Thing You Do!", ("Comedy",), "1996"),
    "misc": ("Les Misérables", ("Drama", "Musical"), "1995"),
    "seven": ("Seven (Se7en)", ("Crime", "Thriller"), "1995"),
    "hamlet1": ("Hamlet (1990)", ("Drama",), "1990"),
    "hamlet2": ("Hamlet (1996)", ("Drama",), "1996"),
    "fargo": ("Fargo", ("Crime", "Drama"), "1996"),
    "toy": ("Toy Story", ("Animation", "Children's"), "1995"),
    "duck": ("Duck & Cover", ("Film-Noir",), "1950"),
}


@pytest.fixture(scope="session")
def films() -> Catalogue:
    return Catalogue(
        [
            Item(id=key, title=title, attributes={"genre": genres, "release_year": (year,)})
            for key, (title, genres, year) in FILMS.items()
        ]
    )


@pytest.fixture(scope="session")
def film_case() -> Case:
    """Fargo for somebody who has seen twelve films; the target says Yes."""
    history = (
        *("alien", "heat", "goodbad", "usual", "star4", "burbs", "ulee", "thing", "misc", "seven"),
        *("hamlet1", "it"),
    )
    return Case(
        id="u@12/fargo",
        user="u",
        history=history,
        item="fargo",
        split="held_out_users",
        decision="Yes",
        score=2.0,
        rank=1,
        candidates=12,
    )
