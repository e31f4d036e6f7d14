"""Files of a pretrained model: what they declare, read before any weight is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recexplainer.errors import UserError, nearest
from recexplainer.plugins.providers import objections
from recexplainer.surrogate.model.weight_files import require_weights

__all__ = ["backbone_objections", "encoder_objections", "is_hub_id"]

_OTHER_HEADS = (
    *("ForMaskedLM", "ForSequenceClassification", "ForTokenClassification"),
    *("ForQuestionAnswering", "ForMultipleChoice", "ForPreTraining", "Model"),
)
"""How the names of architectures end that do not go on with a text."""


def is_hub_id(model: str) -> bool:
    """Whether ``model`` can only be a hub id: it has a slash, and is no path of this machine."""
    is_path = model.startswith((".", "/", "~"))
    return "/" in model and not is_path and not Path(model).expanduser().exists()


def backbone_objections(
    backbone: str,
    targets: Sequence[str] = (),
    *,
    whole: bool = True,
    registered: Sequence[str] = (),
) -> Iterator[str]:
    """Yield one line for each thing that keeps a local ``backbone`` from being trained.

    Args:
        backbone: a folder; whatever else it is, is said.
        targets: names of layers that are to be updated.
        whole: whether all files are there; a cache may lack those that were not needed yet.
        registered: names that would have meant another backbone.
    """
    folder = Path(backbone).expanduser()
    other = _another_kind(folder, backbone, registered)
    if other is not None:
        yield other
        return
    yield from objections(
        lambda: _require_causal(folder),
        lambda: _require_layers(folder, targets),
        lambda: _require_conversations(folder, whole=whole),
        lambda: require_weights(folder) if whole else None,
    )


def encoder_objections(folder: Path) -> Iterator[str]:
    """Yield one line for each thing that keeps a text encoder from being loaded."""
    if not (folder / "config.json").is_file():
        yield f"the folder {folder} holds no model (no config.json)"
        return
    yield from objections(
        lambda: _config(folder), lambda: _tokenizer(folder), lambda: require_weights(folder)
    )


def _another_kind(folder: Path, given: str, registered: Sequence[str]) -> str | None:
    """Return what ``folder`` is instead of a folder with a model, or None."""
    if _is_gguf(folder) or (folder.is_dir() and not _has_config(folder) and _ggufs(folder)):
        return (
            f"{given} holds weights as GGUF, which cannot be trained here; give the folder or hub "
            "id of the model that they were made from"
        )
    if not folder.is_dir():
        guess = "".join(f" Did you mean {name!r}?" for name in nearest(given, registered, count=1))
        known = ", nor ".join([*map(repr, registered), "a folder", "a hub id such as owner/model"])
        return f"{given!r} is neither {known}.{guess}"
    if (folder / "adapter_config.json").is_file():
        base = _read(folder / "adapter_config.json").get("base_model_name_or_path") or "a model"
        return (
            f"the folder {given} holds an adapter of {base}, no whole model; merge the two (in "
            "PEFT: merge_and_unload, then save_pretrained), and give the folder that comes out"
        )
    if not _has_config(folder):
        return f"the folder {given} holds no language model (no config.json)"
    if _read(folder / "config.json").get("model_type") == "recx_surrogate":
        return (
            f"the folder {given} holds a surrogate, which reads a recommender's vectors; the "
            "language model in it is what `recx export RUN FOLDER --merge` writes into "
            "language_model"
        )
    return None


def _is_gguf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"GGUF"


def _ggufs(folder: Path) -> bool:
    return any(_is_gguf(path) for path in folder.glob("*.gguf"))


def _has_config(folder: Path) -> bool:
    return (folder / "config.json").is_file()


def _read(path: Path) -> dict[str, Any]:
    """Return the JSON object in ``path``; an empty one where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _config(folder: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(str(folder), trust_remote_code=False)
    except Exception as error:  # a file that somebody else wrote may be wrong in any way
        if "auto_map" in _read(folder / "config.json"):
            message = "needs code of its own (auto_map), which is not executed; give another model"
        else:
            message = f"cannot be read as the configuration of a model ({_reason(error)})"
        raise UserError(f"{folder / 'config.json'} {message}") from error


def _require_causal(folder: Path) -> None:
    """Refuse a model that does not go on with a text."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    config = _config(folder)
    made_for = list(getattr(config, "architectures", None) or ())
    other = bool(made_for) and all(name.endswith(_OTHER_HEADS) for name in made_for)
    if other or config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        what = ", ".join(made_for) or config.model_type
        raise UserError(
            f"{folder / 'config.json'} is of {what}, which is no causal language model; give one "
            "whose architecture ends in ForCausalLM"
        )


def _require_layers(folder: Path, targets: Sequence[str]) -> None:
    """Refuse names of layers that the model does not have; its weights are not made."""
    if not targets:
        return
    import torch
    from transformers import AutoModelForCausalLM

    from recexplainer.surrogate.model.lora import unknown_layers

    config = _config(folder)
    try:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
    except Exception:  # noqa: BLE001  # what it is, is told by the other looks
        return
    unknown = list(unknown_layers(model, targets))
    if unknown:
        raise UserError("; ".join(unknown))


def _require_conversations(folder: Path, *, whole: bool) -> None:
    """Refuse a tokenizer that does not load, ends nothing, or whose template takes no turns."""
    from recexplainer.surrogate.model.token_encoder import Encoder

    if whole or any(folder.glob("tokenizer*")):
        Encoder(_tokenizer(folder)).require_turns()


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    except Exception as error:
        _config(folder)  # which it reads as well, and which is then what is wrong
        raise UserError(
            f"the tokenizer in {folder} cannot be loaded ({_reason(error)}); it comes with the "
            "model, as tokenizer.json or the files of its kind"
        ) from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
