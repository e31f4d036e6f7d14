"""Shifted columns: whether scores stand one column beside the items that they belong to."""

from __future__ import annotations

from recexplainer.audit.estimate import estimated, paired_p, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject

__all__ = ["shifted_columns"]

_SURE, _MUCH = 0.001, 0.05
"""A column beside foretells more only with a p value and a difference beyond these."""


def shifted_columns(subject: Subject) -> Finding:
    """Return by how much a column beside foretells better what users took than their item's own.

    Users who have the item of the column beside are left out, as in ``metrics.column_shift``: where
    items that stand side by side are taken one after the other, that column may well be high.
    """
    own = subject.answers.foretold
    best = (0, own.mean(), own, own)
    for shift in (1, -1):
        kept = _apart(subject, shift)
        contexts = [subject.contexts[place] for place in kept]
        histories = [one.history for one in contexts]
        beside = subject.foretold_after(histories, contexts, shift)
        if len(kept) and beside.mean() > best[1]:
            best = (shift, float(beside.mean()), beside, own[kept])
    shift, _, beside, own = best
    differences = beside.astype(float) - own
    moved = bool(shift) and differences.mean() > _MUCH
    alarm = moved and paired_p(differences, subject.seed) <= _SURE
    found = estimated(own.astype(float), seed=subject.seed)
    if alarm:
        side = "after" if shift > 0 else "before"
        sentence = (
            f"What users took next is foretold by the score of the item that stands one place "
            f"{side} it in the catalogue for {percent(beside.mean())} of users, and by its own "
            f"for {found.words}: ids seem to be shifted by one."
        )
    else:
        compared = "not clearly better" if shift else "no better"
        sentence = (
            f"What users took next is foretold by the score of the item itself for {found.words} "
            f"of users, and {compared} by that of the items beside it in the catalogue."
        )
    context = subject.contexts[0]
    user, title = context.user, subject.catalogue[subject.nexts[0]].title
    examples = (subject.example(user, title, f"{title} is what user {user} took next"),)
    return Finding(
        probe="shifted columns",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        control=float(beside.mean()) if shift else None,
        control_words="the column beside",
        others={"shift": float(shift)},
        examples=examples if alarm else (),
        meaning="A padding row or column was kept or dropped between training and serving.",
        look="Compare scores of one history in the training code and in the serving code by id.",
    ).with_estimate(found)


def _apart(subject: Subject, shift: int) -> list[int]:
    """Return the places of users whose next item has an unseen item in the column beside."""
    return [
        place
        for place, (item, had) in enumerate(zip(subject.nexts, subject.seen, strict=True))
        if 0 <= item + shift < len(subject.catalogue) and item + shift not in set(had.tolist())
    ]
