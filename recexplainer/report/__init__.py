"""What a run came to, as ``report.json``, ``report.md`` and a page that opens offline."""

from recexplainer.report.comparing import ComparisonRow, compare_reports, comparison_caveats
from recexplainer.report.model import (
    EXPLANATION_TASK,
    TARGET_TASK,
    CorpusCount,
    CurvePoint,
    DatasetFacts,
    ExplainedCase,
    Report,
    RunFacts,
    SurrogateFacts,
    TargetFacts,
)
from recexplainer.report.writing import load_report, write_report

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
