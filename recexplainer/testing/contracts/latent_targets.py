"""Contract of targets with vectors, besides that of their scores."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from recexplainer.plugins.interfaces import FloatArray, LatentTarget, Target, TargetKit
from recexplainer.records import InteractionLog
from recexplainer.testing.contracts.fitted_targets import MakeTarget
from recexplainer.testing.contracts.rules import (
    broken,
    check_floats,
    check_same,
    inapplicable,
    require,
)
from recexplainer.testing.contracts.shared_parts import resting_on
from recexplainer.testing.contracts.side_effects import no_side_effects
from recexplainer.testing.contracts.target_answers import (
    check_answered,
    check_batches,
    check_order_ignored,
    check_own_array,
    check_window,
    steady,
    strange_histories,
)
from recexplainer.testing.contracts.targets import TargetContract, reloaded

__all__ = ["LatentTargetContract"]

Vectors = tuple[FloatArray, FloatArray]
"""User vectors ``(B, d_rec)`` and item vectors ``(I, d_rec)``."""


class LatentTargetContract(TargetContract):
    """Subclass, and supply ``make_target`` as for ``TargetContract``."""

    scores_are_dot_products: ClassVar[bool] = True
    """Whether ``user_vectors @ item_vectors.T`` ranks items as ``scores`` does."""

    @pytest.fixture
    def offered(self, fitted: Target) -> LatentTarget:
        """The fitted target, which must be one with vectors."""
        if not isinstance(fitted, LatentTarget):
            broken(
                f"{type(fitted).__name__} is no LatentTarget",
                "subclass LatentTarget, or test it with TargetContract and drop the 'vectors' "
                "capability from its provider",
            )
        return fitted

    @pytest.fixture
    def latent(self, request: pytest.FixtureRequest, fitted: Target) -> LatentTarget:
        """The fitted target with vectors."""
        target: LatentTarget = resting_on(request, "offered", "vectors are offered")
        return target

    @pytest.fixture
    def vectors(self, latent: LatentTarget, kit: TargetKit, histories: list[list[str]]) -> Vectors:
        """The vectors; asked for by the rules that compare others with them."""
        rules = "the rules on the shape and repeat of vectors"
        return (
            steady(lambda: latent.user_vectors(histories), len(histories), None, rules),
            steady(latent.item_vectors, len(kit.catalogue), None, rules),
        )

    def test_vectors_are_offered(self, offered: LatentTarget) -> None:
        """What declares the ``vectors`` capability has ``user_vectors`` and ``item_vectors``."""

    def test_vectors_are_finite_float32_of_one_width(
        self, latent: LatentTarget, kit: TargetKit, histories: list[list[str]]
    ) -> None:
        """``(B, d_rec)`` and ``(I, d_rec)``; one projector each must fit them."""
        items, users = latent.item_vectors(), latent.user_vectors(histories)
        check_floats(items, (len(kit.catalogue), None), "item_vectors()")
        check_floats(users, (len(histories), None), "user_vectors()")
        require(
            not self.scores_are_dot_products or users.shape[1] == items.shape[1],
            f"user vectors have {users.shape[1]} numbers and item vectors {items.shape[1]}",
            "a dot product needs one width; or declare that scores are more than dot products "
            "(the capability 'more_than_dot', or scores_are_dot_products = False)",
        )

    def test_vectors_tell_histories_and_items_apart(self, vectors: Vectors) -> None:
        """Vectors that are all alike teach a language model nothing about the target."""
        for rows, name in zip(vectors, ("user_vectors()", "item_vectors()"), strict=True):
            require(
                float(np.ptp(rows, axis=0).max()) > 0,
                f"all rows of {name} are alike",
                "return the learned vectors, after fit() or load()",
            )

    def test_asking_twice_gives_the_same_vectors(
        self, latent: LatentTarget, histories: list[list[str]]
    ) -> None:
        """A history has one vector at all times; so has an item."""
        fix = "switch dropout and sampling off (model.eval()) after fit() and after load()"
        users, items = np.array(latent.user_vectors(histories)), np.array(latent.item_vectors())
        again = "changed on asking again"
        check_same(users, latent.user_vectors(histories), f"user_vectors() {again}", fix)
        check_same(items, latent.item_vectors(), f"item_vectors() {again}", fix)

    def test_a_batch_of_one_equals_a_batch_of_many_vectors(
        self, latent: LatentTarget, histories: list[list[str]], vectors: Vectors
    ) -> None:
        """A history's vector does not depend on what else is in the batch, nor on its place."""
        check_batches(latent.user_vectors, histories, "user vectors")

    def test_any_history_has_a_vector(
        self, latent: LatentTarget, log: InteractionLog, kit: TargetKit, vectors: Vectors
    ) -> None:
        """Also the empty one, and those that no user had."""
        check_answered(
            latent.user_vectors,
            [[], *strange_histories(log, kit.max_history)],
            vectors[0].shape[1],
            "user_vectors()",
            "read the vector off the items of the history; an empty one may have a zero vector",
        )

    def test_vectors_read_the_last_max_history_items(
        self, latent: LatentTarget, kit: TargetKit, vectors: Vectors
    ) -> None:
        """Scores and vectors answer about the same history."""
        check_window(latent.user_vectors, kit.catalogue, kit.max_history, "user vector")

    def test_the_order_of_a_history_counts_in_vectors_as_declared(
        self, latent: LatentTarget, histories: list[list[str]], vectors: Vectors
    ) -> None:
        """Where a history is declared to be a set, its vector has no order either."""
        if self.reads_order:
            inapplicable("the target does not declare that order does not count")
        check_order_ignored(latent.user_vectors, histories, "user vectors")

    def test_dot_products_rank_as_scores_do(self, answers: FloatArray, vectors: Vectors) -> None:
        """The vectors that are explained are those that decide."""
        users, items = vectors
        if not self.scores_are_dot_products:
            inapplicable("scores are declared to be more than dot products")
        if users.shape[1] != items.shape[1]:
            inapplicable("rests on the rule 'vectors are finite float32 of one width'")
        fall = _largest_disorder(answers, users @ items.T)
        require(
            fall <= 1e-3,
            f"user_vectors @ item_vectors.T ranks items unlike scores (by {fall:.2g})",
            "return the vectors that scores() multiplies, in catalogue order; where the target "
            "adds a bias or another step after them, declare it (the capability 'more_than_dot', "
            "or scores_are_dot_products = False on the test class)",
        )

    def test_saved_and_loaded_gives_the_same_vectors(
        self,
        latent: LatentTarget,
        make_target: MakeTarget,
        kit: TargetKit,
        histories: list[list[str]],
        vectors: Vectors,
        tmp_path: Path,
    ) -> None:
        """``save``, move the folder, ``load`` into a new target keeps the vectors too."""
        restored = reloaded(latent, make_target(kit), tmp_path)
        if not isinstance(restored, LatentTarget):
            broken("a second target has no vectors", "build the same kind of target every time")
        fix = "save everything that fit() learned"
        changed = "vectors changed by save() and load()"
        check_same(vectors[0], restored.user_vectors(histories), f"user {changed}", fix)
        check_same(vectors[1], restored.item_vectors(), f"item {changed}", fix)

    def test_asking_for_vectors_leaves_no_traces(
        self, latent: LatentTarget, histories: list[list[str]], empty_cwd: Path
    ) -> None:
        """Nothing in the process changes."""
        with no_side_effects("user_vectors() or item_vectors()"):
            latent.user_vectors(histories)
            latent.item_vectors()

    def test_vectors_returned_are_the_callers_own(
        self, latent: LatentTarget, histories: list[list[str]], vectors: Vectors
    ) -> None:
        """Writing into them changes no later answer."""
        check_own_array(lambda: latent.user_vectors(histories), "user_vectors()")
        check_own_array(latent.item_vectors, "item_vectors()")


def _largest_disorder(scores: FloatArray, products: FloatArray) -> float:
    """Return how much the two orders of ``(B, I)`` disagree, as a share of a row's spread."""
    return max(_largest_rise(scores, products), _largest_rise(products, scores))


def _largest_rise(values: FloatArray, leading: FloatArray) -> float:
    """Return how far ``values`` rises above an earlier one, down the order of ``leading``."""
    order = np.lexsort((-values, -leading), axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    rises = ordered - np.minimum.accumulate(ordered, axis=1)
    return float((rises / (np.ptp(values, axis=1, keepdims=True) + 1e-9)).max(initial=0.0))
