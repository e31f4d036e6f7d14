"""Explainers with one way to say things: what they share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from recexplainer.explanation.sentences import refuse_instruction
from recexplainer.plugins.interfaces import Explainer
from recexplainer.records import Case, Written

__all__ = ["OneWording"]


class OneWording(Explainer):
    """An explainer that takes no instruction.

    Args:
        name: what its explanations are signed with.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def explain(self, cases: Sequence[Case], instruction: str | None = None) -> Iterable[Written]:
        """Yield the account of each case.

        Raises:
            UserError: an instruction is given; there is one way to say this.
        """
        refuse_instruction(self._name, instruction)
        return self._accounts(cases)

    @abstractmethod
    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        """Yield one text per case, in order."""
