"""Page of a comparison of two versions: one file that opens offline, and the record beside it."""

from __future__ import annotations

from pathlib import Path

from recexplainer.audit.estimate import percent
from recexplainer.audit.versions.version_change import Change
from recexplainer.audit.versions.version_comparison import Comparison
from recexplainer.report.render.page_environment import page_environment
from recexplainer.runs.artifacts import write_text

__all__ = ["change_words", "render_comparison", "write_comparison"]

_CHAPTERS = (
    ("quality", "What users took next", ""),
    ("decisions", "Decisions that change", ""),
    ("lists", "Lists", ""),
    ("segments", "For whom", "Thirds of the users, each against all others."),
    (
        "reliance",
        "What each leans on",
        "What holds is first, the largest difference before others.",
    ),
    ("attributes", "Attributes", "What lists hold, and what items of the history bring in."),
    ("data", "Data", ""),
)


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.json`` and ``comparison.html`` into ``folder``, each by rename."""
    page, record = render_comparison(comparison), comparison.model_dump_json(indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "comparison.json", record)
    write_text(folder / "comparison.html", page)


def render_comparison(comparison: Comparison) -> str:
    """Return the page. Everything that comes from data is escaped."""
    environment = page_environment()
    environment.globals.update(change_words=change_words, percent=percent, cells=_cells)
    return environment.get_template("comparison.html").render(
        comparison=comparison,
        chapters=[
            (name, title, words, comparison.of(name))  # type: ignore[arg-type]  # a chapter's name
            for name, title, words in _CHAPTERS
        ],
        decisions=("Yes", "undecided", "No"),
        total=sum(map(sum, comparison.decisions)),
    )


def change_words(change: Change) -> str:
    """Return the figure, its interval, its control and what it rests on, in one line."""
    if change.change is None:
        return "not measured"
    told = _value(change, change.change, signed=change.second is not None)
    if change.low is not None and change.high is not None:
        signed = change.second is not None
        low, high = _value(change, change.low, signed), _value(change, change.high, signed)
        told += f" ({low} to {high})"
    if change.control is not None:
        told += f"; {change.control_words}: {_value(change, change.control)}"
    return f"{told}; n = {change.n:,}"


def _cells(change: Change) -> tuple[str, str, str]:
    """Return both values and the difference with its interval, of a line of a table."""
    first, second = (
        "–" if one is None else _value(change, one) for one in (change.first, change.second)
    )
    ends = ""
    if change.low is not None and change.high is not None:
        ends = f" ({change.low:+.3f} to {change.high:+.3f})"
    return first, second, f"{change.change or 0.0:+.3f}{ends}"


def _value(change: Change, value: float, signed: bool = False) -> str:
    if change.unit == "count":
        return f"{value:+,.0f}" if signed else f"{value:,.0f}"
    if change.unit == "value" or signed:
        return f"{value:+.3f}" if signed or change.second is None else f"{value:.3f}"
    return percent(value)
