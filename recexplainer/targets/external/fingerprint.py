"""Fingerprint of an external model: its scores on a few fixed histories."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recexplainer.errors import RunFolderError, UserError
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Catalogue
from recexplainer.runs.artifacts import read_json, write_json

__all__ = ["check_steady", "compare", "histories", "save"]

_FILE = "answers.json"
_COLUMNS = 50
_TOLERANCE = 1e-3
"""Share of the spread of an answer that two askings may differ by: float32 sums taken in another
order do, and so does a server that rounds; another model differs by far more."""

Ask = Callable[[Sequence[Sequence[str]]], FloatArray]


def histories(catalogue: Catalogue, max_history: int) -> list[list[str]]:
    """Return an empty history, one of one item, and six of up to ``max_history`` random items."""
    rng = np.random.default_rng(0)
    ids = catalogue.ids
    lengths = np.linspace(1, min(max_history, len(ids)), 6).round().astype(int)
    drawn = (rng.choice(len(ids), size=length, replace=False) for length in lengths)
    return [[], [ids[0]], *([ids[row] for row in rows] for rows in drawn)]


def check_steady(
    ask: Ask, probes: Sequence[Sequence[str]], source: str, name: str = "scores"
) -> None:
    """Require the same answer when asked again, and whatever else is in the batch.

    Args:
        ask: the method of the target.
        probes: what it is asked.
        source: the model's name in the message.
        name: the method's name in the message.

    Raises:
        UserError: the answers differ.
    """
    first = ask(probes)
    if not _same(first, ask(probes)):
        raise UserError(
            f"{source}: {name}() answered otherwise when the same histories were asked again; "
            "switch dropout and sampling off, such as with model.eval()."
        )
    if not _same(first, np.concatenate([ask([probe]) for probe in probes])):
        raise UserError(
            f"{source}: {name}() answered otherwise for a history alone than in a batch; pad each "
            "history to a fixed width, and let no history of the batch change another's answer."
        )


def save(
    folder: Path, catalogue: Catalogue, probes: Sequence[Sequence[str]], scores: FloatArray
) -> None:
    """Write what the model answered.

    Args:
        folder: where ``compare`` will look.
        catalogue: the items that the scores are of.
        probes: B histories.
        scores: ``(B, I)``; of large catalogues a few columns are kept.
    """
    columns = np.unique(np.linspace(0, len(catalogue) - 1, _COLUMNS).round().astype(int))
    answers: dict[str, Any] = {
        "items": _digest(catalogue),
        "histories": [list(probe) for probe in probes],
        "columns": columns.tolist(),
        "scores": scores[:, columns].tolist(),
    }
    write_json(folder / _FILE, answers)


def compare(folder: Path, catalogue: Catalogue, ask: Ask, source: str) -> None:
    """Ask again what was saved.

    Raises:
        RunFolderError: nothing was saved there, or of other items, or the answers differ.
    """
    saved = read_json(folder / _FILE)
    if saved["items"] != _digest(catalogue):
        raise RunFolderError(
            f"{folder / _FILE} is about other items; start again with another --out."
        )
    before = np.array(saved["scores"], dtype=np.float32)
    now = ask(saved["histories"])[:, saved["columns"]]
    if _same(before, now):
        return
    row, place = np.unravel_index(np.argmax(np.abs(before - now)), before.shape)
    item, length = catalogue.ids[saved["columns"][place]], len(saved["histories"][row])
    raise RunFolderError(
        f"{source} is not the model that this run was made with: after {length} items it scored "
        f"{item!r} "
        f"{before[row, place]:.6g}, and now {now[row, place]:.6g}. Bring that model back, or start "
        "anew with another --out."
    )


def _same(first: FloatArray, second: FloatArray) -> bool:
    """Whether two answers differ by no more than rounding."""
    spread = float(np.ptp(first)) if first.size else 0.0
    return bool(np.allclose(first, second, rtol=1e-4, atol=_TOLERANCE * spread + 1e-9))


def _digest(catalogue: Catalogue) -> str:
    return hashlib.sha256(json.dumps(catalogue.ids).encode()).hexdigest()
