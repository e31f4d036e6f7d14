"""Audit tab: what a run's recommender does overall, as ``recx audit`` found it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from recexplainer.audit.finding import Chapter, Finding
from recexplainer.audit.recommender_audit import NO_ADVICE, Audit
from recexplainer.errors import RecxError
from recexplainer.explorer.elements import box, button, text
from recexplainer.pipeline.after.run_audit import audit
from recexplainer.report.render.audit_page import audit_in, figure_words

__all__ = ["show_audit"]

_CHAPTERS: dict[Chapter, str] = {
    "bug": "What looks like a bug",
    "reliance": "What it leans on",
    "parameter": "Main parameters",
    "segment": "For whom it differs",
}


def show_audit(path: Path) -> None:
    """Show the audit of the run in a folder, or a button that makes one."""
    panel = box("section", "panel figures")

    def show() -> None:
        panel.clear()
        with panel:
            text("h1", f"What the recommender of {path.resolve().name} does overall")
            found = audit_in(path)
            if found is None:
                _offer()
            else:
                _told(found)

    def _offer() -> None:
        text("p", "This run was not audited yet. It takes seconds to minutes, and is kept.")
        button("Audit now", make)

    async def make() -> None:
        with panel:
            text("p", "Asking the recommender about 400 users …", "soft waiting")
        try:
            await asyncio.to_thread(audit, path)
        except RecxError as error:
            with panel:
                text("p", f"No audit: {error}", "problem")
            return
        show()

    show()


def _told(found: Audit) -> None:
    with box("ol"):
        for sentence, _ in found.first:
            text("li", sentence)
    for chapter, heading in _CHAPTERS.items():
        text("h2", heading)
        if chapter == "parameter":
            text("p", NO_ADVICE, "soft")
        _findings(found.of(chapter))
    for note in found.notes:
        text("p", note, "soft small")


def _findings(found: list[Finding]) -> None:
    if not found:
        text("p", "Nothing was found.", "soft")
        return
    with box("ul"):
        for one in found:
            with box("li"):
                text("span", f"{one.sentence} ")
                text("span", figure_words(one), "soft small")
                for example in one.examples:
                    text("p", f"{example.words}: {example.command}", "soft small")
