"""Report of a run: ``report.json``, ``report.md`` and a page that opens offline."""

from recexplainer.records import EXPLANATION_TASK
from recexplainer.report.comparison import ComparisonRow, compare_reports, comparison_caveats
from recexplainer.report.model import (
    CorpusCount,
    CurvePoint,
    DatasetFacts,
    ExplainedCase,
    Report,
    RunFacts,
    SurrogateFacts,
    TargetFacts,
)
from recexplainer.report.render.report_files import load_report, write_report
from recexplainer.targets.target_quality import TARGET_TASK

__all__ = [
    "EXPLANATION_TASK",
    "TARGET_TASK",
    "ComparisonRow",
    "CorpusCount",
    "CurvePoint",
    "DatasetFacts",
    "ExplainedCase",
    "Report",
    "RunFacts",
    "SurrogateFacts",
    "TargetFacts",
    "compare_reports",
    "comparison_caveats",
    "load_report",
    "write_report",
]
