"""Quantization of a pretrained backbone's frozen weights to 8 or 4 bits."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from recexplainer.errors import MissingExtraError

__all__ = ["quantized", "require_quantization"]


def require_quantization(bits: str | None) -> None:
    """Refuse ``8bit`` or ``4bit`` where what holds weights so is missing; None asks for neither.

    Raises:
        MissingExtraError: bitsandbytes is not installed.
    """
    if bits is not None and find_spec("bitsandbytes") is None:
        raise MissingExtraError("bitsandbytes", "quantized", f"for surrogate.quantization={bits}")


def quantized(bits: str) -> dict[str, Any]:
    """Return what ``from_pretrained`` is given to hold weights in ``8bit`` or ``4bit``.

    4 bits are NF4 with doubly quantized constants, as QLoRA does (Dettmers et al., NeurIPS 2023).

    Raises:
        MissingExtraError: bitsandbytes is not installed.
    """
    require_quantization(bits)
    import torch
    from transformers import BitsAndBytesConfig

    kept = (
        BitsAndBytesConfig(load_in_8bit=True)
        if bits == "8bit"
        else BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    )
    rank = int(os.environ.get("LOCAL_RANK", "0"))  # each process holds the weights on its device
    place = {"": rank if torch.cuda.is_available() else "cpu"}
    return {"quantization_config": kept, "device_map": place}
