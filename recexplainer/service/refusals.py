"""Refusals of a service: what was asked could be answered, but not now."""

from __future__ import annotations

from recexplainer.errors import RecxError

__all__ = ["BusyError", "RefusedError", "StoppedError", "TooLateError"]


class RefusedError(RecxError):
    """A question that was not answered, through no fault of who asked."""


class BusyError(RefusedError):
    """As many questions wait as may.

    Args:
        waiting: how many.
        retry_after: whole seconds after which it is worth asking again, 1 or more.
    """

    def __init__(self, waiting: int, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            f"{waiting} questions wait already, which is as many as may; ask again in "
            f"{retry_after} s"
        )


class TooLateError(RefusedError):
    """The deadline passed; where the answer was being made, it is kept for who asks again.

    Args:
        deadline: in seconds.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        super().__init__(f"there was no answer within {deadline:g} s; ask again a little later")


class StoppedError(RefusedError):
    """The service is being stopped."""

    def __init__(self) -> None:
        super().__init__("the service is being stopped; ask again when it has started anew")
