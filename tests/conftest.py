"""What holds for every test: no network, and nothing leaks from one test into the next."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

# Before any test module is imported: the hub libraries read these once.
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    TOKENIZERS_PARALLELISM="false",
    MPLBACKEND="Agg",
)

from recexplainer.chat import ADDRESS, KEY
from recexplainer.chat import retries as asking
from recexplainer.cli.main import main
from recexplainer.records import SilentProgress
from recexplainer.testing.contracts.side_effects import environment, root_logging


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that leaves the environment, the working directory or root logging changed."""
    before = environment(), Path.cwd(), root_logging()
    yield
    after = environment(), Path.cwd(), root_logging()
    names = ("environment variables", "the working directory", "the root logger")
    leaked = [name for name, was, now in zip(names, before, after, strict=True) if was != now]
    _restore(before[0], before[1])
    assert not leaked, f"this test changed {', '.join(leaked)}; use monkeypatch, or undo it"


def _restore(variables: dict[str, str], folder: Path) -> None:
    for name in environment().keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)
    os.chdir(folder)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data beside the checkout; tests that need it are skipped without."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the development data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def walks(tmp_path_factory) -> Callable[..., list[str]]:
    """Write the data of a short run, and return its settings: ``walks({"drama3": "A title"})``.

    Forty users each walk eight of the twelve films of a genre, in a circle.
    """

    def write(titles: Mapping[str, str] = MappingProxyType({})) -> list[str]:
        folder = tmp_path_factory.mktemp("walks")
        films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(12)]
        named = [(film, titles.get(film, f"The {film.capitalize()} Film")) for film in films]
        rows = []
        for user in range(40):
            own = films[:12] if user % 2 else films[12:]
            start = user * user * 2 // 3 + user // 39  # so that films differ in popularity
            rows += [(f"u{user}", own[(start + step) % 12], step) for step in range(8)]
        for name, header, lines in (
            ("items", ("item_id", "title"), named),
            ("interactions", ("user_id", "item_id", "timestamp"), rows),
        ):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header, *lines])
        return [
            *("dataset.name=csv", "target.name=ease", "alignment.mode=behavior"),
            "surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}",
            *("surrogate.device=cpu", "training.threads=1", "training.budget=0.2"),
            *("dataset.max_history=6", "fidelity.users=12", "explanations.users=6"),
            *(f"dataset.options.{n}={folder / n}.csv" for n in ("items", "interactions")),
        ]

    return write


class Notes(SilentProgress):
    """A progress that keeps what is noted."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def chat_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of chat services, none of which is named; a busy one is soon asked again."""
    key = "secret-of-the-test"
    monkeypatch.setenv(KEY, key)
    monkeypatch.delenv(ADDRESS, raising=False)
    monkeypatch.setattr(asking, "_FIRST_WAIT", 0.01)
    return key


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Write a causal language model as it is published, with weights that nobody can load."""
    import numpy as np
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    source = tmp_path_factory.mktemp("published")
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 300}
    config |= {"hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1}
    config |= {"intermediate_size": 16, "num_key_value_heads": 1}
    (source / "config.json").write_text(json.dumps(config))
    letters = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.save(str(source / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>"}
    (source / "tokenizer_config.json").write_text(json.dumps(settings))
    (source / "chat_template.jinja").write_text(
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
        "{{ message['content'] }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    save_file(
        {"a": np.ones(4, "float32"), "b": np.ones(2, "float32")}, source / "model.safetensors"
    )

    def write(folder: Path) -> Path:
        shutil.copytree(source, folder)
        return folder

    return write


class Said(NamedTuple):
    code: int | str | None
    out: str
    err: str


@pytest.fixture
def recx(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Call a command as a user does, in this process, where heavy libraries are loaded once."""
    set_by_main = {
        "GOMP_SPINCOUNT": "10000",
        "LRU_CACHE_CAPACITY": "64",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
        "TOKENIZERS_PARALLELISM": "false",
    }
    for name, value in set_by_main.items():
        monkeypatch.setenv(name, value)

    def call(*args: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        return Said(ended.value.code, *capsys.readouterr())

    return call
