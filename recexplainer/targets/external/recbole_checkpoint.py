"""A ``.pth`` of RecBole's trainer, read without running it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from recexplainer.errors import DataError, UserError
from recexplainer.plugins.interfaces import Options
from recexplainer.targets.external.id_files import read_ids
from recexplainer.targets.external.inert_pickle import Inert, StoredTensor, read_inert
from recexplainer.targets.recbole.recbole_defaults import has_model

__all__ = ["Checkpoint", "CheckpointOptions", "read_checkpoint"]

_PADDING = "[PAD]"
_WITH_MASK = frozenset({"BERT4Rec"})
"""Models of RecBole with a row behind the items', for what is masked while they are trained."""


class CheckpointOptions(Options):
    """Which checkpoint, and which item each of its rows is. The checkpoint itself does not say."""

    checkpoint: Path
    """The ``.pth`` that RecBole saved."""
    item_ids: Path | None = None
    """RecBole's item tokens in the order of its ids, as in ``dataset.field2id_token["item_id"]``:
    text with one per line, ``.json`` or ``.npy``. A first ``[PAD]`` is skipped."""
    interactions: Path | None = None
    """Instead of ``item_ids``: the ``.inter`` file that RecBole read whole, without any filter; it
    numbers items as they appear."""
    item_field: str = "item_id"
    """Name of the items' column in ``interactions``."""
    user_field: str = "user_id"
    """Name of the users' column. For models that know users by id, ``interactions`` also says whose
    each user vector is, so that a map to them is learned and measured."""
    ridge: float = Field(default=10, gt=0)
    """For models that know users by id, without ``interactions``: as of the target ``vectors``."""
    threads: int = Field(default=1, ge=1)
    """CPU threads when asked."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.item_ids is None) == (self.interactions is None):
            raise ValueError("give item_ids or interactions, one of them: which item is each row?")
        files = [self.checkpoint, self.item_ids or self.interactions]
        if all(path is not None and path.expanduser().is_file() for path in files):
            try:
                read_checkpoint(self)
            except UserError as error:
                raise ValueError(str(error)) from None
        return self


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint holds that can be used.

    Attributes:
        path: the file.
        model: RecBole's name of the model.
        settings: its plain settings, by RecBole's names.
        weights: its state dict, still in the file.
        item_vectors: of models that know users by id, what scores are dot products with; row 0
            is padding.
        user_vectors: of such models, what they are dot products of.
        item_ids: whose rows 1, 2, ... of items are.
        user_ids: whose rows 1, 2, ... of users are; empty where that is not known.
    """

    path: Path
    model: str
    settings: Mapping[str, Any]
    weights: Mapping[str, StoredTensor]
    item_vectors: StoredTensor | None
    user_vectors: StoredTensor | None
    item_ids: tuple[str, ...]
    user_ids: tuple[str, ...]


def read_checkpoint(options: CheckpointOptions) -> Checkpoint:
    """Read all but the weights themselves.

    Raises:
        DataError: a file cannot be used, or the two do not belong together.
    """
    path = options.checkpoint.expanduser()
    saved = read_inert(path)
    config = saved.get("config") if isinstance(saved, dict) else None
    state = config.state if isinstance(config, Inert) else {}
    settings = state.get("final_config_dict")
    if not isinstance(settings, dict) or not isinstance(saved.get("state_dict"), dict):
        raise DataError(
            "is no checkpoint of RecBole: 'config' and 'state_dict' are needed", path=path
        )
    model = str(state.get("model") or settings.get("model"))
    weights = {
        name: value
        for name, value in saved["state_dict"].items()
        if isinstance(value, StoredTensor)
    }
    item_vectors, user_vectors = _vectors(model, weights, saved.get("other_parameter"), path)
    return Checkpoint(
        path=path,
        model=model,
        settings=_plain(settings),
        weights=weights,
        item_vectors=item_vectors,
        user_vectors=user_vectors,
        item_ids=_item_ids(options, model, weights),
        user_ids=_user_ids(options, user_vectors),
    )


def _vectors(
    model: str, weights: Mapping[str, StoredTensor], others: object, path: Path
) -> tuple[StoredTensor | None, StoredTensor | None]:
    """Return item and user vectors of a model that knows users by id; else None twice."""
    if isinstance(others, dict) and "restore_item_e" in others:
        # LightGCN, NGCF, SGL...: the vectors after the graph convolutions
        items, users = others["restore_item_e"], others.get("restore_user_e")
        if not isinstance(items, StoredTensor) or not isinstance(users, StoredTensor):
            raise DataError(
                f"{model} was saved without its final vectors; call model.full_sort_predict once "
                "before the checkpoint is saved",
                path=path,
            )
        return items, users
    if not has_model(model):
        raise DataError(_not_recboles(model), path=path)
    if model == "BPR":
        return weights.get("item_embedding.weight"), weights.get("user_embedding.weight")
    if any(name.startswith(("user_", "token_embedding_table")) for name in weights):
        raise DataError(
            f"{model} knows users by their ids and does not score by dot products, so it cannot be "
            f"asked about a history; train it here with --target recbole:{model}, or wrap it as "
            "--target python",
            path=path,
        )
    if "item_embedding.weight" not in weights:
        raise DataError(
            f"{model} keeps no item embedding in its checkpoint; train it here with --target "
            f"recbole:{model}",
            path=path,
        )
    return None, None


def _not_recboles(model: str) -> str:
    return (
        f"its model {model!r} is none of RecBole's, such as a subclass of one, and the file holds "
        "weights but no code. Load it with your own code: write a function that returns an object "
        "with scores(histories), and name it as --target my_module:factory"
    )


def _item_ids(
    options: CheckpointOptions, model: str, weights: Mapping[str, StoredTensor]
) -> tuple[str, ...]:
    """Return the ids of rows 1, 2, ...; some models have a row for a mask behind them."""
    if options.item_ids is not None:
        source = options.item_ids.expanduser()
        ids = read_ids(source)
        ids = ids[1:] if ids[0] == _PADDING else ids
    else:
        assert options.interactions is not None  # noqa: S101  # the options were validated
        source = options.interactions.expanduser()
        ids = _in_order_of_appearance(source, options.item_field)
    embedding = weights.get("item_embedding.weight")
    special = 2 if model in _WITH_MASK else 1
    if embedding and embedding.shape[0] != len(ids) + special:
        raise DataError(
            f"names {len(ids)} items, and the checkpoint has {embedding.shape[0] - special} "
            f"besides padding{' and the mask' if special > 1 else ''}; write item_ids where it was "
            "trained: "
            '"\\n".join(dataset.field2id_token["item_id"])',
            path=source,
        )
    return ids


def _user_ids(options: CheckpointOptions, vectors: StoredTensor | None) -> tuple[str, ...]:
    if options.interactions is None or vectors is None:
        return ()
    path = options.interactions.expanduser()
    ids = _in_order_of_appearance(path, options.user_field)
    if vectors.shape[0] != len(ids) + 1:
        raise DataError(
            f"names {len(ids)} users, and the checkpoint has {vectors.shape[0] - 1} besides "
            "padding; is it the file that RecBole read?",
            path=path,
        )
    return ids


def _in_order_of_appearance(path: Path, field: str) -> tuple[str, ...]:
    """Return the tokens of an atomic file in the order in which RecBole numbers them."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = [name.partition(":")[0] for name in next(lines, [])]
        if field not in header:
            names = ", ".join(header) or "none"
            raise DataError(f"there is no column {field!r}; there are: {names}", path=path, line=1)
        column = header.index(field)
        seen: dict[str, None] = {}
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(header):
                found = f"this row has {len(cells)} cells where the header has {len(header)}"
                raise DataError(found, path=path, line=number)
            seen[cells[column]] = None
    return tuple(seen)


def _plain(settings: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the settings that are numbers, words or lists of them, without names of columns."""

    def is_plain(value: object) -> bool:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return all(is_plain(one) for one in value)
        return value is None or isinstance(value, (str, int, float, bool))

    columns = ("_FIELD", "_SUFFIX", "_PREFIX")
    return {
        str(key): value
        for key, value in settings.items()
        if is_plain(value) and not str(key).endswith(columns)
    }
