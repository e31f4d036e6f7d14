"""What a target with vectors owes besides its scores."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from recexplainer.plugins.interfaces import FloatArray, LatentTarget, Target, TargetKit
from recexplainer.testing.contracts.targets import MakeTarget, TargetContract
from recexplainer.testing.rules import broken, check_floats, check_same, require
from recexplainer.testing.side_effects import no_side_effects

__all__ = ["LatentTargetContract"]


class LatentTargetContract(TargetContract):
    """Subclass, and supply ``make_target`` as for ``TargetContract``."""

    scores_are_dot_products: ClassVar[bool] = True
    """Whether ``user_vectors @ item_vectors.T`` ranks items as ``scores`` does."""

    def test_vectors_are_offered(self, fitted: Target) -> None:
        """The other rules here need both methods."""
        _latent(fitted)

    def test_vectors_are_finite_float32_of_one_width(
        self, fitted: Target, kit: TargetKit, histories: list[list[str]]
    ) -> None:
        """``(B, d_rec)`` and ``(I, d_rec)``; one projector each must fit them."""
        target = _latent(fitted)
        items, users = target.item_vectors(), target.user_vectors(histories)
        check_floats(items, (len(kit.catalogue), None), "item_vectors()")
        check_floats(users, (len(histories), None), "user_vectors()")
        require(
            not self.scores_are_dot_products or users.shape[1] == items.shape[1],
            f"user vectors have {users.shape[1]} numbers and item vectors {items.shape[1]}",
            "a dot product needs one width; or declare scores_are_dot_products = False",
        )

    def test_vectors_tell_histories_and_items_apart(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """Vectors that are all alike teach a language model nothing about f."""
        target = _latent(fitted)
        for vectors, name in (
            (target.item_vectors(), "item_vectors()"),
            (target.user_vectors(histories), "user_vectors()"),
        ):
            require(
                float(np.ptp(vectors, axis=0).max()) > 0,
                f"all rows of {name} are alike",
                "return the learned vectors, after fit() or load()",
            )

    def test_vectors_do_not_depend_on_the_batch_or_the_moment(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """A history has one vector; so has an item."""
        target = _latent(fitted)
        together = target.user_vectors(histories)
        alone = np.concatenate([target.user_vectors([history]) for history in histories])
        fix = "switch dropout off, and pad and normalize per history"
        check_same(together, alone, "a history alone got another vector than in a batch", fix)
        check_same(
            together, target.user_vectors(histories), "user_vectors() changed on asking again", fix
        )
        check_same(
            target.item_vectors(), target.item_vectors(), "item_vectors() changed on asking", fix
        )

    def test_user_vectors_read_the_last_max_history_items(
        self, fitted: Target, kit: TargetKit
    ) -> None:
        """Scores and vectors answer about the same history."""
        target = _latent(fitted)
        long = list(kit.catalogue.ids[: 3 * kit.max_history])
        check_same(
            target.user_vectors([long]),
            target.user_vectors([long[-kit.max_history :]]),
            f"items before the last {kit.max_history} changed the user vector",
            "cut each history to its last kit.max_history items before reading it",
        )

    def test_dot_products_rank_as_scores_do(
        self, fitted: Target, histories: list[list[str]]
    ) -> None:
        """The vectors that are explained are those that decide."""
        if not self.scores_are_dot_products:
            return
        target = _latent(fitted)
        scores = target.scores(histories)
        products = target.user_vectors(histories) @ target.item_vectors().T
        fall = _largest_disorder(scores, products)
        require(
            fall <= 1e-3,
            f"user_vectors @ item_vectors.T ranks items unlike scores (by {fall:.2g})",
            "return the vectors that scores() multiplies, in catalogue order; where f adds a bias "
            "or another step after them, declare scores_are_dot_products = False",
        )

    def test_saved_and_loaded_gives_the_same_vectors(
        self,
        fitted: Target,
        make_target: MakeTarget,
        kit: TargetKit,
        histories: list[list[str]],
        tmp_path: Path,
    ) -> None:
        """``save`` then ``load`` keeps the vectors too."""
        target = _latent(fitted)
        target.save(tmp_path)
        restored = _latent(make_target(kit))
        restored.load(tmp_path)
        fix = "save everything that fit() learned"
        check_same(
            target.user_vectors(histories),
            restored.user_vectors(histories),
            "user vectors changed by save() and load()",
            fix,
        )
        check_same(
            target.item_vectors(),
            restored.item_vectors(),
            "item vectors changed by save() and load()",
            fix,
        )

    def test_asking_for_vectors_leaves_no_traces(
        self, fitted: Target, histories: list[list[str]], empty_cwd: Path
    ) -> None:
        """Nothing in the process changes, and what is returned is the caller's own."""
        target = _latent(fitted)
        with no_side_effects("user_vectors() or item_vectors()"):
            users, items = target.user_vectors(histories), target.item_vectors()
        kept = users.copy(), items.copy()
        for answer in (users, items):
            if answer.flags.writeable:
                answer[:] = -1.0
        for before, after, name in (
            (kept[0], target.user_vectors(histories), "user_vectors()"),
            (kept[1], target.item_vectors(), "item_vectors()"),
        ):
            check_same(
                before,
                after,
                f"writing into what {name} returned changed its next answer",
                "return a copy (for torch weights: .detach().cpu().numpy().copy())",
            )


def _latent(target: Target) -> LatentTarget:
    if not isinstance(target, LatentTarget):
        broken(
            f"{type(target).__name__} is no LatentTarget",
            "subclass LatentTarget, or test it with TargetContract and drop the 'vectors' "
            "capability from its provider",
        )
    return target


def _largest_disorder(scores: FloatArray, products: FloatArray) -> float:
    """Return how much the two orders of ``(B, I)`` disagree, as a share of a row's spread."""
    return max(_largest_rise(scores, products), _largest_rise(products, scores))


def _largest_rise(values: FloatArray, leading: FloatArray) -> float:
    """Return how far ``values`` rises above an earlier one, down the order of ``leading``."""
    order = np.lexsort((-values, -leading), axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    rises = ordered - np.minimum.accumulate(ordered, axis=1)
    return float((rises / (np.ptp(values, axis=1, keepdims=True) + 1e-9)).max(initial=0.0))
