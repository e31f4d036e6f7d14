"""The table of what a changed setting does again, held against the stages' own fingerprints."""

from __future__ import annotations

import re
from itertools import takewhile

import pytest
from pages import ROOT
from pydantic import BaseModel

from recexplainer.config import RunConfig, load_config
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.execution.identity import SourceFiles
from recexplainer.pipeline.execution.stage_table import stages_of
from recexplainer.runs.folder import RunFolder

PAGE = ROOT / "docs" / "how-to" / "resume-and-trade-time.md"
OTHER = {
    "seed": "1",
    "dataset.name": "csv",
    "dataset.options": "{rating_at_least: 3}",
    "dataset.min_interactions": "7",
    "dataset.top_items": "500",
    "dataset.sample_users": "100",
    "dataset.max_history": "7",
    "dataset.held_out_users": "0.2",
    "target.name": "popularity",
    "target.options": "{layers: 1}",
    "alignment.mode": "intention",
    "alignment.hybrid_forms": "combined",
    "alignment.combined_shares": {"item_ranking": 0.1},
    "alignment.weights": "{item_ranking: 2}",
    "alignment.questions": "2",
    "alignment.examples": "50",
    "alignment.options": "{rationale: {causes: 1}}",
    "surrogate.backbone": "owner/model",
    "surrogate.base": "owner/base",
    "surrogate.chat_template": "rag",
    "surrogate.tiny": "{layers: 1}",
    "surrogate.device": "cpu",
    "surrogate.lora": "{rank: 4}",
    "surrogate.projectors": "titles",
    "surrogate.quantization": "4bit",
    "surrogate.precision": "float32",
    "surrogate.max_tokens": "64",
    "training.budget": "3",
    "training.minutes": "3",
    "training.steps": "3",
    "training.order": "short-first",
    "training.batch_size": "7",
    "training.optimizer": "adamw",
    "training.learning_rate": "0.5",
    "training.warmup": "0.5",
    "training.weight_decay": "0.5",
    "training.max_grad_norm": "0.5",
    "training.save_every_seconds": "7",
    "training.threads": "1",
    "training.tracker": "tensorboard",
    "training.processes": "2",
    "training.parallel": "ddp",
    "training.micro_batch_size": "2",
    "training.gradient_checkpointing": "true",
    "dataset.accept_losses": "true",
    "generation.url": "http://localhost:8000/v1",
    "generation.model": "g",
    "generation.seed": "7",
    "fidelity.users": "7",
    "fidelity.tasks": "[item_ranking]",
    "fidelity.beams": "7",
    "fidelity.baselines": "[random]",
    "fidelity.chat_models": "[{model: gpt-4.1-mini}]",
    "fidelity.batch_size": "7",
    "explanations.explainers": "[occlusion]",
    "explanations.users": "7",
    "explanations.instruction": "only genres",
    "explanations.min_confidence": "0.7",
    "explanations.text_encoder": "owner/encoder",
    "explanations.options": "{surrogate: {max_new_tokens: 7}}",
    "judging.judges": "[]",
    "judging.cases": "7",
    "judging.options": "{offline: {min_grounding: 0.5}}",
    "report.cases": "7",
}
"""Every setting of a run, and a value that is not its default."""

BOOKS = "{interactions: examples/books/interactions.csv, items: examples/books/items.csv}"
ALONGSIDE = {
    # What another setting needs in order to be valid; it changes no earlier stage.
    "dataset.name": [f"dataset.options={BOOKS}"],
    "target.name": ["alignment.mode=behavior"],
}


def _table():
    """Return setting to the stages that the page says are done again."""
    lines = PAGE.read_text("utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("| changed |"))
    table = takewhile(lambda line: line.startswith("|"), lines[start:])
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    told = {}
    for row in rows:
        again = {stage for stage, mark in zip(head[1:], row[1:], strict=True) if mark}
        told |= dict.fromkeys(re.findall(r"`([^`]+)`", row[0]), again)
    return told


def _settings():
    for name in RunConfig.model_fields:
        section = getattr(RunConfig(), name)
        if isinstance(section, BaseModel):
            yield from (f"{name}.{key}" for key in type(section).model_fields)
        else:
            yield name


def _fingerprints(tmp_path, overrides):
    checked = plan(load_config(overrides=overrides), default_registry())
    stages = stages_of(checked, RunFolder(tmp_path), SourceFiles())
    return {stage.name: stage.fingerprint for stage in stages}


def test_the_table_tells_of_every_setting():
    assert set(_table()) == set(_settings()) == set(OTHER)


@pytest.mark.parametrize("setting", OTHER)
def test_a_changed_setting_does_again_what_the_table_says(setting, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    before = _fingerprints(tmp_path, [])
    after = _fingerprints(tmp_path, [*ALONGSIDE.get(setting, []), f"{setting}={OTHER[setting]}"])
    assert {stage for stage in before if before[stage] != after[stage]} == _table()[setting]
