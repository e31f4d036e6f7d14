"""What was sized to the time is said in the report's notes, and nothing else is."""

from __future__ import annotations

from types import SimpleNamespace

from recexplainer.alignment.example_forms import CorpusReport
from recexplainer.config import load_config
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.execution.size_notes import size_notes

CORPUS = CorpusReport(
    examples={"item_ranking": 900},
    rows={"item_ranking": {"intention": 900, "combined": 334}},
    contexts=700,
)


def notes(*overrides: str, preset: str | None = None, measured: int = 8) -> list[str]:
    config = load_config(overrides=overrides, preset=preset)
    planned = plan(config, default_registry())
    split = SimpleNamespace(evaluated=range(8))
    bench = SimpleNamespace(plan=planned, config=config, split=split, evaluated=range(measured))
    return list(size_notes(bench, CORPUS))


def test_a_default_run_has_none() -> None:
    assert notes() == []


def test_the_laptop_preset_tells_of_its_corpus_order_and_users() -> None:
    drawn, order, users = notes(preset="laptop", measured=5)
    assert "1,234 conversations" in drawn
    assert "training 60 minutes" in drawn
    assert "Short prompts came mostly first" in order
    assert "5 of 8 users" in users
    assert "up to 30 are explained to" in users


def test_a_number_of_examples_is_told_as_given() -> None:
    (drawn,) = notes("alignment.examples=1200")
    assert "(about 1200 examples)" in drawn
