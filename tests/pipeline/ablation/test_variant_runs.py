"""Every run of an ablation has the configuration that ``recx run --set`` would give it."""

from __future__ import annotations

import pytest

from recexplainer.config import GridConfig, load_config
from recexplainer.errors import ConfigError, UserError
from recexplainer.pipeline import default_registry
from recexplainer.pipeline.ablation.ablation_plan import plan_ablation, plan_lines
from recexplainer.pipeline.ablation.left_out_tasks import left_out_task
from recexplainer.pipeline.ablation.variant_runs import runs_of

TAUGHT = ("next_item_retrieval", "item_ranking", "instruction_following", "item_discrimination")
TASKS = [
    *("next_item_retrieval", "item_ranking", "interest_classification", "item_discrimination"),
    *("instruction_following", "history_reconstruction", "rationale"),
]


def grid(**fields) -> GridConfig:
    return GridConfig.model_validate(fields)


@pytest.mark.parametrize(
    ("given", "task"),
    [
        ("item_ranking", "item_ranking"),
        ("ranking", "item_ranking"),
        ("retrieval", "next_item_retrieval"),
        ("instructions", "instruction_following"),
    ],
)
def test_a_task_goes_by_one_of_its_words(given: str, task: str) -> None:
    assert left_out_task(given, TAUGHT) == task


@pytest.mark.parametrize(
    ("given", "said"), [("item", "several tasks: next_item_retrieval"), ("rankin", "'item_rank")]
)
def test_a_word_of_several_tasks_or_of_none_is_refused(given: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        left_out_task(given, TAUGHT)


def test_variants_are_crossed_with_seeds_and_the_base_comes_first() -> None:
    asked = grid(seeds=[0, 2], variants={"b h": {"set": {"alignment.mode": "behavior"}}})
    found = runs_of(asked, ["training.budget=2"], default_registry())
    names = [(run.variant, run.seed, run.name) for run in found.runs]
    assert names == [
        ("base", 0, "base-seed0"),
        ("base", 2, "base-seed2"),
        ("b h", 0, "b-h-seed0"),
        ("b h", 2, "b-h-seed2"),
    ]
    assert not found.problems
    assert [set(run.config.fidelity.tasks) for run in found.runs] == [set(TASKS)] * 4
    again = load_config(overrides=["training.budget=2", "seed=2", "alignment.mode=behavior"])
    told = found.runs[3].config.model_dump(exclude={"fidelity": {"tasks"}})
    assert told == again.model_dump(exclude={"fidelity": {"tasks"}})


def test_what_is_left_out_is_not_taught_and_measured_all_the_same() -> None:
    found = runs_of(grid(variants={"a": {"without": ["history"]}}), [], default_registry())
    base, other = (run.config for run in found.runs)
    assert other.alignment.weights == {"history_reconstruction": 0.0}
    assert base.alignment.weights is None
    assert set(other.fidelity.tasks) == set(base.fidelity.tasks) == set(TASKS)
    assert found.changes == {"base": (), "a": ("without history_reconstruction",)}


def test_a_base_that_says_what_is_measured_is_heeded() -> None:
    asked = grid(
        base={"fidelity": {"tasks": ["item_ranking"]}}, variants={"a": {"without": ["rationale"]}}
    )
    found = runs_of(asked, [], default_registry())
    assert [run.config.fidelity.tasks for run in found.runs] == [("item_ranking",)] * 2


def test_mistakes_of_all_variants_are_told_at_once(tmp_path) -> None:
    asked = grid(
        base={"target": {"name": "sasrc"}},
        until="explanation",
        variants={
            "typo": {"without": ["rankin"]},
            "mode": {"set": {"alignment.mode": "both"}},
            "seed": {"set": {"seed": 1}},
            "none": {},
            "one": {"without": ["ranking"]},
            "two": {"without": ["item_ranking"]},
            "One!": {"without": ["history"]},
            "?": {"without": ["history"]},
        },
    )
    with pytest.raises(ConfigError) as caught:
        plan_ablation(asked, tmp_path / "out", default_registry(), problems=["read before"])
    lines = list(caught.value.problems)
    starts = [
        "read before",
        "variants.One!: would have the folders of 'one'",
        "variants.'?': has no letter or digit",
        "variants.typo.without: unknown task of the base 'rankin'. Did you mean 'item_ranking'?",
        "variants.seed.set.seed: give all seeds in seeds",
        "variants.none: changes nothing",
        "variants.two: asks for the same as 'one'",
        "target.name: unknown target 'sasrc'. Did you mean 'sasrec'?",
        "variants.mode: alignment.mode: must be one of",
        "until: must be one of target, alignment",
    ]
    for start in starts:
        assert sum(line.startswith(start) for line in lines) == 1, (start, lines)
    assert sum("sasrc" in line for line in lines) == 1  # and not once for each variant
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_refused(tmp_path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds files but is no ablation"):
        plan_ablation(grid(variants={"a": {"without": ["history"]}}), tmp_path, default_registry())


def test_the_plan_tells_what_is_shared(tmp_path) -> None:
    asked = grid(
        seeds=[0, 1],
        variants={"a": {"without": ["history"]}, "b": {"set": {"training.budget": 2}}},
        until="explanations",
    )
    plan = plan_ablation(asked, tmp_path / "out", default_registry())
    told = [" ".join(line.split()) for line in plan_lines(plan, "2 runs at a time")]
    assert told[0] == "ablation 2 variants and the base, seed 0, 1"
    assert told[-6:-1] == [
        "dataset 1 for 6 runs, 1 to do",
        "target 2 for 6 runs, 2 to do",
        "alignment 4 for 6 runs, 4 to do",
        "surrogate 6 for 6 runs, 6 to do",
        "fidelity 6 for 6 runs, 6 to do",
    ]
