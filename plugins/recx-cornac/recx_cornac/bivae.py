"""BiVAE of Cornac, whose scores are dot products of latent factors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FloatArray
from recx_cornac.autoencoder import AutoencoderTarget, dense_rows
from recx_cornac.options import BiVaeOptions
from recx_cornac.storing import Tensors

__all__ = ["BiVaeTarget"]


class BiVaeTarget(AutoencoderTarget[BiVaeOptions]):
    """A user's vector is read from the history, an item's from the users who had it."""

    name: ClassVar[str] = "cornac-bivae"

    def _trained(self, dataset: Any) -> nn.Module:
        from cornac.models import BiVAECF  # type: ignore[import-untyped]

        model = BiVAECF(
            k=self._options.latent,
            encoder_structure=list(self._options.hidden),
            act_fn=self._options.activation,
            likelihood=self._options.likelihood,
            n_epochs=self._options.epochs,
            batch_size=self._options.batch_size,
            learning_rate=self._options.learning_rate,
            beta_kl=self._options.kl_weight,
            seed=self._kit.seed,
            use_gpu=False,
        )
        module: nn.Module = model.fit(dataset).bivae
        return module

    def _untrained(self, weights: Tensors) -> nn.Module:
        from cornac.models.bivaecf.bivae import BiVAE  # type: ignore[import-untyped]

        users = weights["item_encoder.fc0.weight"].shape[1]
        module: nn.Module = BiVAE(
            k=self._options.latent,
            user_encoder_structure=[len(self._kit.catalogue), *self._options.hidden],
            item_encoder_structure=[users, *self._options.hidden],
            act_fn=self._options.activation,
            likelihood=self._options.likelihood,
            cap_priors={},
            feature_dim={},
            batch_size=self._options.batch_size,
        )
        return module

    def _items(self, module: nn.Module, matrix: csr_matrix) -> FloatArray:
        # Cornac encodes only items that somebody had; the encoder answers for the others too.
        parts = [
            module.encode_item(rows)[0].numpy()  # type: ignore[operator]  # of Cornac's class
            for _, rows in dense_rows(matrix.T.tocsr())
        ]
        vectors: FloatArray = np.concatenate(parts)
        return vectors

    def _users(self, module: nn.Module, rows: Tensor) -> Tensor:
        vectors: Tensor = module.encode_user(rows)[0]  # type: ignore[operator]
        return vectors
