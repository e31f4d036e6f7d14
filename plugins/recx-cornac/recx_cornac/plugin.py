"""What recexplainer finds by the entry point: three targets.

Importing this module costs nothing; Cornac and torch are loaded when a target is built or trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Provider, Target, TargetKit
from recx_cornac.options import BiVaeOptions, EaseOptions, VaeOptions

if TYPE_CHECKING:
    from recx_cornac.bivae import BiVaeTarget
    from recx_cornac.ease import EaseTarget
    from recx_cornac.vae import VaeTarget

__all__ = ["recx_register_targets"]


@hookimpl
def recx_register_targets() -> Iterable[Provider[Target]]:
    """Return the three models; all of them read any history by themselves."""
    return (
        Provider(
            name="cornac-ease",
            build=_ease,
            options=EaseOptions,
            summary="EASE of Cornac: item to item weights in closed form; no vectors",
            capabilities=frozenset({"unordered"}),
        ),
        Provider(
            name="cornac-vaecf",
            build=_vae,
            options=VaeOptions,
            summary="Mult-VAE of Cornac: an autoencoder of histories",
            capabilities=frozenset({"vectors", "unordered"}),
        ),
        Provider(
            name="cornac-bivae",
            build=_bivae,
            options=BiVaeOptions,
            summary="BiVAE of Cornac: autoencoders of users and of items, joined by dot product",
            capabilities=frozenset({"vectors", "unordered"}),
        ),
    )


def _ease(options: EaseOptions, kit: TargetKit) -> EaseTarget:
    from recx_cornac.ease import EaseTarget

    return EaseTarget(options, kit)


def _vae(options: VaeOptions, kit: TargetKit) -> VaeTarget:
    from recx_cornac.vae import VaeTarget

    return VaeTarget(options, kit)


def _bivae(options: BiVaeOptions, kit: TargetKit) -> BiVaeTarget:
    from recx_cornac.bivae import BiVaeTarget

    return BiVaeTarget(options, kit)
