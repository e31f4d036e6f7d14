"""What is left of a backbone's general ability is computed as it is said."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import general_ability
import pytest
import torch
from general_ability import Ability
from gpu_training import Trial, prepare_trial, shaped

from recexplainer.records import Rendered, RenderedTurn

ASKED = ["What is a word?", "Name two words."]
SAID = ["w1 w2", "w3"]


@pytest.fixture(scope="module")
def initial(tmp_path_factory):
    """A narrow backbone that knows nothing, as a run keeps it before training."""
    shape = shaped("0.5b", layers=2, hidden=64, words=700)
    trial = Trial(shape, micro=2, steps=3, words=20, device="cpu")
    return prepare_trial(trial, tmp_path_factory.mktemp("trial")) / "initial"


def _conversations():
    turns = [
        (RenderedTurn("user", asked), RenderedTurn("assistant", said))
        for asked, said in zip(ASKED, SAID, strict=True)
    ]
    return [Rendered(pair, (), (), "behavior") for pair in turns]


def test_perplexity_is_over_the_tokens_of_answers_alone(initial):
    ability = Ability(initial, "float32")
    chances = []
    for one in ability._encoder.conversations(_conversations()):
        logits = ability._model(input_ids=torch.tensor([one.ids])).logits[0]
        for place, (token, learned) in enumerate(zip(one.ids, one.labelled, strict=True)):
            if learned:
                chances.append(logits[place - 1].log_softmax(-1)[token].item())
    found = ability.perplexity(_conversations())
    assert (found["conversations"], found["tokens"]) == (2, len(chances))
    assert found["perplexity"] == pytest.approx(math.exp(-sum(chances) / len(chances)), 1e-3)


def test_every_model_answers_the_same_questions(initial, tmp_path, monkeypatch, capsys):
    stage = tmp_path / "run" / "4-surrogate"
    stage.mkdir(parents=True)
    for name in ("initial", "model"):
        (stage / name).symlink_to(initial)
    rows = [
        {"messages": [{"role": "user", "content": a}, {"role": "assistant", "content": b}]}
        for a, b in zip(ASKED, SAID, strict=True)
    ]
    held_out, result = tmp_path / "held.jsonl", tmp_path / "result.json"
    held_out.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run, files = str(tmp_path / "run"), ["--instructions", str(held_out), "--result", str(result)]
    catalogue = SimpleNamespace(titles=["w"])
    monkeypatch.setattr("recexplainer.load", lambda run: SimpleNamespace(catalogue=catalogue))
    general_ability.main([run, *files, "--answers", "1", "--new-tokens", "3"])
    untouched, trained = json.loads(result.read_text("utf-8"))["rows"].values()
    assert untouched == trained
    assert [row["question"] for row in trained["answers"]] == ASKED[:1]
    begun = sum(row["said"].startswith("w") for row in trained["answers"])
    assert trained["answered_with_a_title"] == begun
    assert f"| {begun} of 1 |" in capsys.readouterr().out
