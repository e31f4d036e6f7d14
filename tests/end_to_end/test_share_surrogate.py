"""A short run with a published backbone, a chat model beside it, and its surrogate handed on."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
import yaml

import recexplainer
from recexplainer.errors import ConfigError, RunFolderError, StageError, UserError
from recexplainer.testing.servers.chat_service import chat_service
from recexplainer.testing.servers.http_service import Reply, serving


@pytest.fixture(scope="module")
def backbone(tmp_path_factory) -> Path:
    """A model as it is published, but for its size and for having read nothing."""
    from transformers import AutoModelForCausalLM, LlamaConfig

    from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer

    titles = [f"The {genre}{place} Film" for genre in ("Comedy", "Drama") for place in range(8)]
    tokenizer = train_tokenizer(titles, ["Will the user like: ", "The user has: "], 512)
    folder = tmp_path_factory.mktemp("hub") / "published"
    config = LlamaConfig(
        vocab_size=600,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=1024,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def chat():
    """A chat model that says Yes to everything, and the same film first."""

    def say(body):
        label = "one of these" in body["messages"][0]["content"]
        return "Yes" if label else "1. The Drama1 Film"

    with chat_service(say) as service:
        yield service


@pytest.fixture(scope="module")
def settings(tmp_path_factory, backbone, chat) -> list[str]:
    """20 users who each walk six of the eight films of a genre, in a circle."""
    folder = tmp_path_factory.mktemp("own")
    films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(8)]
    items = ["item_id,title,genre"]
    items += [f"{film},The {film.capitalize()} Film,{film.rstrip('0123456789')}" for film in films]
    rows = ["user_id,item_id,timestamp"]
    for user in range(20):
        own = films[:8] if user % 2 else films[8:]
        rows += [f"u{user},{own[(user + step) % 8]},{step}" for step in range(6)]
    (folder / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [
        *("target.name=sasrec", "alignment.mode=hybrid", "dataset.name=csv"),
        "target.options.max_epochs=1",
        *("training.threads=1", "training.budget=0.1", "surrogate.device=cpu"),
        *("dataset.held_out_users=0", "fidelity.users=3", "explanations.users=1"),
        "explanations.explainers=[random, told, unchecked]",
        "explanations.options.told={writer: backbone, max_tokens: 16}",
        *("training.tracker=tensorboard", "surrogate.precision=float32"),
        f"surrogate.backbone={backbone}",
        f"fidelity.chat_models=[{{model: yes-man, base_url: '{chat.address}', max_requests: 9}}]",
        *("alignment.weights.instruction_following=0", "alignment.weights.rationale=1"),
        f"dataset.options.interactions={folder / 'log.csv'}",
        f"dataset.options.items={folder / 'items.csv'}",
    ]


@pytest.fixture(scope="module")
def out(settings, tmp_path_factory) -> Path:
    pytest.importorskip("tensorboard")
    pytest.importorskip("openai")
    folder = tmp_path_factory.mktemp("runs") / "published"
    recexplainer.run(recexplainer.load_config(None, settings), folder)
    return folder


def figures(out: Path, subject: str) -> dict[tuple[str, str], dict]:
    report = json.loads((out / "report.json").read_text("utf-8"))
    return {(m["task"], m["metric"]): m for m in report["metrics"] if m["subject"] == subject}


@pytest.mark.slow
class TestRows:
    def test_the_published_model_is_asked_in_words(self, out) -> None:
        """What shows vectors alone it cannot be asked; its projectors have learned nothing."""
        measured = {task for task, _ in figures(out, "hybrid")}
        assert "history_reconstruction" in measured
        assert {task for task, _ in figures(out, "unaligned")} == measured - {
            *("history_reconstruction", "vector_swap")
        }

    def test_the_chat_models_row_lacks_what_cannot_be_had(self, out) -> None:
        row = figures(out, "yes-man")
        assert {name for _, name in row} == {*("hit@5", "ndcg@5", "kendall_tau", "accuracy")}
        notes = json.loads((out / "report.json").read_text("utf-8"))["run"]["notes"]
        assert any("yes-man was asked over an API" in note for note in notes)

    def test_it_is_never_asked_more_than_allowed(self, out, chat) -> None:
        assert len(chat.asked) == 9  # of 3 users' 4 or more questions each
        for request in chat.asked:
            assert request["model"] == "yes-man"
            assert not re.search("[\ue000\ue001]", request["messages"][-1]["content"])
            assert "Film" in request["messages"][-1]["content"]

    def test_its_backbone_that_knows_no_language_leaves_plain_wording(self, out) -> None:
        lines = (out / "6-explanations" / "explanations.jsonl").read_text("utf-8").splitlines()
        told = [one for one in map(json.loads, lines) if one["explainer"] == "told"]
        assert len(told) == 2  # a Yes and a No of one user
        for one in told:
            assert "plain wording" in one["text"]
            (true,) = (c["value"] for c in one["checks"] if c["name"] == "true_as_read")
            assert true == 1.0

    def test_it_explains_in_taught_sentences_though_it_knows_no_language(self, out) -> None:
        assert (out / "4-surrogate" / "model" / "pull_network.safetensors").is_file()
        lines = (out / "6-explanations" / "explanations.jsonl").read_text("utf-8").splitlines()
        told = [one for one in map(json.loads, lines) if one["explainer"] == "hybrid-unchecked"]
        assert len(told) == 2
        for one in told:
            assert re.match("(Yes|No)[.,]", one["text"]), one["text"]
            checks = {check["name"]: check["value"] for check in one["checks"]}
            assert checks["grounding"] == 1.0, one["text"]

    def test_another_measurement_pays_for_nothing_twice(self, out, settings, chat) -> None:
        again = recexplainer.load_config(None, [*settings, "fidelity.beams=6"])
        recexplainer.run(again, out)
        assert len(chat.asked) == 9


@pytest.mark.slow
class TestTrackers:
    def test_the_curve_goes_to_tensorboard_and_to_the_log(self, out) -> None:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(str(out / "4-surrogate" / "tensorboard"))
        events.Reload()
        sent = {event.step: event.value for event in events.Scalars("train/loss")}
        lines = (out / "4-surrogate" / "log.jsonl").read_text("utf-8").splitlines()
        kept = {point["step"]: point["loss"] for point in map(json.loads, lines)}
        assert kept
        assert sent == pytest.approx(kept, rel=1e-4)

    def test_a_tracker_that_is_not_installed_is_one_line(self, settings, tmp_path) -> None:
        chosen = recexplainer.load_config(None, [*settings, "training.tracker=mlflow"])
        with pytest.raises(ConfigError) as caught:
            recexplainer.run(chosen, tmp_path / "run")
        (problem,) = caught.value.problems
        assert problem.startswith("training.tracker: 'mlflow' is not installed")
        assert not (tmp_path / "run").exists()


@pytest.mark.slow
class TestCard:
    def test_it_lies_beside_the_weights_with_the_runs_figures(self, out) -> None:
        text = (out / "4-surrogate" / "model" / "README.md").read_text("utf-8")
        front = yaml.safe_load(text.split("---")[1])
        assert front["library_name"] == "peft"
        assert "base_model" not in front  # a folder of this machine
        told = {
            (result["task"]["type"], result["metrics"][0]["type"]): result["metrics"][0]["value"]
            for result in front["model-index"][0]["results"]
        }
        own = figures(out, "hybrid")
        measured = {key: figure["value"] for key, figure in own.items() if figure["n"]}
        assert told == {key: value for key, value in measured.items() if key[0] != "vector_swap"}
        assert "**Recommender**: sasrec" in text
        for subject in ("random", "popularity", "unaligned", "hybrid", "yes-man"):
            assert f"\n| {subject} |" in text

    def test_a_run_that_is_done_leaves_it_alone(self, out) -> None:
        card = out / "4-surrogate" / "model" / "README.md"
        before = card.stat().st_mtime_ns
        recexplainer.run(recexplainer.load_config(out / "config.yaml"), out)
        assert card.stat().st_mtime_ns == before


@pytest.mark.slow
class TestLoad:
    def test_three_lines_of_python(self, out) -> None:
        run = recexplainer.load(out)
        told = run.explain(user="u3")
        assert told.recommended
        assert told.case.rank == 1
        assert told == recexplainer.explain(out, user="u3")
        assert run.explain(user="u4", item="The Drama1 Film").item_title == "The Drama1 Film"


@pytest.mark.slow
class TestExport:
    @pytest.mark.parametrize("merge", [False, True])
    def test_it_appears_whole_and_with_its_card(self, merge, out, tmp_path, recx) -> None:
        folder = tmp_path / "deep" / "export"
        said = recx("export", out, folder, *(["--merge"] if merge else []))
        assert (said.code, said.out) == (0, f"exported: {folder}\n")
        assert [path.name for path in folder.parent.iterdir()] == ["export"]
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        assert {"README.md", "config.json", "tokenizer.json"} <= files
        whole = {"model.safetensors", "language_model/model.safetensors"}
        assert (files >= whole) == merge
        assert ("adapter_model.safetensors" in files) != merge
        front = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---")[1])
        assert front["library_name"] == ("transformers" if merge else "peft")
        again = recx("export", out, folder)
        assert again.code == 2
        assert "is not empty" in again.err

    def test_loading_it_as_a_run_says_what_it_lacks(self, out, tmp_path) -> None:
        recexplainer.export(out, tmp_path / "export")
        with pytest.raises(RunFolderError, match="no recommender to check"):
            recexplainer.load(tmp_path / "export")

    def test_a_failure_leaves_nothing(self, out, tmp_path, monkeypatch) -> None:
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("recexplainer.surrogate.model.merged_export.load_surrogate", full)
        with pytest.raises(OSError, match="No space"):
            recexplainer.export(out, tmp_path / "export", merge=True)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("command", ["export", "push"])
    def test_a_folder_that_is_no_run(self, command, tmp_path, recx, monkeypatch) -> None:
        monkeypatch.setenv("HF_TOKEN", "hf_x")
        said = recx(command, tmp_path / "nothing", "a/b")
        assert said.code == 2
        assert "there is no folder" in said.err


class Hub:
    """The endpoints of a hub that an upload of one commit needs."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.created: list[dict] = []
        self.commits = 0
        self.tokens: set[str | None] = set()
        self.url = ""
        self.refusal = 0

    def __call__(self, request):
        if request.method == "PUT":
            self.blobs[request.path.rsplit("/", 1)[1]] = request.content
            return Reply({})
        self.tokens.add(request.headers["Authorization"])
        if self.refusal:
            return Reply({"error": "Invalid credentials"}, self.refusal)
        if "/commit/" in request.path:
            return Reply(self.commit(map(json.loads, request.content.splitlines())))
        return Reply(self.answer(request.path, request.json))

    def answer(self, path, asked):
        if path == "/api/repos/create":
            self.created.append(asked)
            return {"url": f"{self.url}/me/surrogate"}
        if "/preupload/" in path:
            return {"files": [self.mode(file["path"]) for file in asked["files"]]}
        if path.endswith("/info/lfs/objects/batch"):
            return {"transfer": "basic", "objects": [self.place(one) for one in asked["objects"]]}
        return {"errors": [], "warnings": []}  # of the card's front matter

    def mode(self, name):
        kind = "lfs" if name.endswith("tensors") else "regular"
        return {"path": name, "uploadMode": kind, "shouldIgnore": False}

    def place(self, blob):
        return blob | {"actions": {"upload": {"href": f"{self.url}/blobs/{blob['oid']}"}}}

    def commit(self, lines):
        self.commits += 1
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.files[value["path"]] = self.blobs[value["oid"]]
        return {"commitUrl": f"{self.url}/c/1", "commitOid": "1", "success": True}


@pytest.fixture
def hub(monkeypatch):
    from huggingface_hub import constants

    stand_in = Hub()
    with serving(stand_in, keep_alive=False) as url:  # the hub library keeps connections open
        stand_in.url = url
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", url)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        yield stand_in


@pytest.mark.slow
class TestPush:
    @pytest.mark.filterwarnings("ignore:Use 'content:DeprecationWarning")  # the hub library's own
    def test_what_is_pushed_is_what_is_exported(self, out, hub, tmp_path, recx) -> None:
        said = recx("push", out, "me/surrogate", "--merge")
        assert said.code == 0, said.err
        assert said.out == f"pushed: {hub.url}/me/surrogate\n"
        recexplainer.export(out, tmp_path / "export", merge=True)
        expected = {
            path.relative_to(tmp_path / "export").as_posix(): path.read_bytes()
            for path in (tmp_path / "export").rglob("*")
            if path.is_file()
        }
        assert hub.files == expected
        assert hub.commits == 1
        (created,) = hub.created
        assert created["visibility"] == "private"
        assert hub.tokens == {"Bearer hf_secret"}
        kept = [path for path in out.rglob("*") if path.is_file()]
        assert not any(b"hf_secret" in path.read_bytes() for path in kept)
        assert not [path for path in out.iterdir() if path.name.startswith(".push")]

    def test_updates_to_a_folder_of_this_machine_are_refused(self, out, hub) -> None:
        with pytest.raises(UserError, match="push the whole model with --merge"):
            recexplainer.push(out, "me/surrogate")
        assert hub.tokens == set()

    def test_without_a_token_nothing_is_asked(self, out, hub, monkeypatch) -> None:
        monkeypatch.delenv("HF_TOKEN")
        with pytest.raises(UserError, match="environment variable HF_TOKEN"):
            recexplainer.push(out, "me/surrogate", merge=True)
        assert hub.tokens == set()

    @pytest.mark.parametrize(("status", "kind"), [(401, UserError), (501, StageError)])
    def test_a_refusal_is_one_line(self, status, kind, out, hub) -> None:
        hub.refusal = status
        with pytest.raises(kind, match="refused me/surrogate") as caught:
            recexplainer.push(out, "me/surrogate", merge=True)
        assert "\n" not in str(caught.value)
        assert "hf_secret" not in str(caught.value)

    def test_a_name_that_no_repository_can_have(self, out, hub) -> None:
        with pytest.raises(UserError, match="no name of a repository"):
            recexplainer.push(out, "not a name/at/all", merge=True)


class TestMistakes:
    def test_a_chat_model_without_key_or_address(self, settings, tmp_path, monkeypatch) -> None:
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        chosen = recexplainer.load_config(
            None, [*settings, "fidelity.chat_models=[{model: gpt-4.1-mini}]"]
        )
        with pytest.raises(ConfigError) as caught:
            recexplainer.run(chosen, tmp_path / "run")
        (problem,) = caught.value.problems
        assert problem.startswith("fidelity.chat_models[0]: gpt-4.1-mini asks https://")

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ("[{model: random}]", "two rows of the table would be called 'random'"),
            ("[{model: a}, {model: a, base_url: 'http://b'}]", "called 'a'; give a name"),
            ("[{model: a, base_url: 'http://user:word@host'}]", "hold no user or password"),
            ("[{model: a, max_request: 3}]", "did you mean 'max_requests'"),
        ],
    )
    def test_a_row_that_cannot_be(self, given, words) -> None:
        with pytest.raises(ConfigError, match=re.escape(words)):
            recexplainer.load_config(None, [f"fidelity.chat_models={given}"])
