"""Rows beside the surrogate's: which are possible, and what a reader is told of them."""

from __future__ import annotations

import pytest

from recexplainer.config import load_config
from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.errors import ConfigError
from recexplainer.pipeline.execution.baseline_rows import baseline_notes, baseline_problems
from recexplainer.records import Recipe
from recexplainer.surrogate.model.backbone_providers import tiny_recipe

ALL = "fidelity.baselines=[random, in_context, distilled]"
CHAT = "fidelity.chat_models=[{model: m, name: big}]"
TINY = tiny_recipe(TinyBackboneConfig())
PUBLISHED = Recipe(source="some/model")


@pytest.mark.parametrize(
    ("settings", "recipe", "refused"),
    [
        ([], TINY, False),
        (["fidelity.baselines=[distilled]"], TINY, False),
        ([ALL], TINY, True),
        ([ALL, CHAT], TINY, False),
        ([ALL], PUBLISHED, False),
    ],
)
def test_shots_need_somebody_who_can_read_them(settings, recipe, refused) -> None:
    found = list(baseline_problems(load_config(None, settings), recipe))
    assert len(found) == refused
    assert all(line.startswith("fidelity.baselines: in_context shows") for line in found)


def test_a_reader_is_told_who_was_shown_what() -> None:
    shown, distilled = baseline_notes(load_config(None, [ALL, CHAT]), PUBLISHED)
    assert shown.startswith("Before each question in_context, big_in_context read two questions")
    assert distilled.startswith("distilled is no language model")
    assert not list(baseline_notes(load_config(None, []), PUBLISHED))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("fidelity.baselines=[random, random]", "each name may be given once"),
        ("fidelity.baselines=[nobody]", "fidelity.baselines"),
        ("fidelity.chat_models=[{model: distilled}]", "two rows of the table would be called"),
        ("fidelity.chat_models=[{model: a}, {model: a_in_context}]", "would be called"),
    ],
)
def test_rows_are_told_apart(setting, said) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(None, [setting])
