"""Explanation panel: texts about one item, each claim marked by what the target said of it."""

from __future__ import annotations

from recexplainer.errors import RecxError
from recexplainer.explorer.claim_marks import Mark, marks
from recexplainer.explorer.elements import box, text
from recexplainer.pipeline import Explained
from recexplainer.records import Case, Explanation
from recexplainer.report.check_words import abstention_words, case_words, check_words

__all__ = ["ExplanationPanel"]

_SIGNS = {"good": "✓", "bad": "✗", "plain": "·"}


class ExplanationPanel:
    """The recommender's own account at once; the run's explainers when they have answered."""

    def __init__(self) -> None:
        with box("section", "panel explanation", aria_label="Explanation"):
            self._title = text("h2", "Why?")
            self._place = text("p", "", "soft")
            self._account = box("div", aria_live="polite")
            self._words = box("div", aria_live="polite")
            text(
                "p",
                "Every text is written by a machine. ✓ is what the recommender bore out when asked "
                "about this history, ✗ what it did not; point at a mark, or move to it with Tab, "
                "for its numbers.",
                "soft small",
            )

    def wait(self, title: str) -> None:
        """Say that an item is being explained."""
        self._title.text = f"Why “{title}”?"
        self._words.clear()
        with self._words:
            text("p", "The run's own explainers are answering …", "soft waiting")

    def show_account(self, told: Explained, before: str) -> None:
        """Show the recommender's own account, and where the item stood ``before`` the edits."""
        words = case_words(told.case)
        self._place.text = f"{words[0].upper()}{words[1:]}.{before}"
        self._account.clear()
        with self._account:
            if not told.explanations:
                text("p", "The history is empty: nothing in it can be a reason.")
            for one in told.explanations:
                _card("The recommender's own account", one, told.case, "")

    def show_words(self, told: Explained) -> None:
        """Show what the run's own explainers say; withheld texts only on demand."""
        self._words.clear()
        with self._words:
            for one in told.explanations:
                why = abstention_words(one) if one.explainer in told.withheld else ""
                _card(f"In the words of {one.explainer}", one, told.case, why)

    def show_problem(self, error: RecxError, *, of_words: bool = False) -> None:
        """Say why there is no text."""
        part = self._words if of_words else self._account
        part.clear()
        with part:
            text("p", f"No text: {error}", "problem")


def _card(heading: str, one: Explanation, case: Case, withheld: str) -> None:
    with box("article"):
        text("h3", heading)
        if withheld:
            text("p", f"Withheld, so no reader is shown it: {withheld}.", "problem")
            with box("details"):
                text("summary", "Show the text that is withheld")
                _marked(one)
        else:
            _marked(one)
        with box("details"):
            text("summary", "What was checked")
            with box("ul", "checks"):
                for line in check_words(one, case):
                    detail = f" · {line.detail}" if line.detail else ""
                    text("li", f"{_SIGNS[line.tone]} {line.text}{detail}", line.tone)


def _marked(one: Explanation) -> None:
    with box("blockquote"):
        for mark in marks(one):
            if mark.real is None:
                text("span", mark.text)
            else:
                _claim(mark, real=mark.real)


def _claim(mark: Mark, *, real: bool) -> None:
    """Show a claim: coloured, with a sign, and with a word and numbers on demand.

    The marks of punctuation between two claims have the colour alone.
    """
    if not any(sign.isalnum() for sign in mark.text):
        text("span", mark.text, "claim real" if real else "claim unreal")
        return
    with box("span", "claim real" if real else "claim unreal", tabindex="0").mark("claim"):
        text("span", mark.text)
        text("span", "✓" if real else "✗", "sign", aria_hidden="true")
        data = "so the data has it" if real else "the data does not have it so"
        told = "; ".join(mark.told) or data
        with box("span", "tip", role="tooltip"):
            text("span", f"{'True' if real else 'Not true'}: ")
            text("span", told)
