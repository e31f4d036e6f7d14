"""Accounts: the records of what texts claim, before settlement puts the claims to the target."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Case, Claim, Explanation, Written

__all__ = ["account_of", "read_texts"]


def read_texts(
    written: Sequence[Written], cases: Sequence[Case], reader: ClaimReader
) -> list[Explanation]:
    """Return what the texts claim, in order, whoever wrote them.

    Args:
        written: by any explainers.
        cases: the cases they are about, matched by id.
        reader: reads them all.

    Raises:
        KeyError: a text is about a case that is not among ``cases``.
    """
    by_id = {case.id: case for case in cases}
    return [account_of(one, by_id[one.case], reader) for one in written]


def account_of(written: Written, case: Case, reader: ClaimReader) -> Explanation:
    """Return one text with what it claims, read from its words and from nothing else."""
    reading = reader.read(written.text, case)
    unsaid = [item for item in dict.fromkeys(written.meant) if item not in reading.cited]
    return Explanation(
        case=written.case,
        explainer=written.explainer,
        text=written.text,
        decision=reading.decision,
        cited=reading.cited,
        claims=(*reading.claims, *(_unsaid(item, case) for item in unsaid)),
        mended=written.mended,
        left_out=written.left_out,
        added=written.added,
        completed=written.completed,
    )


def _unsaid(item: str, case: Case) -> Claim:
    """Return the claim of a citation that the words do not make."""
    detail = "said to be cited, but the text does not name it"
    if item not in case.history:
        detail = "said to be cited, but it is not in the history"
    return Claim(
        kind="meant", text="", start=0, end=0, item=item, items=(item,), real=False, detail=detail
    )
