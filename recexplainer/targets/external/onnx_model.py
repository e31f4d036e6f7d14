"""The target ``onnx``: a model file that ONNX Runtime executes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from recexplainer.errors import DataError, MissingExtraError, UserError, nearest
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import FloatArray, Options, Target, TargetKit
from recexplainer.plugins.providers import objections
from recexplainer.targets.external.id_files import read_ids
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
    padding_id: int = 0
    """What fills a history up to its width."""
    padding: Literal["left", "right"] = "right"
    """The side that is filled up."""
    width: int | None = Field(default=None, ge=1)
    """Ids per history. None takes what the file declares, or ``dataset.max_history``."""
    history_input: str | None = None
    """Input of shape (B, T) with the padded ids; None takes the only one of two axes."""
    length_input: str | None = None
    """Input of shape (B,) with the number of ids that are no padding, if the model has one. An
    empty history counts as one id of padding."""
    scores_output: str | None = None
    """Output of shape (B, I), or (B, id_offset + I), whose first columns are then left out. None
    takes the only output, or dot products where the output is a user vector."""
    user_vectors_output: str | None = None
    """Output of shape (B, d_rec), if there is one; needs ``item_vectors``."""
    item_vectors: Path | None = None
    """``.npy`` of shape (I, d_rec), rows as in ``item_ids``."""
    batch_size: int = Field(default=64, ge=1)
    """Histories per call; a file that declares a batch size of its own is asked with that."""
    threads: int = Field(default=1, ge=1)
    """CPU threads."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.user_vectors_output is None) != (self.item_vectors is None):
            raise ValueError("user_vectors_output and item_vectors are of use only together")
        return self


class OnnxModel:
    """Pads histories as the file wants them, and runs it.

    Args:
        options: the file and its meaning.
        max_history: how much of a history is read.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        DataError: a file cannot be used.
        UserError: an input or output that was named is not there.
    """

    def __init__(self, options: OnnxOptions, max_history: int) -> None:
        self.item_ids = read_ids(options.item_ids.expanduser())
        self._options = options
        self._row = {item: row for row, item in enumerate(self.item_ids)}
        self._session = _opened(options.model.expanduser(), options.threads)
        inputs = {one.name: one for one in self._session.get_inputs()}
        outputs = [one.name for one in self._session.get_outputs()]
        self._history = inputs[_history_input(options, inputs)]
        self._length = inputs[options.length_input] if options.length_input else None
        self._outputs = _outputs(options, outputs)
        batch, declared = self._history.shape
        self._batch = batch if isinstance(batch, int) else None
        self.width = options.width or (declared if isinstance(declared, int) else max_history)
        if self.width < max_history:
            raise UserError(
                f"{options.model} reads {self.width} items and dataset.max_history is "
                f"{max_history}; set it to {self.width} or less."
            )
        self._vectors = _vectors(options)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the scores output, or the dot products, ``(B, I)``."""
        name = self._outputs[0]
        if name is None:
            products: FloatArray = self.user_vectors(histories) @ self._vectors.T
            return products
        scores = self._run(name, histories)
        surplus = scores.shape[-1] - len(self.item_ids)
        return scores[:, surplus:] if surplus == self._options.id_offset else scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector output, ``(B, d_rec)``."""
        return self._run(str(self._outputs[1]), histories)

    def item_vectors(self) -> FloatArray:
        """Return the table of item vectors, ``(I, d_rec)``."""
        return self._vectors

    def _run(self, output: str, histories: Sequence[Sequence[str]]) -> FloatArray:
        parts = [self._session.run([output], fed)[0][:count] for fed, count in self._fed(histories)]
        answer: FloatArray = np.concatenate(parts)
        return answer

    def _fed(self, histories: Sequence[Sequence[str]]) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield what the file is fed, and how many rows of the answer count."""
        size = self._batch or len(histories)
        for start in range(0, len(histories), size):
            part = list(histories[start : start + size])
            count = len(part)
            part += [()] * ((self._batch or count) - count)
            ids = np.full((len(part), self.width), self._options.padding_id, dtype=np.int64)
            for place, history in enumerate(part):
                rows = [self._row[item] + self._options.id_offset for item in history]
                if rows and self._options.padding == "right":
                    ids[place, : len(rows)] = rows
                elif rows:
                    ids[place, -len(rows) :] = rows
            fed = {self._history.name: _typed(ids, self._history)}
            if self._length is not None:
                lengths = np.array([max(1, len(history)) for history in part])
                fed[self._length.name] = _typed(lengths, self._length)
            yield fed, count


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
    """Return the file as a target; loads ONNX Runtime. Raises as ``OnnxModel`` does."""
    from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget

    model = OnnxModel(options, kit.max_history)
    kind = LatentOutsideTarget if options.user_vectors_output else OutsideTarget
    source = str(options.model)
    return kind(model, kit, source, item_ids=model.item_ids, batch_size=options.batch_size)


def _require_runtime() -> None:
    if find_spec("onnxruntime") is None:
        raise _missing()


def _require_model(path: Path) -> None:
    """Refuse what is no model; opening it, which may take long, is left out where it looks so."""
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    with path.open("rb") as file:
        start = file.read(8)
    looks_so = start.startswith(_FIRST_FIELD) or start[4:] == _ORT
    if not looks_so and find_spec("onnxruntime") is not None:
        _opened(path, threads=1)


def _missing() -> MissingExtraError:
    return MissingExtraError("onnxruntime", "onnx", "to run a model file of ONNX")


def _opened(path: Path, threads: int) -> Any:
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError:
        raise _missing() from None
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = threads
    settings.log_severity_level = 3  # errors; they are raised as well
    try:
        return onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # its exceptions share no class
        reason = str(error).split("\n", 1)[0]
        raise DataError(f"cannot be run by ONNX Runtime: {reason}", path=path) from None


def _history_input(options: OnnxOptions, inputs: dict[str, Any]) -> str:
    """Return the name of the input for ids, after a look at all names that are given."""
    for name, option in (
        (options.history_input, "history_input"),
        (options.length_input, "length_input"),
    ):
        if name is not None and name not in inputs:
            raise _unknown(options, option, name, list(inputs))
    named = options.history_input
    if named is None:
        tables = [name for name, one in inputs.items() if len(one.shape) == 2]
        if len(tables) != 1:
            raise UserError(
                f"{options.model} has {len(tables)} inputs of two axes among {', '.join(inputs)}; "
                "set history_input to the one that reads the padded ids."
            )
        named = tables[0]
    unfed = [name for name in inputs if name not in {named, options.length_input}]
    if unfed:
        raise UserError(
            f"{options.model} also has the input {unfed[0]!r}; set length_input if it is the "
            "number of ids, or export the model without it."
        )
    return named


def _outputs(options: OnnxOptions, names: list[str]) -> tuple[str | None, str | None]:
    """Return the outputs of scores and of user vectors."""
    scores, users = options.scores_output, options.user_vectors_output
    for name, option in ((scores, "scores_output"), (users, "user_vectors_output")):
        if name is not None and name not in names:
            raise _unknown(options, option, name, names)
    if scores is None and users is None:
        if len(names) != 1:
            raise UserError(
                f"{options.model} has {len(names)} outputs ({', '.join(names)}); set scores_output."
            )
        scores = names[0]
    return scores, users


def _unknown(options: OnnxOptions, option: str, name: str, names: list[str]) -> UserError:
    close = nearest(name, names)
    ordered = [*close, *(one for one in names if one not in close)]
    return UserError(
        f"target.options.{option}: {options.model} has no {name!r}; it has {', '.join(ordered)}."
    )


def _vectors(options: OnnxOptions) -> FloatArray:
    if options.item_vectors is None:
        return np.empty((0, 0), dtype=np.float32)
    return read_table(*_table_of(options)).vectors


def _table_of(options: OnnxOptions) -> tuple[Path, Path, str]:
    """Return where the item vectors and their ids are, as ``vector_files`` asks for them."""
    assert options.item_vectors is not None  # noqa: S101  # the callers have looked
    return options.item_vectors.expanduser(), options.item_ids.expanduser(), "item_id"


def _typed(values: NDArray[np.int64], wanted: Any) -> NDArray[Any]:
    """Return ``values`` in the type that an input declares."""
    kinds = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(float)": np.float32}
    if wanted.type not in kinds:
        raise UserError(
            f"the input {wanted.name!r} wants {wanted.type}; ids are {', '.join(kinds)}."
        )
    return values.astype(kinds[wanted.type])
