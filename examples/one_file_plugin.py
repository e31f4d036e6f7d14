"""A plugin in one file: a judge that wants explanations to be right, supported and short.

From the root of the repository: python examples/one_file_plugin.py

To use it as ``recx run --set 'judging.judges=[offline, brief]'``, put the file into a package that
announces it:

    [project.entry-points.recexplainer]
    brief_judge = "my_package.one_file_plugin"
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

from pydantic import Field

from recexplainer import Judge, Options, Provider, default_plugins, hookimpl, load_config, run
from recexplainer.plugins.interfaces import JudgeKit, RuleJudge
from recexplainer.plugins.manager import load_registry
from recexplainer.records import Case, Explanation

NAME = "brief"


class BriefOptions(Options):
    """What counts as short."""

    max_words: int = Field(default=40, ge=1)


class BriefJudge(RuleJudge):
    """Grades 1 when the decision is not the target's, 2 without a cause, 3 when long, else 4."""

    name = NAME

    def __init__(self, options: BriefOptions) -> None:
        self._options = options

    def decide(self, case: Case, explanation: Explanation) -> tuple[int | None, str]:
        """Return the grade and, where it is not the best, why."""
        if case.decision is None:
            return None, "the recommender is undecided"
        if explanation.decision != case.decision:
            return 1, "not the recommender's decision"
        if not explanation.cited:
            return 2, "nothing of the history is named"
        words = len(explanation.text.split())
        return (4, "") if words <= self._options.max_words else (3, f"{words} words")


def build(options: BriefOptions, kit: JudgeKit) -> BriefJudge:
    """Return the judge; called once per run, so heavy imports would belong here."""
    del kit  # a judge that needs the catalogue finds it there
    return BriefJudge(options)


@hookimpl
def recx_register_judges() -> Iterable[Provider[Judge]]:
    """Return the judge above, by its name."""
    return [Provider(NAME, build, "right, supported and short", options=BriefOptions)]


def main(out: Path, *overrides: str) -> None:
    """Run the example on books in ``out``, graded by this judge beside the offline one.

    Args:
        out: the run folder.
        overrides: settings, such as ``training.budget=1``.
    """
    registry = load_registry([default_plugins, sys.modules[__name__]])
    config = load_config(
        Path(__file__).parent / "behavior-on-csv.yaml",
        ["judging.judges=[offline, brief]", "judging.options.brief.max_words=30", *overrides],
    )
    report = run(config, out, registry=registry)
    for judge in config.judging.judges:
        grades = [one.grade for one in report.verdicts if one.judge == judge and one.grade]
        print(f"{judge}: {fmean(grades):.2f} on average, of {len(grades)} explanations")


if __name__ == "__main__":
    main(Path("runs/one-file-plugin"), *sys.argv[1:])
