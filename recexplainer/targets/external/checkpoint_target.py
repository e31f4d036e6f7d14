"""The target ``recbole-checkpoint``: a model that RecBole trained and saved.

Sequential models are built again by the checkpoint's own settings and asked as they are. Of models
that know users by id, those that score by dot products are asked through their item vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recexplainer.errors import UserError
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Target, TargetKit
from recexplainer.targets.external.inert_pickle import StoredTensor
from recexplainer.targets.external.recbole_checkpoint import (
    Checkpoint,
    CheckpointOptions,
    read_checkpoint,
)
from recexplainer.targets.external.vector_files import VectorTable

if TYPE_CHECKING:
    from recexplainer.targets.external.folded_vectors import FoldedTarget

__all__ = ["build_checkpoint", "checkpoint_capabilities"]

_DOT_PRODUCTS = frozenset(
    {"SASRec", "GRU4Rec", "NARM", "STAMP", "SRGNN", "GCSAN", "LightSANs", "FEARec", "SINE"}
)
"""Sequential models whose scores are dot products of ``forward`` and the item embedding."""


def checkpoint_capabilities(options: CheckpointOptions) -> frozenset[Capability]:
    """Return ``vectors`` if the checkpoint's model has them."""
    if not options.checkpoint.expanduser().is_file():  # a finished run outlives it
        return frozenset({Capability.VECTORS})
    checkpoint = read_checkpoint(options)
    latent = checkpoint.model in _DOT_PRODUCTS or checkpoint.item_vectors is not None
    return frozenset({Capability.VECTORS}) if latent else frozenset()


def build_checkpoint(options: CheckpointOptions, kit: TargetKit) -> Target:
    """Return the checkpoint's model as a target; loads torch and RecBole where it is sequential.

    Raises:
        DataError: the weights do not fit the model.
        UserError: the model reads shorter histories than ``dataset.max_history``, or cannot be
            asked about a history alone.
    """
    checkpoint = read_checkpoint(options)
    if checkpoint.item_vectors is not None:
        return _folded(checkpoint, checkpoint.item_vectors, options.ridge, kit)
    from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget
    from recexplainer.targets.external.recbole_weights import SequentialModel

    model = SequentialModel(checkpoint, options.threads)
    if kit.max_history > model.width:
        raise UserError(
            f"{checkpoint.path}: this model reads {model.width} items and dataset.max_history is "
            f"{kit.max_history}; set it to {model.width} or less."
        )
    kind = LatentOutsideTarget if checkpoint.model in _DOT_PRODUCTS else OutsideTarget
    return kind(model, kit, str(checkpoint.path), item_ids=checkpoint.item_ids)


def _folded(
    checkpoint: Checkpoint, items: StoredTensor, ridge: float, kit: TargetKit
) -> FoldedTarget:
    """Return a model that knows users by id as one that folds histories in."""
    from recexplainer.targets.external.folded_vectors import FoldedTarget, Reading

    users = checkpoint.user_vectors
    known = _table(checkpoint.user_ids, users) if users and checkpoint.user_ids else None
    reading = Reading("learned" if known else "fold-in", ridge)
    table = _table(checkpoint.item_ids, items)
    return FoldedTarget(table, known, reading, kit, str(checkpoint.path))


def _table(ids: tuple[str, ...], stored: StoredTensor) -> VectorTable:
    return VectorTable(ids, stored.read()[1 : len(ids) + 1].astype(np.float32))
