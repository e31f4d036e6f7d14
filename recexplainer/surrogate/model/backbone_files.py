"""Files of a pretrained model: what they declare, read before any weight is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recexplainer.errors import UserError
from recexplainer.plugins.providers import objections
from recexplainer.surrogate.model.adapter_files import require_fitting
from recexplainer.surrogate.model.backbone_source import BackboneSource, read_object
from recexplainer.surrogate.model.gguf_files import require_whole_gguf
from recexplainer.surrogate.model.weight_files import require_weights

__all__ = ["backbone_objections", "encoder_objections"]

_CAUSAL = ("ForCausalLM", "LMHeadModel")
"""How the names of architectures end that go on with a text."""
_OTHER_HEADS = (
    *("ForMaskedLM", "ForSequenceClassification", "ForTokenClassification"),
    *("ForQuestionAnswering", "ForMultipleChoice", "ForPreTraining", "Model"),
)
"""How those end that do not."""


def backbone_objections(
    source: BackboneSource,
    targets: Sequence[str] = (),
    *,
    template: str | None = None,
    whole: bool = True,
) -> Iterator[str]:
    """Yield one line for each thing that keeps a backbone on this machine from being trained.

    Args:
        source: where it is.
        targets: names of layers that are to be updated.
        template: the chat template that is asked for.
        whole: whether all files are there; a cache may lack those that were not needed yet.
    """
    if source.gguf is not None:
        lines = list(objections(lambda: require_whole_gguf(Path(source.place) / str(source.gguf))))
        yield from lines
        if lines:
            return
    yield from objections(
        lambda: _require_causal(source),
        lambda: _require_layers(source, targets),
        lambda: _require_conversations(source, template, whole=whole),
        lambda: require_weights(Path(source.place)) if whole and source.gguf is None else None,
    )


def encoder_objections(folder: Path) -> Iterator[str]:
    """Yield one line for each thing that keeps a text encoder from being loaded."""
    if not (folder / "config.json").is_file():
        yield f"the folder {folder} holds no model (no config.json)"
        return
    source = BackboneSource(str(folder))
    yield from objections(
        lambda: _config(source), lambda: _tokenizer(source), lambda: require_weights(folder)
    )


def _config(source: BackboneSource) -> Any:
    try:
        return source.config(trust_remote_code=False)
    except Exception as error:  # a file that somebody else wrote may be wrong in any way
        if source.gguf is not None:
            message = f"cannot be read as a model ({_reason(error)}); give the folder or hub id of "
            raise UserError(f"{source} {message}the model that it was made from") from error
        file = Path(source.place) / "config.json"
        if "auto_map" in read_object(file):
            message = "needs code of its own (auto_map), which is not executed; give another model"
        else:
            message = f"cannot be read as the configuration of a model ({_reason(error)})"
        raise UserError(f"{file} {message}") from error


def _require_causal(source: BackboneSource) -> None:
    """Refuse a model that does not go on with a text, or that reads more than text."""
    config = _config(source)
    made_for = list(getattr(config, "architectures", None) or ())
    fault = _fault(config, made_for)
    if fault is not None:
        what = ", ".join(made_for) or config.model_type
        file = source if source.gguf else Path(source.place) / "config.json"
        raise UserError(f"{file} is of {what}, which {fault}")


def _fault(config: Any, made_for: Sequence[str]) -> str | None:
    """Return why a model of this configuration cannot be taught here, or None."""
    from transformers.models.auto import modeling_auto as known

    kind, causal = config.model_type, known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    if getattr(config, "is_encoder_decoder", False):
        return "reads with an encoder and writes with a decoder (seq2seq)"
    if causal.get(kind, "").endswith("ForConditionalGeneration"):
        return "reads more than text; give the text-only model of its family, or another"
    read_both_ways = kind in known.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    other = all(name.endswith(_OTHER_HEADS) and not name.endswith(_CAUSAL) for name in made_for)
    if kind not in causal or (other if made_for else read_both_ways and not config.is_decoder):
        return "is no causal language model; give one whose architecture ends in ForCausalLM"
    return None


def _require_layers(source: BackboneSource, targets: Sequence[str]) -> None:
    """Refuse names of layers that the model does not have, and an adapter of another model."""
    if not targets and source.adapter is None:
        return
    import torch
    from transformers import AutoModelForCausalLM

    from recexplainer.surrogate.model.lora import unknown_layers

    config = _config(source)
    try:
        with torch.device("meta"):  # weights are not made
            model = AutoModelForCausalLM.from_config(config)
    except Exception:  # noqa: BLE001  # what it is, is told by the other looks
        return
    if source.adapter is not None:
        require_fitting(Path(source.adapter), model, str(source))
    unknown = list(unknown_layers(model, targets))
    if unknown:
        raise UserError("; ".join(unknown))


def _require_conversations(source: BackboneSource, template: str | None, *, whole: bool) -> None:
    """Refuse a tokenizer that does not load, ends nothing, or whose template takes no turns."""
    from recexplainer.surrogate.model.token_encoder import Encoder

    if whole or any(Path(source.place).glob("tokenizer*")):
        Encoder(_tokenizer(source), template).require_turns()


def _tokenizer(source: BackboneSource) -> Any:
    try:
        return source.tokenizer(trust_remote_code=False)
    except Exception as error:
        _config(source)  # which it reads as well, and which is then what is wrong
        raise UserError(
            f"the tokenizer in {source} cannot be loaded ({_reason(error)}); it comes with the "
            "model, as tokenizer.json or the files of its kind"
        ) from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
