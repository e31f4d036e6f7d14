"""Page of an audit: one file that opens offline, and the record beside it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from recexplainer.audit.estimate import percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.recommender_audit import NO_ADVICE, Audit
from recexplainer.report.charts.finding_bars import finding_chart
from recexplainer.report.render.page_environment import page_environment
from recexplainer.runs.artifacts import write_text

__all__ = ["audit_in", "figure_words", "render_audit", "write_audit"]


def write_audit(audit: Audit, folder: Path) -> None:
    """Write ``audit.json`` and ``audit.html`` into ``folder``, each by rename, both made before."""
    page, record = render_audit(audit), audit.model_dump_json(indent=2) + "\n"
    write_text(folder / "audit.json", record)
    write_text(folder / "audit.html", page)


def audit_in(folder: Path) -> Audit | None:
    """Return the audit that was written into ``folder``; None where there is none of this form."""
    path = folder / "audit.json"
    if not path.is_file():
        return None
    try:
        return Audit.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError:  # written by another version
        return None


def render_audit(audit: Audit) -> str:
    """Return the page. Everything that comes from data is escaped."""
    chapters: dict[str, list[tuple[int, Finding]]] = {
        chapter: [] for chapter in ("bug", "reliance", "parameter", "segment")
    }
    for place, found in enumerate(audit.findings):
        if not found.withheld:
            chapters[found.chapter].append((place, found))
    chapters["parameter"].sort(key=lambda one: -(one[1].figure or 0.0))
    environment = page_environment()
    environment.globals.update(percent=percent, figure_words=figure_words)
    return environment.get_template("audit.html").render(
        audit=audit,
        chapters=chapters,
        chart=finding_chart([found for _, found in chapters["parameter"]]),
        no_advice=NO_ADVICE,
    )


def figure_words(found: Finding) -> str:
    """Return the figure, its interval, its control and what it rests on, in one line."""
    if found.figure is None:
        return "not measured"
    told = _value(found, found.figure)
    if found.low is not None and found.high is not None:
        told += f" ({_value(found, found.low)} to {_value(found, found.high)})"
    if found.control is not None:
        told += f"; {found.control_words}: {_value(found, found.control)}"
    return f"{told}; n = {found.n:,}"


def _value(found: Finding, value: float) -> str:
    if found.unit == "share":
        return percent(value)
    return f"{value:,.0f}" if found.unit == "count" else f"{value:+.3f}"
