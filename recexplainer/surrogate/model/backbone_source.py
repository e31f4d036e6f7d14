"""Source of a pretrained backbone: a folder, a hub id, a GGUF file, or an adapter and its base."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from recexplainer.config.hub_ids import is_hub_id
from recexplainer.errors import UserError, nearest
from recexplainer.surrogate.model.gguf_files import is_gguf, require_gguf_reader
from recexplainer.surrogate.model.weight_files import has_weights, require_adapter_weights

__all__ = ["BackboneSource", "base_of_no_adapter", "find_source", "read_object"]

_ADAPTER = "adapter_config.json"

_READ = frozenset({".json", ".safetensors", ".jinja", ".model", ".txt"})
"""Endings of the files that transformers reads of a model: settings, weights and vocabulary."""


@dataclass(frozen=True)
class BackboneSource:
    """Where transformers finds a backbone; nothing is read before it is asked for.

    Attributes:
        place: the folder or hub id that holds its configuration, tokenizer and weights.
        gguf: the file in that folder that holds all three, if they come as GGUF.
        adapter: the folder of the low-rank updates that are merged into it.
    """

    place: str
    gguf: str | None = None
    adapter: str | None = None

    def __str__(self) -> str:
        """Return what a user calls the files."""
        return self.place if self.gguf is None else str(Path(self.place) / self.gguf)

    def files(self) -> list[Path]:
        """Return the files on this machine that it is read from; none of a hub id."""
        folders = (self.place if self.gguf is None else None, self.adapter)
        found = [path for folder in folders if folder for path in _model_files(Path(folder))]
        return found if self.gguf is None else [Path(str(self)), *found]

    def config(self, **given: Any) -> Any:
        """Return the language model's configuration."""
        from transformers import AutoConfig

        if self.gguf is not None:
            require_gguf_reader()
            return deepcopy(_gguf_config(self.place, self.gguf))
        return AutoConfig.from_pretrained(self.place, **given)

    def tokenizer(self, **given: Any) -> Any:
        """Return the tokenizer: an adapter's own where it brings one, since it learned with it."""
        from transformers import AutoTokenizer
        from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

        if self.adapter is not None and (Path(self.adapter) / "tokenizer_config.json").is_file():
            return AutoTokenizer.from_pretrained(self.adapter, **given)
        if self.gguf is None:
            return AutoTokenizer.from_pretrained(self.place, **given)
        kind = {"tokenizer_type": self.config().model_type}  # else its file is read once more
        if kind["tokenizer_type"] not in TOKENIZER_MAPPING_NAMES:
            kind = {}
        found = AutoTokenizer.from_pretrained(self.place, gguf_file=self.gguf, **kind, **given)
        found.name_or_path = str(self)
        return found

    def model(self, **held: Any) -> Any:
        """Return the language model, an adapter merged in.

        Args:
            held: how its weights are held, as ``from_pretrained`` takes it. What a GGUF holds in
                blocks is unpacked, to bfloat16 where ``dtype`` is ``auto``.
        """
        from transformers import AutoModelForCausalLM

        if self.gguf is None:
            given: dict[str, Any] = {**held, "use_safetensors": True}
            model = AutoModelForCausalLM.from_pretrained(self.place, **given)
        else:
            model = self._unpacked(held)
        if self.adapter is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, self.adapter).merge_and_unload()
        return model

    def _unpacked(self, held: dict[str, Any]) -> Any:
        """Return the model that a GGUF file holds, with plain weights."""
        import torch
        from transformers import AutoModelForCausalLM, GgufConfig

        config = self.config()  # before the rest, since it says what is not installed
        dtype = torch.bfloat16 if held["dtype"] == "auto" else held["dtype"]
        with _without_bar():  # unpacked, it is no quantized model, and is trained and saved as any
            return AutoModelForCausalLM.from_pretrained(
                self.place,
                config=config,
                gguf_file=self.gguf,
                dtype=dtype,
                quantization_config=GgufConfig(dequantize=True),
            )


def base_of_no_adapter(backbone: str) -> str:
    """Return the objection to ``surrogate.base`` beside a backbone that is no adapter."""
    return f"surrogate.base: {backbone} is no adapter, so it has no base; leave it out"


def find_source(
    given: str, base: str | None = None, registered: Sequence[str] = ()
) -> BackboneSource:
    """Return what ``given`` is; only names and heads of files are looked at.

    Args:
        given: a folder, a GGUF file, or a hub id.
        base: likewise for the model below an adapter; None takes the one that it names.
        registered: names that would have meant another backbone.

    Raises:
        UserError: it is none of these, or not a language model that can be trained.
    """
    path = Path(given).expanduser()
    if path.is_dir() and (path / _ADAPTER).is_file() and not _is_surrogate(path):
        return _adapter(path, base)
    if base is not None and (path.exists() or is_hub_id(given)):
        raise UserError(base_of_no_adapter(given))
    if is_hub_id(given):
        return BackboneSource(given)
    if path.is_file():
        return _file(path)
    if path.is_dir():
        return _folder(path)
    guess = "".join(f" Did you mean {name!r}?" for name in nearest(given, registered, count=1))
    ways = ("a folder", "a GGUF file", "a hub id such as owner/model")
    known = ", nor ".join([*map(repr, registered), *ways])
    raise UserError(f"{given!r} is neither {known}.{guess}")


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in ``path``; an empty one where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _file(path: Path) -> BackboneSource:
    if is_gguf(path):
        return BackboneSource(str(path.parent), gguf=path.name)
    if (path.parent / "config.json").is_file():
        raise UserError(f"{path} is one file of a model; give its folder, {path.parent}")
    raise UserError(f"{path} is no GGUF file: it does not begin with the letters GGUF")


def _folder(folder: Path) -> BackboneSource:
    """Return a folder that holds a whole model, or the one GGUF file in it."""
    if _is_surrogate(folder):
        raise UserError(
            f"the folder {folder} holds a surrogate, which reads a recommender's vectors; the "
            "language model in it is what `recx export RUN FOLDER --merge` writes into "
            "language_model"
        )
    ggufs = [] if has_weights(folder) else sorted(filter(is_gguf, folder.glob("*.gguf")))
    if len(ggufs) > 1:
        names = ", ".join(path.name for path in ggufs[:5])
        more = f" and {len(ggufs) - 5} more" if len(ggufs) > 5 else ""
        raise UserError(f"the folder {folder} holds several GGUF files; give one: {names}{more}")
    if ggufs:
        return _file(ggufs[0])
    if not any(folder.iterdir()):
        raise UserError(f"the folder {folder} is empty")
    if not (folder / "config.json").is_file():
        raise UserError(f"the folder {folder} holds no language model (no config.json)")
    return BackboneSource(str(folder))


def _adapter(folder: Path, base: str | None) -> BackboneSource:
    """Return the adapter in ``folder`` and the model that it is merged into."""
    if has_weights(folder):
        raise UserError(
            f"the folder {folder} holds a whole model and an adapter ({_ADAPTER}); move one of "
            "them elsewhere"
        )
    settings = read_object(folder / _ADAPTER)
    kind, task = settings.get("peft_type"), settings.get("task_type")
    if kind != "LORA" or task not in {None, "CAUSAL_LM"}:
        raise UserError(
            f"the folder {folder} holds an adapter of the kind {kind}, made for {task}; what can "
            "be merged is LORA for CAUSAL_LM"
        )
    require_adapter_weights(folder)
    named = base or settings.get("base_model_name_or_path")
    if not named:
        raise UserError(
            f"the folder {folder} holds an adapter that does not name its base; say which it is "
            "with --set surrogate.base=FOLDER"
        )
    try:
        below = find_source(named)
    except UserError as error:
        raise UserError(
            f"the folder {folder} holds an adapter of {named}: {error}; say where that model is "
            "with --set surrogate.base=FOLDER"
        ) from error
    if below.adapter is not None:
        raise UserError(f"the folder {folder} holds an adapter of {named}, an adapter itself")
    return replace(below, adapter=str(folder))


def _model_files(folder: Path) -> list[Path]:
    inner = (*folder.glob("*"), *folder.glob("additional_chat_templates/*"))
    return sorted(path for path in inner if path.suffix in _READ)


def _is_surrogate(folder: Path) -> bool:
    return read_object(folder / "config.json").get("model_type") == "recx_surrogate"


@contextmanager
def _without_bar() -> Iterator[None]:
    """Have weights unpacked without a bar, which would break into ours and has no switch."""
    from transformers import modeling_gguf_pytorch_utils as unpacking

    shown, unpacking.tqdm = unpacking.tqdm, lambda tensors, **_: tensors
    try:
        yield
    finally:
        unpacking.tqdm = shown


@cache
def _gguf_config(place: str, gguf: str) -> Any:
    """Return a GGUF file's configuration; transformers takes seconds to get past a vocabulary."""
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(place, gguf_file=gguf)
