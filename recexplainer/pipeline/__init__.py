"""Plan a run, run it, resume it, and ask a finished one."""

from recexplainer.pipeline.explaining import Explained
from recexplainer.pipeline.finished import judge_again, rebuild_report
from recexplainer.pipeline.forecast import describe
from recexplainer.pipeline.loaded_run import LoadedRun, explain, load
from recexplainer.pipeline.opening import config_of_run, default_registry
from recexplainer.pipeline.planning import Plan, plan
from recexplainer.pipeline.running import run
from recexplainer.pipeline.sharing import export, push

__all__ = [
    "Explained",
    "LoadedRun",
    "Plan",
    "config_of_run",
    "default_registry",
    "describe",
    "explain",
    "export",
    "judge_again",
    "load",
    "plan",
    "push",
    "rebuild_report",
    "run",
]
