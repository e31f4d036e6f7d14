"""What can be set. The text beneath a field is what users read about it.

Names and meanings are those of ``implicit``; defaults that differ from its own say why.
"""

from __future__ import annotations

from pydantic import Field

from recexplainer.plugins.interfaces import Options

__all__ = ["AlsOptions", "BprOptions", "ContributionsOptions", "FactorOptions"]


class FactorOptions(Options):
    """What both factorizations share."""

    factors: int = Field(default=64, ge=1)
    """Width of the factors; implicit's own 100 gains nothing on logs of some thousand items."""


class AlsOptions(FactorOptions):
    """Alternating least squares (Hu, Koren and Volinsky, ICDM 2008)."""

    regularization: float = Field(default=10.0, ge=0, allow_inf_nan=False)
    """Weight of the squared factors; weigh it together with ``alpha``."""
    alpha: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    """Confidence in one interaction; a pair without any counts 1, implicit's own default for both.
    At exactly 1, what an item adds to a score is also what the score loses without that item."""
    iterations: int = Field(default=15, ge=1)
    """Alternations."""
    threads: int = Field(default=1, ge=1)
    """CPU threads of the solver; the answer is the same with any number."""


class BprOptions(FactorOptions):
    """Bayesian personalized ranking (Rendle et al., UAI 2009); trained on one thread.

    More threads of implicit write into the same factors without waiting for each other, so that
    no two trainings would agree.
    """

    learning_rate: float = Field(default=0.03, gt=0, le=1)
    """Step size; implicit's own 0.01 is too small for histories of some ten items."""
    regularization: float = Field(default=0.01, ge=0, allow_inf_nan=False)
    """Weight of the squared factors."""
    iterations: int = Field(default=100, ge=1)
    """Passes over the interactions."""
    verify_negative_samples: bool = True
    """Draw a negative again if the user had it."""


class ContributionsOptions(Options):
    """How much is said."""

    cited: int = Field(default=3, ge=1)
    """The most history items to name."""
