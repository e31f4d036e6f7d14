"""Base of the explainers that keep to one attribute where an instruction asks for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from recexplainer.explanation.instruction import resolve_focus
from recexplainer.plugins.interfaces import Explainer, ExplainerKit
from recexplainer.records import Case, Written

__all__ = ["FocusedExplainer"]


class FocusedExplainer(Explainer):
    """Finds the attribute that is asked for before anything else is done.

    Args:
        kit: has the items, whose attributes can be asked for.
    """

    def __init__(self, kit: ExplainerKit) -> None:
        self._kit = kit

    def explain(self, cases: Sequence[Case], instruction: str | None = None) -> Iterable[Written]:
        """Yield a text about each case.

        Args:
            cases: what to explain.
            instruction: the attribute to keep to, in free words, such as ``only genres``.

        Raises:
            UserError: the instruction names no attribute of the data set; or, once it is asked, a
                chat service refuses the key or does not have the model.
            StageError: once it is asked, a chat service stopped answering.
        """
        return self._explain(cases, resolve_focus(instruction, self._kit.catalogue))

    @abstractmethod
    def _explain(self, cases: Sequence[Case], focus: str | None) -> Iterable[Written]:
        """Yield a text about each case, kept to the attribute ``focus`` if there is one."""
