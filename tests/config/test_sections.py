import pytest
from pydantic import ValidationError

from recexplainer.config import RunConfig, load_config
from recexplainer.config.weights import PAPER_WEIGHTS, TINY_WEIGHTS
from recexplainer.errors import ConfigError


def test_a_config_cannot_be_changed() -> None:
    config = RunConfig()
    with pytest.raises(ValidationError):
        config.seed = 1
    with pytest.raises(ValidationError):
        config.training.budget = 2.0


def test_weights_that_are_not_given_are_those_of_the_backbone() -> None:
    assert load_config().task_weights() == {
        task: weight for task, weight in TINY_WEIGHTS.items() if weight > 0
    }
    # The paper trains its backbone on six tasks, each example once.
    six = load_config(None, ["surrogate.backbone=org/model"]).task_weights()
    assert set(six.values()) == {1.0}
    assert len(six) == 6
    assert PAPER_WEIGHTS.keys() == TINY_WEIGHTS.keys()


def test_a_weight_that_is_given_changes_that_task_alone() -> None:
    before = load_config().task_weights()
    after = load_config(
        None, ["alignment.weights={item_ranking: 0, rationale: 2, my_task: 0.5}"]
    ).task_weights()
    del before["item_ranking"]
    assert after == {**before, "rationale": 2.0, "my_task": 0.5}


def test_only_the_default_weights_of_tiny_fit_themselves_to_the_data() -> None:
    given = load_config(None, ["alignment.weights={item_ranking: 2}"])
    assert given.adapted_tasks() == frozenset(given.task_weights()) - {"item_ranking"}
    assert not load_config(None, ["surrogate.backbone=org/model"]).adapted_tasks()


@pytest.mark.parametrize(
    "given",
    [
        ["generation.engine=vllm-url"],
        ["generation.url=http://localhost:8000/v1"],
        ["generation.engine=vllm-url", "generation.url=localhost:8000"],
        ["generation.engine=vllm"],
        ["generation.seed=-1"],
        ["surrogate.max_tokens=3"],
    ],
)
def test_a_writer_that_cannot_be_is_refused_before_anything_runs(given: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, given)
    (problem,) = caught.value.problems
    assert problem.startswith(("generation", "surrogate.max_tokens"))


def test_a_server_is_named_by_its_url() -> None:
    url = "http://localhost:8000/v1"
    config = load_config(None, ["generation.engine=vllm-url", f"generation.url={url}"])
    assert config.generation.url == url
