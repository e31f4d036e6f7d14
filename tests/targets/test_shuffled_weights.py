"""Weights in random order: the same numbers, in other places."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load_file, save_file

from recexplainer.targets.shuffled_weights import redraw_weights


def test_every_float_tensor_is_reordered_and_all_else_is_kept(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    rng = np.random.default_rng(0)
    tensors = {
        "embedding": rng.normal(size=(30, 4)).astype(np.float32),
        "indices": np.arange(50),
        "scale": np.ones(1, dtype=np.float32),
    }
    save_file(tensors, source / "weights.safetensors")
    (source / "target.json").write_text("{}", encoding="utf-8")
    assert redraw_weights(source, tmp_path / "copy", seed=1) == 1
    found = load_file(tmp_path / "copy" / "weights.safetensors")
    assert (tmp_path / "copy" / "target.json").read_text(encoding="utf-8") == "{}"
    assert found["embedding"].shape == (30, 4)
    assert (
        np.sort(found["embedding"], axis=None) == np.sort(tensors["embedding"], axis=None)
    ).all()
    assert (found["embedding"] != tensors["embedding"]).mean() > 0.9
    assert (found["indices"] == tensors["indices"]).all()
    assert (found["scale"] == tensors["scale"]).all()
    kept = load_file(source / "weights.safetensors")
    assert (kept["embedding"] == tensors["embedding"]).all()


def test_a_target_without_weights_says_so(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "target.json").write_text("{}", encoding="utf-8")
    assert redraw_weights(source, tmp_path / "copy", seed=1) == 0
