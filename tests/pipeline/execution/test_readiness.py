"""Models on the hub are looked up before anything runs, unless they are on this machine."""

from __future__ import annotations

from functools import partial

import pytest

from recexplainer.config import load_config
from recexplainer.errors import ConfigError
from recexplainer.pipeline import default_registry, run
from recexplainer.pipeline.execution.named_parts import partial_plan
from recexplainer.pipeline.execution.readiness import model_problems
from recexplainer.runs.steps import STAGES
from recexplainer.testing.servers.http_service import Reply, serving

MODEL_STAGES = ("surrogate", "fidelity", "explanations")


def objections(config, *done):
    """Return what is said of the models that the stages besides ``done`` need."""
    found = partial_plan(config, default_registry())
    return [one.line for one in model_problems(found, set(STAGES) - set(done), ["tiny"])]


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that has ``me/model``; other answers are ``{model: (status, error code)}``."""
    from huggingface_hub import constants

    refusals, asked = {}, []

    def answer(request):
        asked.append(f"{request.method} {request.path}")
        model = "/".join(request.path.split("/")[1:3])
        if model in refusals:
            status, code = refusals[model]
            return Reply(b"", status, {"X-Error-Code": code, "X-Error-Message": "no"})
        return Reply(headers={"ETag": '"1"', "X-Repo-Commit": "a" * 40})

    with serving(answer, keep_alive=False) as url:  # the hub library keeps its connections open
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        template = url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield refusals, asked


def config(model):
    return load_config(overrides=[f'surrogate.backbone="{model}"'])


def problem(model):
    (line,) = objections(config(model))
    assert "\n" not in line
    return line


def test_a_model_of_the_hub_is_looked_up_and_not_fetched(hub):
    assert objections(config("me/model")) == []
    assert hub[1] == ["HEAD /me/model/resolve/main/config.json"]


def test_a_model_that_was_fetched_before_is_not_asked_for(hub, tmp_path):
    kept = tmp_path / "cache" / "models--me--model"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("a" * 40)
    (kept / "snapshots" / ("a" * 40)).mkdir(parents=True)
    settings = '{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}'
    (kept / "snapshots" / ("a" * 40) / "config.json").write_text(settings)
    assert objections(config("me/model")) == []
    assert hub[1] == []


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "RepoNotFound", "the hub has no model 'me/gone', or not for you"),
        (403, "GatedRepo", "'me/gone' is for those who accepted its terms"),
        (404, "EntryNotFound", "'me/gone' on the hub is no language model"),
        (400, "Broken", "'me/gone' is not on this machine, and the hub cannot be reached"),
    ],
)
def test_what_the_hub_refuses_is_one_line(hub, status, code, said):
    hub[0]["me/gone"] = status, code
    assert problem("me/gone").startswith(f"surrogate.backbone: {said}")


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    said = problem("me/model")
    assert "cannot be reached" in said
    assert "hf download me/model" in said


def test_what_is_no_hub_id_is_not_asked_for(hub):
    assert "is no hub id" in problem("me/model/large")
    assert hub[1] == []


@pytest.mark.parametrize("backbone", ["tiny", "~", "."])
def test_what_is_on_this_machine_is_not_asked_for(hub, backbone):
    said = objections(config(backbone))
    assert all("holds no language model" in line for line in said)
    assert hub[1] == []


def test_a_backbone_that_nothing_needs_any_more_is_not_asked_for(hub):
    assert objections(config("me/model"), *MODEL_STAGES) == []
    assert hub[1] == []


def test_a_text_encoder_is_looked_up_where_explanations_are_to_come(hub):
    hub[0]["me/gone"] = 404, "RepoNotFound"
    settings = load_config(overrides=["explanations.text_encoder=me/gone"])
    assert objections(settings, "explanations") == []
    assert hub[1] == []
    (line,) = objections(settings)
    assert line.startswith("explanations.text_encoder: the hub has no model")


@pytest.mark.parametrize("start", [run, partial(run, until="surrogate")])
def test_nothing_is_made_for_a_backbone_out_of_reach(start, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ConfigError, match="hf download me/model"):
        start(config("me/model"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_server_writes_for_the_built_in_model():
    """Its answers point at their question, which a server of its language model does not do."""
    (line,) = objections(load_config(overrides=["generation.url=http://localhost:8000/v1"]))
    assert line.startswith("generation.url: tiny adds to its language model")
    assert line.endswith("leave it out")
