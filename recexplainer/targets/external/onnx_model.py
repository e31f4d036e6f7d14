"""The target ``onnx``: a model file that ONNX Runtime executes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from recexplainer.errors import DataError, UserError
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import FloatArray, Options, Target, TargetKit
from recexplainer.plugins.providers import objections
from recexplainer.targets.external.id_files import read_ids
from recexplainer.targets.external.id_layout import IdLayout, Padded, Side
from recexplainer.targets.external.onnx_session import (
    Marks,
    ModelInputs,
    missing_runtime,
    opened,
    unknown_name,
)
from recexplainer.targets.external.vector_files import check_table, read_table

__all__ = ["OnnxModel", "OnnxOptions", "build_onnx", "onnx_capabilities", "onnx_objections"]


_FIRST_FIELD, _ORT = b"\x08", b"ORTM"
"""How files begin: ONNX with the number of its version, ORT with four bytes and its name."""


class OnnxOptions(Options):
    """Which file, and what its inputs and outputs mean."""

    model: Path
    """The ``.onnx`` file."""
    item_ids: Path
    """The model's items in row order: text with one id per line, ``.json`` or ``.npy``."""
    id_offset: int = Field(default=1, ge=0)
    """What the model calls the first item of ``item_ids``; the next is one more."""
    padding_id: int | None = None
    """What fills a history up to its width. None is 0, or with ``id_offset`` 0, where that is an
    item, the id behind the last item's."""
    padding: Side = "right"
    """The side that is filled up."""
    latest_first: bool = False
    """Whether the model reads the latest item first, rather than the oldest."""
    column_offset: int | None = Field(default=None, ge=0)
    """The column of scores that is the first item's. None is 0 where there are as many columns as
    items, and else ``id_offset``."""
    width: int | None = Field(default=None, ge=1)
    """Ids per history. None takes what the file declares, or ``dataset.max_history``."""
    history_input: str | None = None
    """Input of shape (B, T) with the padded ids; None takes the only one of two axes."""
    length_input: str | None = None
    """Input of shape (B,) with the number of ids that are no padding, if the model has one. An
    empty history counts as one id of padding. One of shape (B, T) is fed as ``mask_input``."""
    mask_input: str | None = None
    """Input of shape (B, T) that says which ids are padding, as booleans or numbers."""
    mask_marks: Marks = "items"
    """What is true, or 1, in ``mask_input``."""
    scores_output: str | None = None
    """Output of shape (B, I), or with columns that are no item's, such as padding's, which are left
    out. None takes the only output, or dot products where the output is a user vector."""
    user_vectors_output: str | None = None
    """Output of shape (B, d_rec), if there is one; needs ``item_vectors``."""
    item_vectors: Path | None = None
    """``.npy`` of shape (I, d_rec), rows as in ``item_ids``."""
    batch_size: int = Field(default=64, ge=1)
    """Histories per call; a file that declares a batch size of its own is asked with that."""
    threads: int = Field(default=1, ge=1)
    """CPU threads."""
    check_layout: bool = True
    """Whether the model is asked, before it is used, if ids, padding, columns and the side of
    padding are as said above. False is for one that is right although it looks wrong."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.user_vectors_output is None) != (self.item_vectors is None):
            raise ValueError("user_vectors_output and item_vectors are of use only together")
        return self


class OnnxModel:
    """Fills histories up as the file wants them, and runs it.

    Args:
        options: the file and its meaning.
        max_history: how much of a history is read.

    Attributes:
        layout: what is an item's id, padding's, and an item's column.
        width: ids per history.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        DataError: a file cannot be used.
        UserError: an input or output that was named is not there.
    """

    def __init__(self, options: OnnxOptions, max_history: int) -> None:
        self.item_ids = read_ids(options.item_ids.expanduser())
        self.layout = _layout(options, self.item_ids)
        self._source = str(options.model)
        self._row = {item: row for row, item in enumerate(self.item_ids)}
        self._session = opened(options.model.expanduser(), options.threads)
        inputs = {one.name: one for one in self._session.get_inputs()}
        self.inputs = ModelInputs(self._source, inputs, options)
        self._scores, self._users = _outputs(
            options, [one.name for one in self._session.get_outputs()]
        )
        self._batch = self.inputs.batch
        self.width = options.width or self.inputs.width or max_history
        if self.width < max_history:
            raise UserError(
                f"{options.model} reads {self.width} items and dataset.max_history is "
                f"{max_history}; set it to {self.width} or less."
            )
        self._vectors = _vectors(options)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the scores output, or the dot products, ``(B, I)``."""
        return self.scores_as(self.layout, histories)

    def scores_as(self, layout: IdLayout, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return what ``scores`` would if ids and columns were those of ``layout``."""
        answer = self.answers(layout.fill(self._rows(histories), self.width))
        return answer[:, layout.columns(answer.shape[1], self._source)]

    def answers(self, read: Padded, marks: Marks | None = None) -> FloatArray:
        """Return all columns of scores for ids, ``(B, C)``; ``marks`` turns the mask round."""
        if self._scores is None:
            products: FloatArray = self._run(str(self._users), read, marks) @ self._vectors.T
            return products
        return self._run(self._scores, read, marks)

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector output, ``(B, d_rec)``."""
        return self._run(str(self._users), self.layout.fill(self._rows(histories), self.width))

    def item_vectors(self) -> FloatArray:
        """Return the table of item vectors, ``(I, d_rec)``."""
        return self._vectors

    def _rows(self, histories: Sequence[Sequence[str]]) -> list[list[int]]:
        return [[self._row[item] for item in history] for history in histories]

    def _run(self, output: str, read: Padded, marks: Marks | None = None) -> FloatArray:
        """Return an output for ids; a file with a batch size of its own is asked with that."""
        count = len(read.ids)
        size = self._batch or count
        parts = []
        for start in range(0, count, size):
            ids, present = read.ids[start : start + size], read.present[start : start + size]
            surplus = (self._batch or len(ids)) - len(ids)
            if surplus:
                ids = np.pad(ids, ((0, surplus), (0, 0)), constant_values=self.layout.padding_id)
                present = np.pad(present, ((0, surplus), (0, 0)))
            (answer,) = self._session.run([output], self.inputs.fed(Padded(ids, present), marks))
            if answer.ndim != 2:
                raise UserError(_not_rows(self._source, output, answer.shape))
            parts.append(answer[: size if not surplus else size - surplus])
        return np.concatenate(parts)


def onnx_capabilities(options: OnnxOptions) -> frozenset[Capability]:
    """Return ``vectors`` if the options say where both kinds are."""
    return frozenset({Capability.VECTORS} if options.user_vectors_output else ())


def onnx_objections(options: OnnxOptions) -> Iterator[str]:
    """Yield what is missing, and what the heads of the files show to be wrong."""
    model, ids = options.model.expanduser(), options.item_ids.expanduser()
    yield from objections(_require_runtime, lambda: _require_model(model), lambda: read_ids(ids))
    if options.item_vectors is not None:
        yield from objections(lambda: check_table(*_table_of(options)))


def build_onnx(options: OnnxOptions, kit: TargetKit) -> Target:
    """Return the file as a target; loads ONNX Runtime.

    Raises:
        UserError: as ``OnnxModel`` does, or padding has the id of an item.
    """
    from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget
    from recexplainer.targets.external.layout_probe import LayoutProbe

    model = OnnxModel(options, kit.max_history)
    source = str(options.model)
    told_apart = model.inputs.tells_padding
    model.layout.check_padding(frozenset(kit.catalogue.ids), source, told_apart=told_apart)
    kind = LatentOutsideTarget if options.user_vectors_output else OutsideTarget
    return kind(
        model,
        kit,
        source,
        item_ids=model.item_ids,
        batch_size=options.batch_size,
        check=LayoutProbe(model, kit, source).check if options.check_layout else None,
    )


def _require_runtime() -> None:
    if find_spec("onnxruntime") is None:
        raise missing_runtime()


def _require_model(path: Path) -> None:
    """Refuse what is no model; opening it, which may take long, is left out where it looks so."""
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    with path.open("rb") as file:
        start = file.read(8)
    looks_so = start.startswith(_FIRST_FIELD) or start[4:] == _ORT
    if not looks_so and find_spec("onnxruntime") is not None:
        opened(path, threads=1)


def _layout(options: OnnxOptions, items: tuple[str, ...]) -> IdLayout:
    padding_id = options.padding_id
    if padding_id is None:
        padding_id = 0 if options.id_offset else len(items)
    return IdLayout(
        items,
        options.id_offset,
        padding_id,
        options.padding,
        options.column_offset,
        options.latest_first,
    )


def _not_rows(source: str, output: str, shape: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, shape))
    hint = ", such as those at the last item that is no padding" if len(shape) == 3 else ""
    return (
        f"{source}: the output {output!r} has the shape ({shown}), where one row of numbers per "
        f"history is needed; export the model with one row{hint}, or name another output."
    )


def _outputs(options: OnnxOptions, names: list[str]) -> tuple[str | None, str | None]:
    """Return the outputs of scores and of user vectors."""
    scores, users = options.scores_output, options.user_vectors_output
    for name, option in ((scores, "scores_output"), (users, "user_vectors_output")):
        if name is not None and name not in names:
            raise unknown_name(str(options.model), option, name, names)
    if scores is None and users is None:
        if len(names) != 1:
            raise UserError(
                f"{options.model} has {len(names)} outputs ({', '.join(names)}); set scores_output."
            )
        scores = names[0]
    return scores, users


def _vectors(options: OnnxOptions) -> FloatArray:
    if options.item_vectors is None:
        return np.empty((0, 0), dtype=np.float32)
    return read_table(*_table_of(options)).vectors


def _table_of(options: OnnxOptions) -> tuple[Path, Path, str]:
    """Return where the item vectors and their ids are, as ``vector_files`` asks for them."""
    assert options.item_vectors is not None  # noqa: S101  # the callers have looked
    return options.item_vectors.expanduser(), options.item_ids.expanduser(), "item_id"
