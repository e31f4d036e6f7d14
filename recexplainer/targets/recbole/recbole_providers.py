"""Providers of RecBole's models: families by short name, any other as ``recbole:MODEL``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import yaml
from pydantic import create_model

from recexplainer.plugins.interfaces import Provider, Target, TargetKit
from recexplainer.targets.recbole.families import (
    FAMILIES,
    Family,
    ModelOptions,
    Reading,
    SasRecOptions,
)

__all__ = ["build_sequential", "build_target", "recbole_providers"]


def build_sequential(options: SasRecOptions, kit: TargetKit) -> Target:
    """Return the untrained SASRec that ``options`` describe; loads torch and RecBole."""
    return _adapter(FAMILIES["sasrec"])(FAMILIES["sasrec"], options.hyper_parameters, options, kit)


def build_target(options: ModelOptions, kit: TargetKit) -> Target:
    """Return the untrained model that ``options`` describe; loads torch and RecBole."""
    family = options.family
    return _adapter(family)(family, options.hyper_parameters, options, kit)


def _adapter(family: Family) -> Callable[..., Target]:
    """Return the class that trains and asks models of ``family``."""
    module, name = _ADAPTERS[family.reading]
    adapter: Callable[..., Target] = getattr(
        import_module(f"recexplainer.targets.recbole.{module}"), name
    )
    return adapter


_ADAPTERS: Mapping[Reading, tuple[str, str]] = {
    "positions": ("sequential", "SequentialTarget"),
    "prefixes": ("sequential", "SequentialTarget"),
    "cloze": ("sequential", "SequentialTarget"),
    "similarity": ("similarity", "SimilarityTarget"),
    "autoencoder": ("autoencoder", "AutoencoderTarget"),
    "vectors": ("two_tower", "TwoTowerTarget"),
    "network": ("pair_network", "NetworkTarget"),
}
"""Module and class; imported when a target is built, since they load torch."""


def recbole_providers() -> Iterator[Provider[Target]]:
    """Yield the named models of RecBole, and ``recbole`` for any other that an adapter fits."""
    for name, family in FAMILIES.items():
        named = create_model(
            f"{family.model}Options",
            __base__=ModelOptions,
            __doc__=f"{family.model} of RecBole: {family.summary}.",
            model=(Literal[family.model], family.model),  # type: ignore[arg-type]  # at run time
        )
        is_sasrec = name == "sasrec"
        yield Provider(
            name=name,
            build=build_sequential if is_sasrec else build_target,
            options=SasRecOptions if is_sasrec else named,
            summary=f"{family.model} of RecBole: {family.summary}",
            capabilities=family.capabilities,
            facts={"history": family.answers, "ml-100k": _trains_in(name)},
        )
    yield Provider(
        name="recbole",
        build=build_target,
        options=ModelOptions,
        summary="another model of RecBole, as recbole:MODEL, with its own hyper-parameters",
        capabilities=lambda options: options.family.capabilities,
        argument="model",
        facts={"history": "by model"},
    )


def _trains_in(name: str) -> str:
    """Return how long a named target was measured to train on MovieLens-100K."""
    seconds = _measured_seconds().get(name)
    return f"{seconds:.0f} s" if seconds is not None else ""


@cache
def _measured_seconds() -> Mapping[str, float]:
    """Return name to seconds, as ``benchmarks/targets_table.py`` wrote them."""
    text = Path(__file__).with_name("measured.yaml").read_text(encoding="utf-8")
    seconds: Mapping[str, float] = yaml.safe_load(text) or {}
    return seconds
