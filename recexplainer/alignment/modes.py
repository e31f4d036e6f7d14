"""Rendering of prompt slots in the paper's three alignments (section 3).

    behavior    titles: ``A; B; C``
    intention   a mark that the target's vector replaces: ``□``
    combined    the mark, then the titles: ``□A; B; C``
    named       as intention, but items that the answer names as in combined

Hybrid alignment trains on the paper's three forms (section 3.3), on the combined form alone, as the
authors' later code does, or on a short form beside it; it answers questions in the combined form.
``named`` is ours: an answer of five titles that no prompt shows has to be known by heart.
"""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.alignment.prompt_texts import SEPARATOR
from recexplainer.records import (
    HIDE_HISTORY,
    ITEM_MARK,
    USER_MARK,
    Catalogue,
    Context,
    Form,
    HistorySlot,
    HybridForms,
    ItemSlot,
    Mode,
    Rendered,
    RenderedTurn,
    Text,
    Turn,
)

__all__ = ["EMPTY_HISTORY", "evaluation_form", "forms_of", "render", "render_all"]

_HYBRID_FORMS: dict[HybridForms, tuple[Form, ...]] = {
    "all": ("behavior", "intention", "combined"),
    "vectors": ("intention", "combined"),
    "named": ("named", "combined"),
    "combined": ("combined",),
}

EMPTY_HISTORY = "(empty)"
"""Stands where the titles of a history without items would."""


def forms_of(mode: Mode, hybrid_forms: HybridForms = "all") -> tuple[Form, ...]:
    """Return the forms that ``mode`` trains on.

    Args:
        mode: the alignment.
        hybrid_forms: ``all`` for the paper's hybrid data, ``combined`` for that of its later code,
            ``vectors`` for the two of these that carry the target's vectors, ``named`` for the
            same with the items named that an answer names.
    """
    if mode != "hybrid":
        return (mode,)
    return _HYBRID_FORMS[hybrid_forms]


def evaluation_form(mode: Mode) -> Form:
    """Return the form in which a surrogate aligned by ``mode`` is asked."""
    return "combined" if mode == "hybrid" else mode


def render(
    turns: Sequence[Turn], contexts: Sequence[Context], catalogue: Catalogue, form: Form
) -> Rendered | None:
    """Write a conversation in one form.

    Args:
        turns: the conversation.
        contexts: what ``HistorySlot.context`` counts into.
        catalogue: the items.
        form: how slots are written.

    Returns:
        The conversation with its marks' rows, or None when a ``vector_only`` slot meets the
        behavior form, which has no way to say it.
    """
    context_rows: list[int] = []
    item_rows: list[int] = []
    rendered: list[RenderedTurn] = []
    histories: list[list[tuple[int, int, int]]] = []
    for number, turn in enumerate(turns):
        pieces: list[str] = []
        for segment in turn.content:
            if isinstance(segment, Text):
                pieces.append(segment.text)
                continue
            if form == "behavior":
                if segment.vector_only:
                    return None
            elif isinstance(segment, HistorySlot):
                pieces.append(USER_MARK)
                context_rows.append(segment.context)
            else:
                pieces.append(ITEM_MARK)
                item_rows.append(catalogue.row(segment.item))
            if _shows_titles(segment, form):
                titles = _titles(segment, contexts, catalogue)
                histories.append(_all_but_last(titles, number, sum(map(len, pieces))))
                pieces.append(SEPARATOR.join(titles))
        rendered.append(RenderedTurn(turn.role, "".join(pieces)))
    droppable = _longest_first(histories)
    return Rendered(tuple(rendered), tuple(context_rows), tuple(item_rows), form, droppable)


def render_all(
    turns: Sequence[Turn],
    contexts: Sequence[Context],
    catalogue: Catalogue,
    forms: Sequence[Form],
) -> list[Rendered]:
    """Write a conversation in every form that can say it, each wording once.

    A conversation without slots reads the same in all forms, one with ``vector_only`` slots alone
    the same in two; the first form that gives a wording keeps it.
    """
    distinct: list[Rendered] = []
    for form in forms:
        rendered = render(turns, contexts, catalogue, form)
        if rendered is not None and all(rendered.turns != other.turns for other in distinct):
            distinct.append(rendered)
    return distinct


def _shows_titles(slot: HistorySlot | ItemSlot, form: Form) -> bool:
    if slot.vector_only:
        return False
    if form not in HIDE_HISTORY:
        return True
    return form == "named" and isinstance(slot, ItemSlot) and slot.offered


def _titles(
    slot: HistorySlot | ItemSlot, contexts: Sequence[Context], catalogue: Catalogue
) -> list[str]:
    if isinstance(slot, ItemSlot):
        return [catalogue.title(slot.item)]
    history = contexts[slot.context].history
    return [catalogue.title(item) for item in history] or [EMPTY_HISTORY]


def _all_but_last(titles: Sequence[str], turn: int, start: int) -> list[tuple[int, int, int]]:
    """Return where each title and the separator after it stand, in text that begins at ``start``.

    A history's latest item stays, so that a shortened prompt still reads as one.
    """
    stretches = []
    for title in titles[:-1]:
        stop = start + len(title) + len(SEPARATOR)
        stretches.append((turn, start, stop))
        start = stop
    return stretches


def _longest_first(histories: list[list[tuple[int, int, int]]]) -> tuple[tuple[int, int, int], ...]:
    """Put the stretches of all histories in the order to drop them: oldest first, of the longest.

    So two histories that are compared stay alike in length.
    """
    left = [
        (len(stretches) - age, -number, stretch)
        for number, stretches in enumerate(histories)
        for age, stretch in enumerate(stretches)
    ]
    return tuple(stretch for *_, stretch in sorted(left, reverse=True))
