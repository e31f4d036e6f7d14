"""A trained surrogate as a folder that transformers loads, its low-rank updates merged in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from recexplainer.surrogate import model as model_module
from recexplainer.surrogate.backbones import load_surrogate

__all__ = ["write_whole"]

_CODE = "modeling_recexplainer"
"""What the copy of our model's class is called; transformers loads it by ``auto_map``."""


def write_whole(trained: Path, folder: Path) -> None:
    """Write the surrogate in ``trained`` whole into ``folder``, which is new.

    ``AutoModelForCausalLM`` loads the folder; ``language_model/`` in it is the bare language model,
    of a stock architecture.
    The class travels along, so that ``trust_remote_code=True`` opens the folder where this package
    is not installed.
    """
    model, encoder = load_surrogate(trained)
    model.config.auto_map = {
        "AutoConfig": f"{_CODE}.SurrogateConfig",
        "AutoModelForCausalLM": f"{_CODE}.SurrogateLM",
    }
    model.save_pretrained(folder)
    model.language_model.save_pretrained(folder / "language_model")
    for place in (folder, folder / "language_model"):
        encoder.tokenizer.save_pretrained(place)
        _forget_origin(place / "config.json")
    shutil.copyfile(model_module.__file__, folder / f"{_CODE}.py")


def _forget_origin(config: Path) -> None:
    """Leave out where the backbone was found: a path of this machine means nothing elsewhere."""
    fields = json.loads(config.read_text(encoding="utf-8"))
    for part in (fields, fields.get("text_config", {})):
        part.pop("_name_or_path", None)
    config.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
