"""The built-in parts, registered through the same hooks as anybody's.

The modules named here import nothing heavy; torch, RecBole and pandas come in when a part is built
or used.
"""

from __future__ import annotations

from collections.abc import Iterable

from recexplainer.alignment.providers import task_providers
from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.explanation import occlusion, random_control, surrogate
from recexplainer.judging import offline
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import (
    AlignmentTask,
    Dataset,
    Explainer,
    Judge,
    Provider,
    Target,
)
from recexplainer.targets.families import SasRecOptions, build_sequential
from recexplainer.targets.popularity import Popularity

__all__ = [
    "recx_register_alignment_tasks",
    "recx_register_datasets",
    "recx_register_explainers",
    "recx_register_judges",
    "recx_register_targets",
]


@hookimpl
def recx_register_datasets() -> Iterable[Provider[Dataset]]:
    """Return the built-in data sets."""
    return (
        Provider(
            name="ml-100k",
            build=lambda options, _kit: MovieLens100K(options),
            options=MovieLens100KOptions,
            summary="MovieLens-100K, carried inside RecBole's package: 943 users, no download",
        ),
        Provider(
            name="csv",
            build=lambda options, _kit: CsvDataset(options),
            options=CsvOptions,
            summary="your own interactions and items, two CSV files with any column names",
        ),
    )


@hookimpl
def recx_register_targets() -> Iterable[Provider[Target]]:
    """Return the built-in targets."""
    return (
        Provider(
            name="sasrec",
            build=build_sequential,
            options=SasRecOptions,
            summary="SASRec of RecBole: self-attention over the history",
            capabilities=frozenset({"vectors"}),
        ),
        Provider(
            name="popularity",
            build=lambda _options, kit: Popularity(kit),
            summary="the same ranking for everyone, by number of interactions; behavior only",
        ),
    )


@hookimpl
def recx_register_alignment_tasks() -> Iterable[Provider[AlignmentTask]]:
    """Return the built-in alignment tasks."""
    return task_providers()


@hookimpl
def recx_register_explainers() -> Iterable[Provider[Explainer]]:
    """Return the built-in explainers."""
    return (
        Provider(
            name="surrogate",
            build=surrogate.build,
            options=surrogate.SurrogateOptions,
            summary="the language model aligned by this run, in its own words",
            capabilities=frozenset({"surrogate"}),
        ),
        Provider(
            name="occlusion",
            build=occlusion.build,
            options=occlusion.OcclusionOptions,
            summary="the target itself, asked again without each item of the history",
        ),
        Provider(
            name="random",
            build=random_control.build,
            options=random_control.RandomOptions,
            summary="control: a random decision and random items of the history",
        ),
    )


@hookimpl
def recx_register_judges() -> Iterable[Provider[Judge]]:
    """Return the built-in judges."""
    return (
        Provider(
            name="offline",
            build=offline.build,
            options=offline.OfflineOptions,
            summary="the paper's four-level rubric, decided from the checks against the target",
        ),
    )
