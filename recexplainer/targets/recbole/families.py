"""Families of RecBole models, and the options and defaults of each.

Importing it costs nothing: ``recbole_providers`` loads RecBole and torch to build a target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from recexplainer.errors import UnknownNameError
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Options
from recexplainer.targets.recbole.recbole_defaults import check_settings, has_model

__all__ = [
    "FAMILIES",
    "Family",
    "ModelOptions",
    "Reading",
    "SasRecOptions",
    "TrainingOptions",
    "family_of",
]

Reading = Literal[
    "positions", "prefixes", "cloze", "similarity", "autoencoder", "vectors", "network"
]
"""How a model is trained and how it reads a history that no user had:

- ``positions``: reads a history, and is trained at every position of it at once;
- ``prefixes``: reads a history, and is trained on the end of each prefix;
- ``cloze``: reads a history with a mask in place of the next item;
- ``similarity``: adds up the rows of an item-item matrix;
- ``autoencoder``: reads a history as a set of items;
- ``vectors``: has a vector per user, which is folded in; scores are dot products;
- ``network``: has embeddings per user, which are folded in; a network scores each pair.
"""
_WITHOUT_VECTORS = {"similarity", "network"}
_UNORDERED = {"similarity", "autoencoder", "vectors", "network"}
FOLDED_IN = {"vectors", "network"}
"""Readings that answer a history through a map from histories to users; see ``learned_fold_in``."""


@dataclass(frozen=True, slots=True)
class Family:
    """One model of RecBole.

    Attributes:
        model: RecBole's name of it.
        reading: how it is trained and asked.
        summary: one line for ``recx list``.
        training: defaults of ``ModelOptions`` that suit it.
        settings: its hyper-parameters, by RecBole's names, where RecBole's defaults suit it less.
    """

    model: str
    reading: Reading
    summary: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What a target of this family declares."""
        declared = {Capability.VECTORS: self.reading not in _WITHOUT_VECTORS}
        declared[Capability.UNORDERED] = self.reading in _UNORDERED
        return frozenset(name for name, holds in declared.items() if holds)

    @property
    def answers(self) -> str:
        """How a history that no user had is answered."""
        return "fold-in" if self.reading in FOLDED_IN else "native"


class TrainingOptions(Options):
    """How a model of RecBole is trained; models that are solved rather than trained ignore it."""

    learning_rate: float = Field(default=1e-3, gt=0, le=1)
    """Step size of Adam."""
    batch_size: int = Field(default=2048, ge=1)
    """Examples per step; small batches of windows are also the faster ones on a CPU."""
    max_epochs: int = Field(default=150, ge=1)
    """Passes over the histories at most."""
    patience: int = Field(default=10, ge=1)
    """Validations without a better NDCG@10 before training stops."""
    validate_every: int = Field(default=1, ge=1)
    """Epochs between two validations."""
    stride: int | None = Field(default=None, ge=1)
    """Sequential models: interactions between the ends of two windows of a history; None means
    ``max_history``. Models trained on prefixes take one prefix in ``stride`` per epoch, others each
    time; there None means every one."""
    threads: int = Field(default=1, ge=1)
    """CPU threads, in training and when asked. The steps are small: a second thread gains a tenth
    on idle cores and loses a multiple on busy ones; more pay off for large catalogues. Asked,
    sequential models read their batches side by side, as many at once as torch has threads."""


class SasRecOptions(TrainingOptions):
    """SASRec (Kang and McAuley, ICDM 2018): self-attention over the history."""

    learning_rate: float = Field(default=2e-3, gt=0, le=1)
    """Step size of Adam."""
    batch_size: int = Field(default=64, ge=1)
    """Windows per step; small batches are also the faster ones on a CPU."""
    max_epochs: int = Field(default=60, ge=1)
    """Passes over the histories at most."""
    patience: int = Field(default=5, ge=1)
    """Validations without a better NDCG@10 before training stops."""
    hidden_size: int = Field(default=64, ge=1)
    """d_rec, the width of the target's vectors."""
    layers: int = Field(default=2, ge=1)
    """Transformer blocks."""
    heads: int = Field(default=2, ge=1)
    """Attention heads; divides ``hidden_size``."""
    inner_size: int = Field(default=256, ge=1)
    """Width of the feed-forward layers."""
    hidden_dropout: float = Field(default=0.3, ge=0, lt=1)
    """Dropout of embeddings and layer outputs, in training only."""
    attention_dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout of attention weights, in training only."""

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError(
                f"hidden_size must be a multiple of heads, got {self.hidden_size} and {self.heads}"
            )
        return self

    @property
    def hyper_parameters(self) -> Mapping[str, Any]:
        """The model's hyper-parameters, by RecBole's names."""
        return {
            "hidden_size": self.hidden_size,
            "n_layers": self.layers,
            "n_heads": self.heads,
            "inner_size": self.inner_size,
            "hidden_dropout_prob": self.hidden_dropout,
            "attn_dropout_prob": self.attention_dropout,
            "hidden_act": "relu",
            "layer_norm_eps": 1e-12,
            "initializer_range": 0.02,
        }


_WINDOWS = {"learning_rate": 2e-3, "batch_size": 64, "max_epochs": 60, "patience": 5}
_PREFIXES = {"learning_rate": 2e-3, "batch_size": 256, "max_epochs": 60, "patience": 6, "stride": 8}
_POINTS = {"learning_rate": 4e-3, "batch_size": 2048, "max_epochs": 60, "validate_every": 2}

FAMILIES: Mapping[str, Family] = {
    "sasrec": Family(
        "SASRec",
        "positions",
        "self-attention over the history",
        SasRecOptions().model_dump(include=set(TrainingOptions.model_fields)),
        SasRecOptions().hyper_parameters,
    ),
    "gru4rec": Family("GRU4Rec", "positions", "a recurrent network over the history", _WINDOWS),
    "bert4rec": Family(
        "BERT4Rec",
        "cloze",
        "a bidirectional transformer that fills in masked items",
        # Few items of a window are masked, so windows overlap: each item is asked for more often.
        {**_WINDOWS, "batch_size": 128, "stride": 5, "max_epochs": 18},
    ),
    "narm": Family("NARM", "prefixes", "a recurrent network with attention", _PREFIXES),
    "stamp": Family(
        "STAMP", "prefixes", "attention led by the last item", {**_PREFIXES, "stride": 4}
    ),
    "caser": Family(
        "Caser",
        "prefixes",
        "convolutions over the history, without users",
        {**_PREFIXES, "max_epochs": 20},
    ),
    "bpr": Family("BPR", "vectors", "matrix factorization, trained on pairs of items"),
    "neumf": Family("NeuMF", "network", "matrix factorization beside a network", _POINTS),
    "itemknn": Family("ItemKNN", "similarity", "cosine similarity of items"),
    "ease": Family("EASE", "similarity", "linear item-item weights, in closed form"),
    "slim": Family("SLIMElastic", "similarity", "sparse linear item-item weights"),
    "multivae": Family(
        "MultiVAE",
        "autoencoder",
        "a variational autoencoder of sets of items",
        {"batch_size": 128, "max_epochs": 200},
    ),
    "lightgcn": Family(
        "LightGCN",
        "vectors",
        "graph convolution without weights",
        {"learning_rate": 1e-2, "batch_size": 4096, "patience": 6},
    ),
    "ngcf": Family(
        "NGCF",
        "vectors",
        "graph convolution with weights",
        {"learning_rate": 5e-3, "batch_size": 4096, "max_epochs": 70, "patience": 12},
    ),
    "sgl": Family(
        "SGL",
        "vectors",
        "graph convolution with self-supervision",
        {"learning_rate": 2e-3, "batch_size": 4096, "patience": 5},
    ),
    "dssm": Family(
        "DSSM",
        "vectors",
        "two towers and their cosine",
        {"negatives": 4, "batch_size": 2048},
        {"embedding_size": 32, "mlp_hidden_size": [64], "dropout_prob": 0.1},
    ),
    "fm": Family("FM", "network", "factorization machine", _POINTS),
    "deepfm": Family(
        "DeepFM",
        "network",
        "factorization machine beside a network",
        {**_POINTS, "validate_every": 4, "patience": 5},  # validating takes as long as an epoch
    ),
    "widedeep": Family("WideDeep", "network", "a linear model beside a network", _POINTS),
}
"""The tested ones, by their short names."""

_OTHERS: Mapping[Reading, tuple[str, ...]] = {
    "prefixes": ("GCSAN", "LightSANs", "NextItNet", "SINE", "SRGNN"),
    "autoencoder": ("MultiDAE",),
    "vectors": ("SpectralCF",),
    "network": (
        *("AFM", "AutoInt", "DCN", "DCNV2", "EulerNet", "FNN", "FiGNN", "LR", "NFM", "PNN"),
        "xDeepFM",
    ),
}
"""Those that fit an adapter but have no short name: ``recbole:NAME``."""
_TRAINING: Mapping[Reading, Mapping[str, Any]] = {
    "prefixes": _PREFIXES,
    "network": _POINTS,
    "autoencoder": {"batch_size": 128},
}


def family_of(model: str) -> Family:
    """Return the family of a RecBole model.

    Raises:
        UnknownNameError: RecBole has no such model, or none of our adapters fits it.
    """
    known = {family.model: family for family in FAMILIES.values()}
    for reading, models in _OTHERS.items():
        for name in models:
            known[name] = Family(name, reading, training=_TRAINING.get(reading, {}))
    if model not in known:
        hint = "RecBole has it, but none of our adapters fits it." if has_model(model) else ""
        raise UnknownNameError("model of RecBole", model, known, hint=hint)
    return known[model]


class ModelOptions(TrainingOptions):
    """Any model of RecBole that an adapter fits; the defaults of its training are its family's."""

    model: str
    """RecBole's name of the model."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Its hyper-parameters, by RecBole's names; RecBole's defaults otherwise."""
    negatives: int = Field(default=1, ge=1)
    """Models trained against items that the user did not take: how many per item taken."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults_of_family(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        model = given.get("model", cls.model_fields["model"].default)
        try:
            family = family_of(model) if isinstance(model, str) else None
        except UnknownNameError:
            family = None  # said by the validator of the whole
        return {**family.training, **given} if family else given

    @model_validator(mode="after")
    def _known_model_and_settings(self) -> Self:
        try:
            family = family_of(self.model)
        except UnknownNameError as error:
            raise ValueError(str(error)) from None
        check_settings(family.model, self.settings, TrainingOptions.model_fields)
        return self

    @property
    def family(self) -> Family:
        """The family of the model."""
        return family_of(self.model)

    @property
    def hyper_parameters(self) -> Mapping[str, Any]:
        """What differs from RecBole's own defaults."""
        return {**self.family.settings, **self.settings}
