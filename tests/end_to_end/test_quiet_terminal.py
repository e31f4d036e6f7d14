"""A run says what it does; no library's warning that the user can do nothing about is among it."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

NOISE = re.compile(
    r"Warning|WARNING|\[transformers\]|deprecat|warnings\.warn|^W\d{4} ", re.MULTILINE
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published) -> Path:
    """A folder with a log of 40 users and a Llama of random weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    rows = [f"u{u},item {(u + s) % 20},{s}" for u in range(40) for s in range(10)]
    (tmp_path / "log.csv").write_text("\n".join(["user_id,item_id,timestamp", *rows]) + "\n")
    items = ["item_id,title", *(f"item {k},Film number {k}" for k in range(20))]
    (tmp_path / "items.csv").write_text("\n".join(items) + "\n")
    folder = published(tmp_path / "llama")
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    model.save_pretrained(folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words(backbone: str, **training: object) -> tuple[str, ...]:
    settings = {"batch_size": 4, "threads": 1, "save_every_seconds": 0.01, **training}
    told = ", ".join(f"{name}: {value}" for name, value in settings.items())
    return (
        *("run", "--out", "run", "--target", "popularity", "--align", "behavior"),
        *("--dataset", "csv", "--backbone", backbone, "--set", f"training={{{told}}}"),
        *("--set", "dataset.options={interactions: log.csv, items: items.csv}"),
        *("--set", "surrogate={device: cpu, tiny: {layers: 1, width: 32, vocabulary: 512}}"),
        *("--set", "fidelity.users=2", "--set", "explanations.users=1"),
    )


def until_a_checkpoint_is_whole(folder: Path, process) -> None:
    while not any(folder.glob("checkpoint-*/rng_state*.pth")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("backbone", "training"),
    [
        ("./llama", {"gradient_checkpointing": "true", "budget": 0.3}),
        pytest.param("tiny", {"budget": 0.5}, marks=pytest.mark.slow),
        pytest.param("./llama", {"budget": 0.2, "processes": 2}, marks=pytest.mark.slow),
        pytest.param(
            "tiny",
            {"budget": 0.2, "processes": 2, "gradient_checkpointing": "true"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_run_that_was_killed_and_its_second_half_are_quiet(
    backbone, training, place: Path, start, monkeypatch
) -> None:
    line = words(backbone, **training)
    process = start(*line)
    until_a_checkpoint_is_whole(place / "run" / "4-surrogate" / "checkpoints", process)
    process.send_signal(signal.SIGKILL)
    first = process.communicate()
    resumed = start(*line)
    second = resumed.communicate(timeout=250)
    assert resumed.returncode == 0, second
    assert "training continues at step" in second[1]
    shown = "".join(second if "processes" in training else (*first, *second))
    noise = [one for one in shown.splitlines() if NOISE.search(one)]
    assert noise == []
