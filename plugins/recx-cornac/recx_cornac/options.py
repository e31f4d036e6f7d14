"""What can be set. The text beneath a field is what users read about it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from recexplainer.plugins.interfaces import Options

__all__ = ["AutoencoderOptions", "BiVaeOptions", "EaseOptions", "VaeOptions"]


class EaseOptions(Options):
    """EASE (Steck, WWW 2019). Its weights are a table of items by items."""

    regularization: float = Field(default=500.0, gt=0, allow_inf_nan=False)
    """Added to each item's count, Cornac's ``lamb``: more keeps to frequent pairs."""
    positive: bool = False
    """Drop negative weights, Cornac's ``posB``: then nothing speaks against an item."""


class AutoencoderOptions(Options):
    """What the two autoencoders share."""

    activation: Literal["sigmoid", "tanh", "elu", "relu", "relu6"] = "tanh"
    """Between layers, Cornac's ``act_fn``."""
    epochs: int = Field(default=100, ge=1)
    """Passes over the histories."""
    batch_size: int = Field(default=100, ge=1)
    """Histories per step."""
    learning_rate: float = Field(default=1e-3, gt=0, le=1)
    """Step size of Adam."""
    threads: int = Field(default=1, ge=1)
    """CPU threads, in training and when asked."""


class VaeOptions(AutoencoderOptions):
    """Mult-VAE (Liang et al., WWW 2018), Cornac's ``VAECF``."""

    latent: int = Field(default=64, ge=1)
    """Latent factors of a history, Cornac's ``k``."""
    hidden: tuple[PositiveInt, ...] = Field(default=(128,), min_length=1)
    """Widths of the layers from history to latent factors; the first, plus 1, is d_rec."""
    likelihood: Literal["mult", "bern", "gaus", "pois"] = "mult"
    """Of the observations: multinomial, Bernoulli, Gaussian or Poisson."""
    kl_weight: float = Field(default=0.2, ge=0, allow_inf_nan=False)
    """Weight of the pull towards the prior, Cornac's ``beta``; 0.2 is the paper's finding."""


class BiVaeOptions(AutoencoderOptions):
    """Bilateral VAE (Truong, Salah and Lauw, WSDM 2021), Cornac's ``BiVAECF``."""

    latent: int = Field(default=50, ge=1)
    """d_rec, the latent factors of a user and of an item, Cornac's ``k``."""
    hidden: tuple[PositiveInt, ...] = Field(default=(20,), min_length=1)
    """Widths of the layers from history to latent factors."""
    epochs: int = Field(default=300, ge=1)
    """Passes over the histories, and over the items' users."""
    likelihood: Literal["bern", "gaus", "pois"] = "pois"
    """Of the observations: Bernoulli, Gaussian or Poisson."""
    kl_weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Weight of the pull towards the prior, Cornac's ``beta_kl``."""
