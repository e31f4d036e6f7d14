"""A vLLM server's wire format, spoken by a stand-in that runs the same language model itself."""

import base64
import io
import json
import shutil
import threading

import pytest
import torch
from safetensors.torch import load_file, save_file

from recexplainer.alignment.modes import render
from recexplainer.errors import StageError, UserError
from recexplainer.records import Text, Turn
from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker
from recexplainer.surrogate.generation.vllm_client import CompletionServer
from recexplainer.surrogate.generation.vllm_speaker import ServedSpeaker
from recexplainer.testing.servers.http_service import Reply, serving


class StandIn:
    """Continues ``prompt_embeds`` greedily with a plain language model, as vLLM would."""

    def __init__(self, language_model, tokenizer):
        self.language_model, self.tokenizer = language_model, tokenizer
        self.asked = []
        self.instead = None  # a reply
        self.lock = threading.Lock()

    def answer(self, request):
        if (request.method, request.path) == ("POST", "/v1/completions"):
            return self.instead or Reply(self.complete(request.json))
        if request.method == "POST":
            return Reply({"error": "no such path"}, 404)
        listed = {"object": "list", "data": [{"id": "merged", "object": "model"}]}
        return self.instead or Reply(listed)

    def complete(self, body):
        with self.lock, torch.no_grad():
            self.asked.append(body)
            packed = io.BytesIO(base64.b64decode(body["prompt_embeds"]))
            prompt = torch.load(packed, weights_only=True)
            ids = self.language_model.generate(
                inputs_embeds=prompt[None],
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                max_new_tokens=body["max_tokens"],
                eos_token_id=body["stop_token_ids"],
                pad_token_id=0,
                do_sample=False,
            )
        text = self.tokenizer.decode(ids[0], skip_special_tokens=True)
        numbered = [{"index": k, "text": f"{text}{k or ''}"} for k in range(body["n"])]
        return {"object": "text_completion", "choices": numbered[::-1]}


@pytest.fixture(scope="module")
def plain_folder(surrogate_folder, tmp_path_factory):
    """The surrogate without its pointer, which a server of the language model does not have."""
    folder = tmp_path_factory.mktemp("plain") / "model"
    shutil.copytree(surrogate_folder, folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"pointer": 0}), "utf-8")
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if not name.startswith("pointer.")}
    assert 0 < len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.fixture
def here(plain_folder, catalogue, user_vectors, vectors):
    """The same surrogate, asked in this process."""
    return speaker_of(SurrogateSpeaker, plain_folder, catalogue, user_vectors, vectors)


def speaker_of(kind, folder, catalogue, user_vectors, vectors, **more):
    return kind(
        "hybrid",
        folder,
        form="combined",
        catalogue=catalogue,
        render=render,
        user_vectors=user_vectors,
        item_vectors=vectors[1],
        **more,
    )


@pytest.fixture
def stand_in(surrogate):
    return StandIn(surrogate[0].language_model, surrogate[1].tokenizer)


@pytest.fixture
def url(stand_in):
    with serving(stand_in.answer, keep_alive=False) as address:
        yield f"{address}/v1"


@pytest.fixture
def served(url, plain_folder, catalogue, user_vectors, vectors):
    server = CompletionServer(url + "/")
    return speaker_of(ServedSpeaker, plain_folder, catalogue, user_vectors, vectors, server=server)


def test_the_server_says_what_the_model_says_here(served, here, questions, contexts):
    said = served.answer(questions, contexts, max_new_tokens=6)
    assert said == here.answer(questions, contexts, max_new_tokens=6)
    assert len(set(said)) > 3


def test_a_request_holds_the_prompt_without_padding(served, stand_in, questions, contexts):
    served.answer(questions, contexts, max_new_tokens=6)
    lengths = set()
    for body in stand_in.asked:
        assert body["model"] == "merged"
        assert body["max_tokens"] == 6
        assert body["temperature"] == 0.0
        packed = io.BytesIO(base64.b64decode(body["prompt_embeds"]))
        prompt = torch.load(packed, weights_only=True)
        assert prompt.shape[1] == 32
        lengths.add(len(prompt))
    assert len(stand_in.asked) == len(questions)
    assert len(lengths) > 3


def test_drawn_answers_come_in_the_servers_order(served, stand_in, questions, contexts):
    how = {"max_new_tokens": 3, "beams": 2, "temperature": 0.7, "top_p": 0.9}
    said = served.answer(questions[:3], contexts, **how)
    assert all(second == f"{first}1" for first, second in said)
    assert {(b["n"], b["temperature"], b["top_p"]) for b in stand_in.asked} == {(2, 0.7, 0.9)}
    assert len({body["seed"] for body in stand_in.asked}) == 3


def test_what_a_server_cannot_do_is_done_here(served, stand_in, here, questions, contexts):
    how = {"max_new_tokens": 4, "beams": 3, "constrained": True}
    assert served.answer(questions, contexts, **how) == here.answer(questions, contexts, **how)
    labels = ("Yes", "No")
    asked = questions, contexts, [labels] * len(questions)
    pairs = zip(served.likelihoods(*asked), here.likelihoods(*asked), strict=True)
    assert all((there == own).all() for there, own in pairs)
    assert not stand_in.asked


@pytest.mark.parametrize(
    ("instead", "error", "message"),
    [
        (
            Reply({"error": {"message": "prompt embeds are\nnot enabled"}}, 400),
            UserError,
            "not enabled",
        ),
        (Reply({"error": "busy"}, 503), StageError, "503"),
        (Reply(b"<html>"), UserError, "no JSON object"),
        (
            Reply({"choices": [{"text": "no index"}]}),
            UserError,
            "did not answer with 1 texts",
        ),
        (Reply({"choices": []}), UserError, "--enable-prompt-embeds"),
    ],
)
def test_what_goes_wrong_is_one_line(
    instead, error, message, served, stand_in, contexts, questions
):
    stand_in.instead = instead
    with pytest.raises(error) as caught:
        served.answer([(Turn("user", (Text("Hello?"),)),)], contexts, max_new_tokens=2)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_line(url):
    with pytest.raises(
        UserError, match=r"^generation\.url: http://127.0.0.1:9/v1/models cannot be"
    ):
        CompletionServer("http://127.0.0.1:9/v1")


def test_a_server_without_models_is_told_so(url, stand_in):
    stand_in.instead = Reply({"data": []})
    with pytest.raises(UserError, match=r"names no model; .* as generation\.model"):
        CompletionServer(url)
