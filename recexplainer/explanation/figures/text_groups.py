"""Texts by who wrote them and on which split: what a figure of explanations is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from recexplainer.metrics import summarize
from recexplainer.records import Case, Explanation, Figure, Metric

__all__ = ["TextGroup", "text_groups"]


@dataclass(frozen=True, slots=True)
class TextGroup:
    """One explainer's texts on one split.

    Attributes:
        explainer: who wrote them.
        split: of their cases.
        texts: N texts.
        users: the user of each text.
        rows: the place of each text among all that were grouped.
    """

    explainer: str
    split: str
    texts: tuple[Explanation, ...]
    users: tuple[str, ...]
    rows: tuple[int, ...]

    def only(self, wanted: Callable[[Explanation], bool]) -> TextGroup:
        """Return the group with only the texts that are wanted."""
        kept = [place for place, text in enumerate(self.texts) if wanted(text)]
        return replace(
            self,
            texts=tuple(self.texts[place] for place in kept),
            users=tuple(self.users[place] for place in kept),
            rows=tuple(self.rows[place] for place in kept),
        )

    def summary(self, figure: Figure, values: Sequence[float | None], seed: int) -> Metric:
        """Return the figure with its interval over users.

        Args:
            figure: what is measured.
            values: one per text; None where it could not be scored.
            seed: makes the interval repeatable.
        """
        return summarize(
            figure,
            values,
            subject=self.explainer,
            split=self.split,
            seed=seed,
            groups=self.users,
        )


def text_groups(explanations: Sequence[Explanation], cases: Sequence[Case]) -> list[TextGroup]:
    """Return the texts of each explainer and split, in the order in which they first come.

    Args:
        explanations: by any explainers.
        cases: the cases they are about, matched by id.

    Raises:
        KeyError: a text is about a case that is not among ``cases``.
    """
    by_id = {case.id: case for case in cases}
    rows: dict[tuple[str, str], list[int]] = {}
    for row, text in enumerate(explanations):
        rows.setdefault((text.explainer, by_id[text.case].split), []).append(row)
    groups = []
    for (explainer, split), own in rows.items():
        texts = tuple(explanations[row] for row in own)
        users = tuple(by_id[text.case].user for text in texts)
        groups.append(TextGroup(explainer, split, texts, users, tuple(own)))
    return groups
