"""Names of tasks that are left out, as a person may shorten them."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.errors import UnknownNameError, UserError

__all__ = ["left_out_task"]


def left_out_task(given: str, taught: Sequence[str]) -> str:
    """Return the task that ``given`` names: its name, or one of its words, such as ``ranking``.

    Args:
        given: ``item_ranking``, ``ranking`` or ``instructions``.
        taught: the tasks of the base.

    Raises:
        UserError: no task that the base teaches is called so, or several are.
    """
    if given in taught:
        return given
    found = [task for task in taught if {given, given.removesuffix("s")} & set(task.split("_"))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{given!r} stands for several tasks: {', '.join(found)}; name one in full")
    raise UnknownNameError("task of the base", given, taught)
