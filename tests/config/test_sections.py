import pytest
from pydantic import ValidationError

from recexplainer.config import RunConfig, load_config
from recexplainer.errors import ConfigError
from recexplainer.pipeline import default_registry, plan
from recexplainer.records import PAPER_WEIGHTS, Recipe

RECIPE = Recipe(
    source="org/model",
    weights={"item_ranking": 0.5, "rationale": 3.0, "instruction_following": 0.0},
    adapted=True,
    hybrid_forms="named",
    combined_shares={"item_ranking": 0.25},
)


def test_a_config_cannot_be_changed() -> None:
    config = RunConfig()
    with pytest.raises(ValidationError):
        config.seed = 1
    with pytest.raises(ValidationError):
        config.training.budget = 2.0


def test_weights_that_are_not_given_are_those_of_the_backbone() -> None:
    assert load_config().task_weights(RECIPE) == {"item_ranking": 0.5, "rationale": 3.0}
    # The paper trains its backbone on six tasks, each example once.
    six = load_config().task_weights(Recipe(source="org/model"))
    assert set(six.values()) == {1.0}
    assert len(six) == 6
    assert PAPER_WEIGHTS.keys() - six.keys() == {"rationale"}


def test_a_weight_that_is_given_changes_that_task_alone() -> None:
    given = load_config(None, ["alignment.weights={item_ranking: 0, my_task: 0.5}"])
    assert given.task_weights(RECIPE) == {"rationale": 3.0, "my_task": 0.5}


def test_more_questions_are_more_of_every_task() -> None:
    given = load_config(None, ["alignment.questions=3", "alignment.weights={my_task: 0.5}"])
    assert given.asked_weights(RECIPE) == {"item_ranking": 1.5, "rationale": 9.0, "my_task": 1.5}
    assert load_config().asked_weights(RECIPE) == load_config().task_weights(RECIPE)


def test_options_of_tasks_that_are_not_given_are_those_of_the_backbone() -> None:
    recipe = Recipe(source="org/model", task_options={"item_ranking": {"items": 4, "twice": True}})
    assert load_config().task_options(recipe) == recipe.task_options
    given = load_config(None, ["alignment.options={item_ranking: {items: 6}, my_task: {a: 1}}"])
    assert given.task_options(recipe) == {
        "item_ranking": {"items": 6, "twice": True},
        "my_task": {"a": 1},
    }
    assert load_config().task_options(Recipe(source="org/model")) == {}  # the paper's


@pytest.mark.parametrize(
    ("task", "own"), [("next_item_retrieval", 0.3), ("interest_classification", None)]
)
def test_tiny_learns_shares_of_titles_unless_told_otherwise(task: str, own: float | None) -> None:
    def softness(*settings: str) -> object:
        part, _ = plan(load_config(None, settings), default_registry()).tasks[task]
        return part.options.softness

    option = f"alignment.options.{task}.softness"
    assert softness() == own
    assert softness(f"{option}=0.7") == 0.7
    assert softness(f"{option}=null") is None


def test_only_default_weights_fit_themselves_to_the_data_where_the_recipe_says_so() -> None:
    given = load_config(None, ["alignment.weights={item_ranking: 2}"])
    assert given.adapted_tasks(RECIPE) == {"rationale"}
    assert not given.adapted_tasks(Recipe(source="org/model"))


def test_forms_and_shares_are_those_of_the_recipe_unless_forms_are_given() -> None:
    default, forms = load_config(), load_config(None, ["alignment.hybrid_forms=all"])
    shares = load_config(None, ["alignment.combined_shares={rationale: 0.5}"])
    assert [one.training_forms(RECIPE) for one in (default, forms)] == ["named", "all"]
    assert default.combined_shares(RECIPE) == {"item_ranking": 0.25}
    assert forms.combined_shares(RECIPE) == {}
    assert shares.combined_shares(RECIPE) == {"rationale": 0.5}


@pytest.mark.parametrize(
    "given",
    [
        ["generation.url=localhost:8000"],
        ["generation.engine=vllm-url"],
        ["generation.seed=-1"],
        ["surrogate.max_tokens=3"],
    ],
)
def test_a_writer_that_cannot_be_is_refused_before_anything_runs(given: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, given)
    (problem,) = caught.value.problems
    assert problem.startswith(("generation", "surrogate.max_tokens"))


@pytest.mark.parametrize(
    ("backbone", "named"),
    [
        ("tiny", "tiny"),
        ("org/model", "org/model"),
        ("/home/me/models/merged", "merged"),
        ("~/models/merged/", "merged"),
        ("./models/words.gguf", "words.gguf"),
    ],
)
def test_a_report_names_a_folder_without_where_it_lies(backbone: str, named: str) -> None:
    config = load_config(None, [f"surrogate.backbone={backbone}"])
    assert config.surrogate.backbone_name == named


def test_a_folder_of_the_working_directory_is_named_as_one(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "merged").mkdir(parents=True)
    config = load_config(None, ["surrogate.backbone=models/merged"])
    assert config.surrogate.backbone_name == "merged"
