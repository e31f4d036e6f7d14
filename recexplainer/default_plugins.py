"""The built-in parts, registered through the same hooks as anybody's.

The modules named here import nothing heavy; torch, RecBole and pandas come in when a part is built
or used.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from recexplainer.alignment.task_providers import task_providers
from recexplainer.chat import ChatOptions, missing_for
from recexplainer.data.amazon import AmazonDataset, AmazonOptions
from recexplainer.data.atomic import AtomicDataset, AtomicOptions
from recexplainer.data.hub import HubDataset, HubOptions
from recexplainer.data.mind import MindDataset, MindOptions
from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
from recexplainer.data.movielens_folder import MovieLensFolder, MovieLensFolderOptions
from recexplainer.data.steam import SteamDataset, SteamOptions
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.explanation.explainers import (
    attribution,
    baselines,
    chat_model,
    lime_items,
    occlusion,
    random_control,
    shap_items,
    shortlist,
    surrogate,
    told,
    unaligned,
)
from recexplainer.judging import chat, offline
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import (
    AlignmentTask,
    Dataset,
    Explainer,
    Judge,
    Provider,
    Recipe,
    Target,
)
from recexplainer.surrogate.model.backbone_providers import backbone_providers
from recexplainer.targets.external.external_providers import outside_providers
from recexplainer.targets.popularity import Popularity
from recexplainer.targets.recbole.recbole_providers import recbole_providers

__all__ = [
    "recx_register_alignment_tasks",
    "recx_register_backbones",
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
            ready=lambda options: MovieLens100K(options).objections(),
            options=MovieLens100KOptions,
            summary="MovieLens-100K, carried inside RecBole's package: 943 users, no download",
        ),
        Provider(
            name="csv",
            build=lambda options, _kit: CsvDataset(options),
            ready=lambda options: CsvDataset(options).objections(),
            head_notes=lambda options: CsvDataset(options).head_notes(),
            options=CsvOptions,
            summary="your own interactions and items: CSV, JSON lines or Parquet, any column names",
        ),
        Provider(
            name="amazon",
            build=lambda options, _kit: AmazonDataset(options),
            ready=lambda options: AmazonDataset(options).objections(),
            head_notes=lambda options: AmazonDataset(options).head_notes(),
            options=AmazonOptions,
            summary="Amazon reviews or ratings of 2014, 2018 or 2023: the files of one category",
        ),
        Provider(
            name="steam",
            build=lambda options, _kit: SteamDataset(options),
            ready=lambda options: SteamDataset(options).objections(),
            head_notes=lambda options: SteamDataset(options).head_notes(),
            options=SteamOptions,
            summary="Steam's reviews, libraries, recommendations or hours played, and its games",
        ),
        Provider(
            name="mind",
            build=lambda options, _kit: MindDataset(options),
            ready=lambda options: MindDataset(options).objections(),
            head_notes=lambda options: MindDataset(options).head_notes(),
            options=MindOptions,
            summary="Microsoft's news: behaviors.tsv and news.tsv, with category and subcategory",
        ),
        Provider(
            name="movielens",
            build=lambda options, _kit: MovieLensFolder(options),
            ready=lambda options: MovieLensFolder(options).objections(),
            reads=lambda options: MovieLensFolder(options).files(),
            head_notes=lambda options: MovieLensFolder(options).head_notes(),
            options=MovieLensFolderOptions,
            summary="an unpacked folder of MovieLens: 100K, 1M, 10M, 20M, 25M, 32M or latest",
        ),
        Provider(
            name="recbole",
            build=lambda options, _kit: AtomicDataset(options),
            ready=lambda options: AtomicDataset(options).objections(),
            head_notes=lambda options: AtomicDataset(options).head_notes(),
            options=AtomicOptions,
            summary="RecBole's atomic files: a .inter and a .item file",
        ),
        Provider(
            name="hub",
            build=lambda options, _kit: HubDataset(options),
            options=HubOptions,
            summary="what the library datasets can load: hub:owner/name, or a local path",
            argument="repository",
        ),
    )


@hookimpl
def recx_register_targets() -> Iterable[Provider[Target]]:
    """Return the built-in targets."""
    return (
        *recbole_providers(),
        Provider(
            name="popularity",
            build=lambda _options, kit: Popularity(kit),
            summary="the same ranking for everyone, by number of interactions",
        ),
        *outside_providers(),
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
            summary="the aligned language model, its false reasons replaced by the recommender's",
            capabilities=frozenset({Capability.SURROGATE}),
        ),
        Provider(
            name="unchecked",
            build=surrogate.build_unchecked,
            options=surrogate.UncheckedOptions,
            summary="the same language model's first words, whatever the recommender says to them",
            capabilities=frozenset({Capability.SURROGATE}),
        ),
        Provider(
            name="occlusion",
            build=occlusion.build,
            options=occlusion.OcclusionOptions,
            summary="the recommender itself, asked again without each item of the history",
            capabilities=frozenset({Capability.OWN_ACCOUNT}),
        ),
        Provider(
            name="lime",
            build=lime_items.build,
            ready=lime_items.missing,
            options=attribution.AttributionOptions,
            summary="LIME: the recommender made linear around the history (extra: explainers)",
        ),
        Provider(
            name="shap",
            build=shap_items.build,
            ready=shap_items.missing,
            options=attribution.AttributionOptions,
            summary="SHAP: Shapley values of the history's items (extra: explainers)",
        ),
        Provider(
            name="unaligned",
            build=unaligned.build,
            options=surrogate.UncheckedOptions,
            summary="the language model before alignment, asked the same question",
            capabilities=frozenset({Capability.UNALIGNED}),
        ),
        Provider(
            name=chat_model.NAME,
            build=chat_model.build,
            options=ChatOptions,
            summary="a chat model of any OpenAI-compatible service, from titles only; chat:MODEL",
            argument="model",
            capabilities=frozenset({Capability.SAMPLES, Capability.SPEAKS}),
            ready=partial(missing_for, part="the explainer chat"),
        ),
        Provider(
            name=told.NAME,
            build=told.build,
            options=told.ToldOptions,
            summary="the recommender's answers, worded by a chat model for a reader; told:MODEL",
            argument="model",
            capabilities=told.capabilities,
            ready=told.ready,
        ),
        Provider(
            name="similarity",
            build=baselines.build_similarity,
            options=baselines.BaselineOptions,
            summary="baseline: the history items most similar to the item in question",
        ),
        Provider(
            name="popularity",
            build=baselines.build_popularity,
            options=baselines.BaselineOptions,
            summary="baseline: the most popular items of the history, whatever is asked",
        ),
        Provider(
            name="shortlist-surrogate",
            build=shortlist.build_surrogate,
            options=shortlist.ShortlistOptions,
            summary="the recommender, asked about the 8 titles that the language model puts first",
            capabilities=frozenset({Capability.SURROGATE}),
        ),
        Provider(
            name="shortlist-similar",
            build=shortlist.build_similar,
            options=shortlist.ShortlistOptions,
            summary="control: the recommender, asked about the 8 titles most similar to the item",
        ),
        Provider(
            name="shortlist-random",
            build=shortlist.build_random,
            options=shortlist.ShortlistOptions,
            summary="control: the recommender, asked about 8 titles drawn at random",
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
            summary="the paper's four-level rubric, decided from checks against the recommender",
        ),
        Provider(
            name=chat.NAME,
            build=chat.build,
            options=ChatOptions,
            summary="a chat model of any OpenAI-compatible service, by the same rubric; chat:MODEL",
            argument="model",
            capabilities=frozenset({Capability.SAMPLES}),
            ready=partial(missing_for, part="the judge chat"),
        ),
        Provider(
            name=chat.REWORDED_NAME,
            build=chat.build_reworded,
            options=ChatOptions,
            summary="the judge chat with the rubric in other words: what hangs on them; "
            "chat-reworded:MODEL",
            argument="model",
            capabilities=frozenset({Capability.SAMPLES}),
            ready=partial(missing_for, part="the judge chat-reworded"),
        ),
    )


@hookimpl
def recx_register_backbones() -> Iterable[Provider[Recipe]]:
    """Return the built-in backbones."""
    return backbone_providers()
