"""Pipeline: plan of a run, its stages with resuming, and work on a finished run."""

from recexplainer.pipeline.after.finished_run import judge_again, rebuild_report
from recexplainer.pipeline.after.live_explanation import Explained
from recexplainer.pipeline.after.live_question import Answered
from recexplainer.pipeline.after.load import explain, load
from recexplainer.pipeline.after.loaded_run import LoadedRun
from recexplainer.pipeline.after.recommended_list import RecommendedList
from recexplainer.pipeline.after.surrogate_export import export, push
from recexplainer.pipeline.after.whole_list import RankedItem, Ranking
from recexplainer.pipeline.execution.forecast import describe
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.named_parts import plan
from recexplainer.pipeline.execution.plan import Plan
from recexplainer.pipeline.execution.preflight import preflight
from recexplainer.pipeline.execution.run_loop import run

__all__ = [
    "Answered",
    "Explained",
    "LoadedRun",
    "Plan",
    "RankedItem",
    "Ranking",
    "RecommendedList",
    "config_of_run",
    "default_registry",
    "describe",
    "explain",
    "export",
    "judge_again",
    "load",
    "plan",
    "preflight",
    "push",
    "rebuild_report",
    "run",
]
