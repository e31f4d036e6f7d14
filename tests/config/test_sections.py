import pytest
from pydantic import ValidationError

from recexplainer.config import RunConfig, load_config
from recexplainer.config.weights import PAPER_WEIGHTS, TINY_WEIGHTS


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
