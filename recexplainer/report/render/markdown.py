"""A report in Markdown, whole: for terminals, searches and comparisons of runs.

It begins as the page does, with what was found and the cases. Nothing is left out or folded: text
is what one searches in, and two runs' texts can be compared line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from recexplainer.records import Explanation, Metric
from recexplainer.report.best_baselines import first_explainer
from recexplainer.report.caveats import doubts
from recexplainer.report.charts.risk_coverage import risk_charts, risk_rows
from recexplainer.report.check_words import abstention_words, case_words, check_words
from recexplainer.report.control_results import failed_controls
from recexplainer.report.gallery import gallery
from recexplainer.report.headline import fold_in_words, opening
from recexplainer.report.labels import (
    FORM_NAMES,
    SPLIT_NAMES,
    figure_text,
    seconds_text,
    split_text,
    task_text,
)
from recexplainer.report.main_findings import Place, findings
from recexplainer.report.model import ExplainedCase, Report
from recexplainer.report.published_figures import CITATION, PAPER_FIGURES
from recexplainer.report.surrogate_share import shortlist_words, swap_words
from recexplainer.report.tables import (
    MetricTable,
    corpus_rows,
    difference_metrics,
    explanation_metrics,
    fidelity_metrics,
    instruction_metrics,
    kept_metrics,
    metric_tables,
    other_metrics,
    shortlist_metrics,
    swap_metrics,
    target_metrics,
)

__all__ = ["escape", "figure_rows", "render_markdown"]

_PLACES: Mapping[Place, str] = {
    "target": "The recommender",
    "fidelity": "Fidelity",
    "explanations": "Explanations",
    "withheld": "What is withheld",
    "care": "Read with care",
}
"""The part of the report that a finding is from, to its heading."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def render_markdown(report: Report) -> str:
    """Return the report as Markdown. What comes from data is escaped and kept on one line."""
    lines = [
        f"# {escape(report.run.name)}",
        "",
        escape(opening(report)),
        "",
        *_found(report),
        *_bullets("Controls failed", failed_controls(report)),
        *_bullets("Read with care", doubts(report)),
        *_cases(report),
        *_tables("Fidelity", metric_tables(fidelity_metrics(report)), "Who answers"),
        *_added_notes(report, fidelity_metrics(report)),
        *_paper(),
        *_tables("Explanations", metric_tables(explanation_metrics(report)), "Explainer"),
        *_differences(report),
        *_surrogate_share(report),
        *_withheld(report),
        *_instructions(report),
        *_others(report),
        *_tables("The recommender", metric_tables(target_metrics(report)), "Recommender"),
        *_fold_in(report),
        *_corpus(report),
        *_timings(report),
        *_bullets("Notes", [*report.run.notes, *report.run.dataset.notes]),
        *_settings(report),
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return ``text`` on one line, with what Markdown would read as markup escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _found(report: Report) -> list[str]:
    """Return the findings as a list, each with a link to the heading that its figures are under."""
    return [
        f"- {escape(found.sentence)} [{_PLACES[found.place]}](#{_anchor(report, found.place)})"
        for found in findings(report)
    ]


def _anchor(report: Report, place: Place) -> str:
    heading = _PLACES[place]
    if place == "care" and failed_controls(report):
        heading = "Controls failed"
    return heading.lower().replace(" ", "-")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> list[str]:
    """Return a table whose first ``left`` columns are text and the others figures."""
    rule = [":--" if position < left else "--:" for position in range(len(head))]
    body = [[escape(cell) for cell in row] for row in [head, *rows]]
    return [f"| {' | '.join(row)} |" for row in [body[0], rule, *body[1:]]]


def _bullets(title: str, points: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {escape(point)}" for point in points)] if points else []


def _tables(title: str, tables: Sequence[MetricTable], first: str) -> list[str]:
    lines = ["", f"## {title}"]
    for table in tables:
        lines += ["", *figure_rows(table, first)]
    return lines if tables else [*lines, "", "Not measured."]


def figure_rows(table: MetricTable, first: str) -> list[str]:
    """Return the lines of a caption and a table of figures with intervals.

    Args:
        table: the figures of one split.
        first: the head of the first column, which names the subjects.
    """
    several = len(table.tasks) > 1
    head = [f"{task_text(c.task)} {c.metric}" if several else c.metric for c in table.columns]
    rows = [[row.subject, *map(figure_text, row.cells)] for row in table.rows]
    caption = f"{split_text(table.split)}, with 95 % intervals, n = {table.scored}:"
    return [caption.capitalize(), "", *_table([first, *head], rows)]


def _differences(report: Report) -> list[str]:
    tables = metric_tables(difference_metrics(report))
    title = f"Compared with {first_explainer(report)}, case by case"
    return _tables(title, tables, "Explainer") if tables else []


def _surrogate_share(report: Report) -> list[str]:
    """Return what the language model adds to asking the recommender, and whom its texts follow."""
    adds, follows = "What the language model adds", "Whom its texts follow"
    lines = []
    for title, words, metrics, first in (
        (adds, shortlist_words(report), shortlist_metrics(report), "Shortlist by"),
        (follows, swap_words(report), swap_metrics(report), "Writer"),
    ):
        lines += _bullets(title, words)
        for table in metric_tables(metrics):
            lines += ["", *figure_rows(table, first)]
    return lines


def _instructions(report: Report) -> list[str]:
    tables = metric_tables(instruction_metrics(report))
    return _tables("Told to keep to one attribute", tables, "Explainer") if tables else []


def _others(report: Report) -> list[str]:
    """Return a section for each task that only a plugin knows."""
    lines = []
    for task, metrics in other_metrics(report).items():
        lines += _tables(escape(task_text(task)), metric_tables(metrics), "Subject")
        lines += _added_notes(report, metrics)
    return lines


def _added_notes(report: Report, metrics: Sequence[Metric]) -> list[str]:
    """Return what those of ``metrics`` measure that a plugin declares; the pages tell of ours."""
    measured = {(metric.task, metric.metric) for metric in metrics}
    added = [one for one in report.figures if (one.task, one.metric) in measured and one.note]
    lines = [f"- {escape(one.metric)}: {escape(one.told)}" for one in added]
    return ["", *lines] if lines else []


def _withheld(report: Report) -> list[str]:
    """Return the effects of withholding: the curves in words and as a table, and what is given."""
    charts = risk_charts(report)
    if not charts:
        return []
    head, rows = risk_rows(report)
    caption = "Share of texts given, and on how many further histories they do not hold:"
    given = metric_tables(kept_metrics(report))
    return [
        *_bullets("What is withheld", [f"{chart.explainer}: {chart.words}" for chart in charts]),
        *("", caption, "", *_table(head, rows)),
        *(line for table in given for line in ("", "Of the texts given:", *_given(table))),
    ]


def _given(table: MetricTable) -> list[str]:
    return ["", *figure_rows(table, "Explainer")]


def _paper() -> list[str]:
    quoted = ", ".join(f"{figure.value:.4f} on {figure.dataset}" for figure in PAPER_FIGURES)
    first = PAPER_FIGURES[0]
    name = f"{task_text(first.task)} {first.metric} of {first.subject}"
    return ["", escape(f"For context, the paper's own {name}: {quoted} ({CITATION}).")]


def _cases(report: Report) -> list[str]:
    lines = []
    accounts = {account.case: account for account in report.accounts}
    drawn = gallery(report)
    for chosen in (*drawn.first, *drawn.further):
        one = chosen.shown
        checks = "; ".join(words.text for words in check_words(one.explanation, one.case))
        lines += [
            "",
            f"**{escape(one.item_title)}**, {chosen.chosen_as}. {escape(case_words(one.case))}.",
            "",
            f"> {escape(one.explanation.text)}",
            "",
            f"Checked: {escape(checks or 'nothing')}.",
            *_instead(one, accounts),
        ]
    return ["", "## Cases", "", escape(drawn.rule), *lines] if lines else []


def _instead(one: ExplainedCase, accounts: Mapping[str, Explanation]) -> list[str]:
    if not one.abstained:
        return []
    lines = ["", escape(f"Withheld, {abstention_words(one.explanation)}.")]
    account = accounts.get(one.case.id)
    said = "The recommender's own account"
    return [*lines, "", f"{said}: {escape(account.text)}"] if account else lines


def _fold_in(report: Report) -> list[str]:
    words = fold_in_words(report.run.target_facts)
    return ["", f"Fold-in: {escape(words)}"] if words else []


def _corpus(report: Report) -> list[str]:
    rows = [
        [task_text(row.task), FORM_NAMES[row.form], *map("{:,}".format, row.counts)]
        for row in corpus_rows(report.run.corpus)
    ]
    table = _table(["Task", "Form", *SPLIT_NAMES.values()], rows, left=2)
    return ["", "## Corpus", "", *table] if rows else []


def _timings(report: Report) -> list[str]:
    rows = [
        [
            stage.name,
            seconds_text(stage.seconds),
            f"{stage.peak_rss_mb:,.0f} MB",
            "yes" if stage.resumed else "no",
        ]
        for stage in report.stages
    ]
    table = _table(["Stage", "Time", "Peak memory", "Resumed"], rows)
    machine = ["", escape(report.run.machine)] if report.run.machine else []
    return ["", "## Timings", "", *table, *machine] if rows else []


def _settings(report: Report) -> list[str]:
    run = report.run
    facts = f"`{run.command}`, seed {run.seed}, started {run.started}."
    return ["", "## Settings", "", f"{' '.join(facts.split())} The rest is in `report.json`."]
