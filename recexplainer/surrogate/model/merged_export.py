"""A trained surrogate as a folder that transformers loads, its low-rank updates merged in."""

from __future__ import annotations

import json
from pathlib import Path

from recexplainer.surrogate.model import (
    ages,
    head,
    last_layer,
    loss,
    pointer,
    projector,
    surrogate_config,
)
from recexplainer.surrogate.model import surrogate_model as model_module
from recexplainer.surrogate.model.surrogate_files import load_surrogate

__all__ = ["write_whole"]

_CODE = "modeling_recexplainer"
"""What the copy of our model's class is called; transformers loads it by ``auto_map``."""
_PARTS = {
    "ages": ages,
    "head": head,
    "last_layer": last_layer,
    "loss": loss,
    "pointer": pointer,
    "projector": projector,
    "surrogate_config": surrogate_config,
}
"""What the class imports of this package."""


def write_whole(trained: Path, folder: Path) -> None:
    """Write the surrogate in ``trained`` whole into ``folder``, which is new.

    ``AutoModelForCausalLM`` loads the folder; ``language_model/`` in it is the bare language model,
    of a stock architecture.
    The class travels along, so that ``trust_remote_code=True`` opens the folder where this package
    is not installed.
    """
    model, encoder = load_surrogate(trained)
    model.config.auto_map = {
        "AutoConfig": f"{_CODE}.SurrogateLMConfig",
        "AutoModelForCausalLM": f"{_CODE}.SurrogateLM",
    }
    model.save_pretrained(folder)
    model.language_model.save_pretrained(folder / "language_model")
    for place in (folder, folder / "language_model"):
        encoder.tokenizer.save_pretrained(place)
        _forget_origin(place / "config.json")
    _write_code(folder)


def _write_code(folder: Path) -> None:
    """Write the modules that the class is made of, so that they find each other there."""
    for name, module in {_CODE: model_module, **_PARTS}.items():
        code = Path(str(module.__file__)).read_text(encoding="utf-8")
        for part in _PARTS:
            code = code.replace(f"from recexplainer.surrogate.model.{part} ", f"from .{part} ")
        (folder / f"{name}.py").write_text(code, encoding="utf-8")


def _forget_origin(config: Path) -> None:
    """Leave out where the backbone was found: a path of this machine means nothing elsewhere."""
    fields = json.loads(config.read_text(encoding="utf-8"))
    for part in (fields, fields.get("text_config", {})):
        part.pop("_name_or_path", None)
    config.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
