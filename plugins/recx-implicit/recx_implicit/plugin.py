"""What recexplainer finds by the entry point: two targets and an explainer.

Importing this module costs nothing; ``implicit`` is loaded when a target is built or trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, Provider, Target, TargetKit
from recx_implicit.options import AlsOptions, BprOptions, ContributionsOptions

if TYPE_CHECKING:
    from recx_implicit.als import AlsTarget
    from recx_implicit.bpr import BprTarget
    from recx_implicit.contributions import ContributionsExplainer

__all__ = ["recx_register_explainers", "recx_register_targets"]


@hookimpl
def recx_register_targets() -> Iterable[Provider[Target]]:
    """Return the two factorizations."""
    return (
        Provider(
            name="implicit-als",
            build=_als,
            options=AlsOptions,
            summary="ALS of implicit: weighted matrix factorization, any history by its own solver",
            capabilities=frozenset({"vectors", "unordered"}),
        ),
        Provider(
            name="implicit-bpr",
            build=_bpr,
            options=BprOptions,
            summary="BPR of implicit: factors that rank pairs, any history by a learned map",
            capabilities=frozenset({"vectors", "unordered"}),
        ),
    )


@hookimpl
def recx_register_explainers() -> Iterable[Provider[Explainer]]:
    """Return the explainer that reads the contributions out of ALS."""
    return (
        Provider(
            name="implicit-contributions",
            build=_contributions,
            options=ContributionsOptions,
            summary="what each history item adds to the score, exactly; for implicit-als only",
        ),
    )


def _als(options: AlsOptions, kit: TargetKit) -> AlsTarget:
    from recx_implicit.als import AlsTarget

    return AlsTarget(options, kit)


def _bpr(options: BprOptions, kit: TargetKit) -> BprTarget:
    from recx_implicit.bpr import BprTarget

    return BprTarget(options, kit)


def _contributions(options: ContributionsOptions, kit: ExplainerKit) -> ContributionsExplainer:
    from recx_implicit.contributions import ContributionsExplainer

    return ContributionsExplainer(options, kit)
