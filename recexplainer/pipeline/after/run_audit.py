"""Audit of a run: what its recommender does overall, from its answers to a sample of users."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.errors import UserError
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress
from recexplainer.runs.quiet import quiet_libraries

if TYPE_CHECKING:
    from recexplainer.audit.explained import Explained
    from recexplainer.audit.finding import Finding
    from recexplainer.audit.recommender_audit import Audit
    from recexplainer.audit.subject import Subject
    from recexplainer.runs.steps import Stage

__all__ = ["FEWEST_USERS", "audit"]

FEWEST_USERS = 20
"""Fewer users tell nothing about a recommender as a whole."""


@quiet_libraries()
def audit(
    out: Path,
    *,
    users: int = 400,
    refits: int = 0,
    folder: Path | None = None,
    registry: Registry | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit the recommender of a run, and write ``audit.html`` and ``audit.json``.

    Args:
        out: the run folder; it needs to be done up to its target.
        users: how many users, drawn at random, are asked about; 20 or more.
        refits: how many times the target is trained anew, without blocks of users or items or with
            another seed alone; 3 or more, or 0 for none. What was trained before is kept.
        folder: where the page is written; the run folder where none is given.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.

    Raises:
        RunFolderError: ``out`` is no run, or has no target yet.
        UserError: ``users`` or ``refits`` is too small.
        StageError: the target gave scores that cannot be used.
    """
    from recexplainer.audit.recommender_audit import audit_of
    from recexplainer.audit.subject import Subject, drawn_contexts
    from recexplainer.report.render.audit_page import write_audit

    _check(users, refits)
    bench, stages = reopen(config_of_run(out), out, registry or default_registry(), progress)
    for stage in up_to(stages, "target"):
        stage.require()
    subject = Subject(
        bench.oracle,
        bench.log,
        bench.split,
        bench.config.dataset.max_history,
        drawn_contexts(bench.split, users, bench.config.seed),
        seed=bench.config.seed,
        run=str(out),
        sequential=_sequential(bench.plan.target.name),
    )
    done = {stage.name for stage in stages if stage.done}
    changes = _refits(bench, stages, subject, refits) if refits else []
    found = audit_of(
        subject,
        target=bench.plan.target.name,
        added=_surrogate_shares(bench, done),
        explained=_explained(bench) if "explanations" in done else (),
        refits=changes,
    )
    write_audit(found, folder or out)
    return found


def _check(users: int, refits: int) -> None:
    from recexplainer.audit.refit_plan import FEWEST_REFITS

    problems = []
    if users < FEWEST_USERS:
        problems.append(f"--users {users} is too few to tell anything: give {FEWEST_USERS} or more")
    if refits and refits < FEWEST_REFITS:
        problems.append(
            f"--refits {refits} is too few: give {FEWEST_REFITS} or more (two change the seed "
            "alone, as the control), or 0 for none"
        )
    if problems:
        raise UserError("; ".join(problems))


def _refits(bench: Bench, stages: Sequence[Stage], subject: Subject, count: int) -> list[Finding]:
    """Return what trainings without blocks of users or items change."""
    from recexplainer.audit.refit_changes import refit_findings
    from recexplainer.audit.refit_plan import planned_refits
    from recexplainer.pipeline.after.target_refits import refitted

    (stage,) = [one for one in stages if one.name == "target"]
    planned = planned_refits(subject, count)
    return refit_findings(subject, planned, refitted(bench, stage, planned))


def _sequential(name: str) -> bool | None:
    """Return whether a target of this name is meant to read the order; None where nobody said."""
    from recexplainer.targets.recbole.families import FAMILIES

    family = FAMILIES.get(name)
    return None if family is None else Capability.UNORDERED not in family.capabilities


def _explained(bench: Bench) -> list[Explained]:
    """Return what the texts say that readers are given: the surrogate's and the target's own."""
    from recexplainer.audit.explained import Explained
    from recexplainer.pipeline.execution.withheld_texts import withholds

    told = {Capability.SURROGATE, Capability.OWN_ACCOUNT}
    shown = {part.name for part in bench.plan.explainers if any(part.can(one) for one in told)}
    cases = {case.id: case for case in bench.cases() if case.decision is not None}
    return [
        Explained(
            (case := cases[one.case]).user,
            case.history,
            case.item,
            1 if case.decision == "Yes" else -1,
            any(claim.kind == "no_cause" and claim.real for claim in one.claims),
        )
        for one in bench.explanations()
        if one.explainer in shown and one.case in cases and not withholds(bench, one)
    ]


def _surrogate_shares(bench: Bench, done: Container[str]) -> Mapping[str, Mapping[str, float]]:
    """Return, by user, what stages that are ``done`` say of the surrogate and of its texts."""
    found: dict[str, Mapping[str, float]] = {}
    if "fidelity" in done:
        found |= _agreement(bench)
    if "explanations" in done:
        found |= _withheld(bench)
    return found


def _agreement(bench: Bench) -> Mapping[str, Mapping[str, float]]:
    """Return how often the surrogate's Yes or No about an item is the recommender's, by user."""
    from recexplainer.pipeline.execution.stage_files import ANSWERS
    from recexplainer.runs.artifacts import each_in_jsonl

    own = ("interest_classification", bench.config.alignment.mode)
    told: dict[str, list[float]] = {}
    for line in each_in_jsonl(bench.folder_of("fidelity") / ANSWERS):
        one = line["payload"]
        if (one["task"], one["subject"]) == own and one["grades"].get("accuracy") is not None:
            told.setdefault(one["user"], []).append(float(one["grades"]["accuracy"]))
    shares = {user: sum(values) / len(values) for user, values in told.items()}
    return {"agreement of the surrogate (Yes or No about an item)": shares} if shares else {}


def _withheld(bench: Bench) -> Mapping[str, Mapping[str, float]]:
    """Return, by user, the share of explanations that a reader is not shown."""
    from recexplainer.pipeline.execution.withheld_texts import withholds

    users = {case.id: case.user for case in bench.cases()}
    told: dict[str, list[bool]] = {}
    for one in bench.explanations():
        told.setdefault(users[one.case], []).append(withholds(bench, one))
    shares = {user: sum(values) / len(values) for user, values in told.items()}
    return {"share of withheld explanations": shares}
