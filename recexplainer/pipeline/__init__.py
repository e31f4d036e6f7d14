"""Plan a run, run it, resume it, and ask a finished one."""

from recexplainer.pipeline.explaining import Explained, explain
from recexplainer.pipeline.finished import judge_again, rebuild_report
from recexplainer.pipeline.opening import config_of_run, default_registry
from recexplainer.pipeline.planning import Plan, plan
from recexplainer.pipeline.running import describe, run

__all__ = [
    "Explained",
    "Plan",
    "config_of_run",
    "default_registry",
    "describe",
    "explain",
    "judge_again",
    "plan",
    "rebuild_report",
    "run",
]
