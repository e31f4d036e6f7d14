"""Mult-VAE of Cornac."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FloatArray
from recx_cornac.autoencoder import AutoencoderTarget
from recx_cornac.options import VaeOptions
from recx_cornac.storing import Tensors

__all__ = ["VaeTarget"]


class VaeTarget(AutoencoderTarget[VaeOptions]):
    """A user's vector is the decoder's last hidden layer, an item's its weights there.

    The decoder's bias is the last number of an item's vector; that of every user is 1.
    """

    name: ClassVar[str] = "cornac-vaecf"

    def _trained(self, dataset: Any) -> nn.Module:
        from cornac.models import VAECF  # type: ignore[import-untyped]

        model = VAECF(
            k=self._options.latent,
            autoencoder_structure=list(self._options.hidden),
            act_fn=self._options.activation,
            likelihood=self._options.likelihood,
            n_epochs=self._options.epochs,
            batch_size=self._options.batch_size,
            learning_rate=self._options.learning_rate,
            beta=self._options.kl_weight,
            seed=self._kit.seed,
            use_gpu=False,
        )
        module: nn.Module = model.fit(dataset).vae
        return module

    def _untrained(self, weights: Tensors) -> nn.Module:  # noqa: ARG002  # the options say it all
        from cornac.models.vaecf.vaecf import VAE  # type: ignore[import-untyped]

        structure = [len(self._kit.catalogue), *self._options.hidden]
        module: nn.Module = VAE(
            self._options.latent, structure, self._options.activation, self._options.likelihood
        )
        return module

    def _items(self, module: nn.Module, matrix: csr_matrix) -> FloatArray:  # noqa: ARG002
        last = module.get_submodule("decoder")[-1]  # type: ignore[index]  # a Sequential
        return np.column_stack([last.weight.numpy(), last.bias.numpy()])

    def _users(self, module: nn.Module, rows: Tensor) -> Tensor:
        latent = module.encode(rows)[0]  # type: ignore[operator]  # of Cornac's class
        hidden = module.get_submodule("decoder")[:-1](latent)  # type: ignore[index]
        return torch.cat([hidden, torch.ones(len(rows), 1)], dim=1)
