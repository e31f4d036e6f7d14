"""Elements of the page: plain HTML with escaped text, as keyboards and screen readers know it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from recexplainer.explorer.name_index import NameIndex

__all__ = ["box", "button", "search_box", "text"]

_SHOWN = 8
"""So many names are found at a time."""


def text(tag: str, words: str, classes: str = "", **attributes: str) -> TextElement:
    """Return an element that shows words and nothing but words."""
    made = TextElement(tag=tag, text=words).classes(classes)
    for name, value in attributes.items():
        made.props[name.replace("_", "-")] = value
    return made


def box(tag: str, classes: str = "", **attributes: str) -> ui.element:
    """Return an element for others."""
    made = ui.element(tag).classes(classes)
    for name, value in attributes.items():
        made.props[name.replace("_", "-")] = value
    return made


def button(
    words: str, pressed: Callable[[], Awaitable[Any]], classes: str = "", **attributes: str
) -> TextElement:
    """Return a button; ``data_key`` keeps the focus on it when the page is drawn anew."""
    made = text("button", words, classes, type="button", **attributes)
    made.on("click", lambda _: pressed(), args=[])
    return made


def search_box(
    label: str,
    index: NameIndex,
    names: Sequence[str],
    chosen: Callable[[int], Awaitable[Any]],
    *,
    mark: str,
) -> None:
    """Show a search; of what it finds, the first names come as buttons.

    Args:
        label: what is searched for.
        index: finds places in ``names``.
        names: what the buttons say.
        chosen: told the place.
        mark: name of the field, for tests.
    """
    with box("div", "search"):
        field = ui.input(label=label).props("dense outlined debounce=150").mark(mark)
        found = box("div", "found")

    def search() -> None:
        found.clear()
        if not (field.value or "").strip():
            return
        with found:
            places = index.find(field.value, _SHOWN + 1)
            for place in places[:_SHOWN]:
                button(names[place], lambda place=place: choose(place), "name")  # type: ignore[misc]
            if len(places) > _SHOWN:
                text("p", "More were found: type more of the name.", "soft small")
            if not places:
                text("p", "Nothing has this in its name.", "soft small")

    async def choose(place: int) -> None:
        field.value = ""
        found.clear()
        await chosen(place)

    field.on_value_change(lambda _: search())
