"""Write docs/reference/metrics.md from the figures that the code declares.

python tools/write_metrics.py           # writes it
python tools/write_metrics.py --check   # says whether it is up to date
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from generated_page import one_line, write_or_check

from recexplainer.records import Figure
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import task_text

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "metrics.md"

_HEAD = """\
<!-- Written by tools/write_metrics.py; edit the figures where the code declares them instead. -->

# Metrics

Every figure of a report, by the task that it has in `report.json`. How they are measured is told in
[Fidelity](../explanation/fidelity-metrics.md) and
[Checked explanations](../explanation/checked-explanations.md). The tasks `explanation_kept` and
`explanation_difference` hold figures of explanations again: of the texts that are given, and as
differences to the run's first explainer. What a plugin measures is told in the report itself.
"""


def page() -> str:
    """Return the whole page."""
    told = [figure for figure in BUILT_IN if figure.note]
    tasks = list(dict.fromkeys(figure.task for figure in told))
    ordered = sorted(told, key=lambda one: (tasks.index(one.task), one.order))
    parts = groupby(ordered, key=lambda one: one.task)
    return _HEAD + "".join(line for task, own in parts for line in _section(task, list(own)))


def _section(task: str, figures: list[Figure]) -> Iterator[str]:
    yield f"\n## `{task}`: {task_text(task)}\n\n| metric | measures | better |\n|---|---|---|\n"
    for one in figures:
        yield f"| `{one.metric}` | {one_line(one.note)} | {one.better or 'neither'} |\n"


def main() -> None:
    """Write the page, or check it."""
    write_or_check(PAGE, page, __doc__)


if __name__ == "__main__":
    main()
