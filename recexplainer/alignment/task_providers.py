"""The built-in alignment tasks, as the registering hook returns them."""

from __future__ import annotations

from collections.abc import Callable

from recexplainer.alignment.history_reconstruction import HistoryReconstruction
from recexplainer.alignment.instruction_following import (
    InstructionFollowing,
    InstructionFollowingOptions,
)
from recexplainer.alignment.interest_classification import InterestClassification, InterestOptions
from recexplainer.alignment.item_discrimination import (
    ItemDiscrimination,
    ItemDiscriminationOptions,
)
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval, RetrievalOptions
from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.plugins.interfaces import AlignmentTask, NoOptions, Provider, TaskKit

__all__ = ["task_providers"]


def task_providers() -> tuple[Provider[AlignmentTask], ...]:
    """Return the paper's six tasks in its order, and ``rationale``."""
    return (
        Provider(
            name=NextItemRetrieval.name,
            build=lambda options, _kit: NextItemRetrieval(options),
            options=RetrievalOptions,
            summary="the item that the target ranks first for a history",
            figures=NextItemRetrieval.figures,
        ),
        Provider(
            name=ItemRanking.name,
            build=_plain(ItemRanking),
            summary="the target's order of five unseen items",
            figures=ItemRanking.figures,
        ),
        Provider(
            name=InterestClassification.name,
            build=lambda options, _kit: InterestClassification(options),
            options=InterestOptions,
            summary="whether an item is liked: the target's top 20 % against its bottom 50 %",
            figures=InterestClassification.figures,
        ),
        Provider(
            name=ItemDiscrimination.name,
            build=ItemDiscrimination,
            options=ItemDiscriminationOptions,
            summary="titles, attributes and nearest neighbors of items",
        ),
        Provider(
            name=InstructionFollowing.name,
            build=lambda options, _kit: InstructionFollowing(options),
            options=InstructionFollowingOptions,
            summary="general conversations from a messages file, against forgetting language",
        ),
        Provider(
            name=HistoryReconstruction.name,
            build=_plain(HistoryReconstruction),
            summary="the titles of a history, told from the target's user vector",
            figures=HistoryReconstruction.figures,
        ),
        Provider(
            name=Rationale.name,
            build=Rationale,
            options=RationaleOptions,
            summary="explanations made of the target's own decisions, causes and attributes",
        ),
    )


def _plain(task: Callable[[], AlignmentTask]) -> Callable[[NoOptions, TaskKit], AlignmentTask]:
    """Return how a task is built that needs neither options nor kit."""
    return lambda _options, _kit: task()
