"""Bundle: a static twin of the explorer, one page per case, to share without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from recexplainer.errors import RunFolderError, UserError
from recexplainer.explorer.page_templates import page_templates, report_of
from recexplainer.pipeline import LoadedRun, RankedItem, load
from recexplainer.records import Case
from recexplainer.report.gallery import ChosenCase
from recexplainer.report.model import ExplainedCase, Report

__all__ = ["write_bundle"]

_LISTED = 20


def write_bundle(run_folder: Path, folder: Path) -> int:
    """Write the pages of a run's cases, and return how many cases there are.

    Args:
        run_folder: a finished run.
        folder: where the pages go; it must not exist, or be empty.

    Raises:
        RunFolderError: the run has no report yet.
        UserError: the folder has something in it.
    """
    run, report = load(run_folder), report_of(run_folder)
    if report is None or not report.explanations:
        raise RunFolderError(f"{run_folder} has no explanations in a report yet: finish it first")
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} has something in it already: give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    chosen = _chosen(report)
    environment = page_templates(report)
    style = (files("recexplainer.report") / "templates" / "style.css").read_text("utf-8")
    accounts = {account.case: account for account in report.accounts}
    shared = {"report": report, "style": style, "chosen": chosen, "accounts": accounts}
    index = environment.get_template("bundle_index.html")
    (folder / "index.html").write_text(index.render(shared), encoding="utf-8")
    page = environment.get_template("bundle_case.html")
    for number, one in enumerate(chosen, 1):
        words = page.render({**shared, "one": one, "number": number, "listed": _list(run, one)})
        (folder / f"case-{number}.html").write_text(words, encoding="utf-8")
    return len(chosen)


def _chosen(report: Report) -> Sequence[ChosenCase]:
    """Return every case, with the first explainer's text first and the others beside it."""
    by_case: dict[str, list[ExplainedCase]] = {}
    for one in report.explanations:
        by_case.setdefault(one.case.id, []).append(one)
    return [ChosenCase("random", first, tuple(others)) for first, *others in by_case.values()]


def _list(run: LoadedRun, one: ChosenCase) -> Mapping[str, object]:
    """Return the beginning of the recommender's list after the case's history."""
    case: Case = one.shown.case
    titles = [run.catalogue.title(item) for item in (*case.earlier, *case.history)]
    ranking = run.ranking(history=titles)
    items: Sequence[RankedItem] = ranking.page(0, _LISTED)
    return {"items": items, "candidates": ranking.candidates}
