"""ONNX Runtime's session of a model file, and what its inputs are fed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import DataError, MissingExtraError, UserError, nearest
from recexplainer.targets.external.id_layout import Padded

__all__ = ["Marks", "ModelInputs", "missing_runtime", "opened", "unknown_name"]

Marks = Literal["items", "padding"]
"""What is true in a mask."""
_NUMBERS: dict[str, type[np.generic]] = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(float)": np.float32,
}
_MARKS: dict[str, type[np.generic]] = {**_NUMBERS, "tensor(bool)": np.bool_}


class InputNames(Protocol):
    """The options that name inputs."""

    history_input: str | None
    length_input: str | None
    mask_input: str | None
    mask_marks: Marks


def opened(path: Path, threads: int) -> Any:
    """Return a session of the model file.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        DataError: there is no such file, or it is no model.
    """
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError:
        raise missing_runtime() from None
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = threads
    settings.log_severity_level = 4  # fatal; errors are raised as well
    try:
        return onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # its exceptions share no class
        reason = str(error).split("\n", 1)[0]
        raise DataError(f"cannot be run by ONNX Runtime: {reason}", path=path) from None


def missing_runtime() -> MissingExtraError:
    """Return what to raise where ONNX Runtime is not installed."""
    return MissingExtraError("onnxruntime", "onnx", "to run a model file of ONNX")


def unknown_name(source: str, option: str, name: str, names: list[str]) -> UserError:
    """Return what to raise about an input or output that is not there."""
    close = nearest(name, names)
    ordered = [*close, *(one for one in names if one not in close)]
    return UserError(
        f"target.options.{option}: {source} has no {name!r}; it has {', '.join(ordered)}."
    )


class ModelInputs:
    """What a model is fed: ids, and perhaps their number or a mask.

    Args:
        source: the file, in messages.
        inputs: those of the session, by name.
        options: which of them is what.

    Attributes:
        batch: histories per call, where the file declares that.
        width: ids per history, where the file declares that.
        masked: whether a mask is fed.
        marks: what is true in the mask.
        tells_padding: whether the model is told which ids are padding besides by the ids.

    Raises:
        UserError: an input that was named is not there, or one is left over.
    """

    def __init__(self, source: str, inputs: dict[str, Any], options: InputNames) -> None:
        named = {
            option: getattr(options, option)
            for option in ("history_input", "length_input", "mask_input")
        }
        for option, name in named.items():
            if name is not None and name not in inputs:
                raise unknown_name(source, option, name, list(inputs))
        self._source = source
        self._history = inputs[named["history_input"] or _only_table(source, inputs, named)]
        if len(self._history.shape) != 2:
            raise UserError(
                f"{source}: history_input {self._history.name!r} has the shape "
                f"{_shown(self._history.shape)}; padded ids have two axes, (B, T)."
            )
        self.batch, self.width = map(_fixed, self._history.shape)
        self._length = None if named["length_input"] is None else inputs[named["length_input"]]
        self._mask = None if named["mask_input"] is None else inputs[named["mask_input"]]
        if self._length is not None and _is_mask(self._length):
            if self._mask is not None:
                raise UserError(
                    f"{source}: length_input {self._length.name!r} has two axes, as a mask has, "
                    f"and mask_input is {self._mask.name!r}; name one of them."
                )
            self._length, self._mask = None, self._length
        self._refuse_others(inputs)
        self.masked = self._mask is not None
        self.tells_padding = self.masked or self._length is not None
        self.marks = options.mask_marks

    def fed(self, read: Padded, marks: Marks | None = None) -> dict[str, Any]:
        """Return the inputs for ids; ``marks`` says otherwise than the options what a mask is."""
        fed = {self._history.name: self._typed(read.ids, self._history, _NUMBERS)}
        if self._length is not None:
            lengths = np.maximum(1, read.present.sum(axis=1))
            shape = (-1,) if len(self._length.shape) < 2 else (-1, 1)
            fed[self._length.name] = self._typed(lengths.reshape(shape), self._length, _NUMBERS)
        if self._mask is not None:
            marked = read.present if (marks or self.marks) == "items" else ~read.present
            fed[self._mask.name] = self._typed(marked, self._mask, _MARKS)
        return fed

    def _refuse_others(self, inputs: dict[str, Any]) -> None:
        used = {one.name for one in (self._history, self._length, self._mask) if one is not None}
        unfed = [one for name, one in inputs.items() if name not in used]
        if unfed:
            one = unfed[0]
            way = (
                "mask_input if it says which ids are padding"
                if _is_mask(one)
                else "length_input if it is the number of ids"
            )
            raise UserError(
                f"{self._source} also has the input {one.name!r} ({one.type}, of shape "
                f"{_shown(one.shape)}); set {way}, or export the model without it."
            )

    def _typed(
        self, values: NDArray[Any], wanted: Any, kinds: dict[str, type[np.generic]]
    ) -> NDArray[Any]:
        """Return ``values`` in the type that an input declares."""
        if wanted.type not in kinds:
            raise UserError(
                f"{self._source}: the input {wanted.name!r} wants {wanted.type}, and can only "
                f"be fed {', '.join(kinds)}."
            )
        return values.astype(kinds[wanted.type])


def _only_table(source: str, inputs: dict[str, Any], named: dict[str, str | None]) -> str:
    """Return the only input that can be ids."""
    tables = [
        name
        for name, one in inputs.items()
        if len(one.shape) == 2 and one.type != "tensor(bool)" and name not in named.values()
    ]
    if len(tables) != 1:
        raise UserError(
            f"{source} has {len(tables)} inputs of two axes that ids can be among "
            f"{', '.join(inputs)}; set history_input to the one that reads the padded ids."
        )
    return tables[0]


def _is_mask(one: Any) -> bool:
    """Whether an input has a value per id; a column of lengths has one per history."""
    return len(one.shape) == 2 and one.shape[1] != 1


def _fixed(size: Any) -> int | None:
    return size if isinstance(size, int) else None


def _shown(shape: list[Any]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
