"""Loaded run: its recommender, data and explanations in memory, to ask and to check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from recexplainer.errors import UnknownNameError
from recexplainer.explanation.edits.changes import Edit
from recexplainer.pipeline.after.history_edit import edit_history
from recexplainer.pipeline.after.live_explanation import Explained, answer, needed_stage
from recexplainer.pipeline.after.live_question import Answered, ask
from recexplainer.pipeline.after.moment import Moment, edited, moment_of, without_items
from recexplainer.pipeline.after.reader_wishes import for_reader
from recexplainer.pipeline.after.recommended_list import RecommendedList, recommend
from recexplainer.pipeline.after.whole_list import Ranking, rank
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.report_assembly import measured_figures
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.pipeline.execution.study_folder import StudyFolder
from recexplainer.pipeline.execution.withheld_texts import abstention_of, withholds
from recexplainer.plugins.interfaces import Target
from recexplainer.records import Case, Catalogue, Explanation, Metric
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.runs.steps import Stage, StageName, fingerprint

if TYPE_CHECKING:
    from recexplainer.explanation.edits.counterfactual import WhatIf

__all__ = ["LoadedRun"]


class LoadedRun:
    """A run that stays loaded: the first question takes seconds, the next ones little.

    Made by ``load``. What a run has not finished yet raises a ``RunFolderError`` that names the
    stage; all else can be had before that.
    """

    def __init__(self, bench: Bench, stages: Sequence[Stage]) -> None:
        self._bench, self._stages = bench, tuple(stages)

    @property
    def catalogue(self) -> Catalogue:
        """The I items in the order of the columns of ``target.scores``.

        ``ids`` and ``titles`` are in that order, ``title(id)`` and ``row(id)`` look one up.
        """
        self._require("dataset")
        return self._bench.catalogue

    @property
    def target(self) -> Target:
        """The target.

        ``target.scores(histories)`` takes B lists of item ids, oldest first, and returns floats,
        ``(B, I)``. It masks nothing: also items of the history have their scores. It need not be a
        history that somebody had.
        """
        self._require("target")
        return self._bench.target

    @property
    def histories(self) -> Mapping[str, tuple[str, ...]]:
        """User id to the ids of all items that the user had, oldest first."""
        self._require("dataset")
        return self._bench.log.histories

    @property
    def explainers(self) -> tuple[str, ...]:
        """The names of the loaded explainers, which answer ``explain``."""
        return tuple(part.name for part in self._bench.plan.explainers)

    @property
    def speaking(self) -> tuple[str, ...]:
        """Those of ``explainers`` whose texts a language model writes."""
        return tuple(part.name for part in self._bench.instructable)

    @cached_property
    def fingerprint(self) -> str:
        """The identity of what answers: data, recommender, surrogate and explainers, 64 digits."""
        stages = up_to(self._stages, "explanations")
        return fingerprint(
            "loaded", version="1", settings={}, inputs=[stage.fingerprint for stage in stages]
        )

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """What the run explains: user, history, item, and the target's score, rank and decision."""
        self._require("explanations")
        return tuple(self._bench.cases())

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """The texts of all explainers about ``cases``, withheld ones as well, with their checks."""
        self._require("explanations")
        return tuple(self._bench.explanations())

    @property
    def given(self) -> tuple[Explanation, ...]:
        """Those of ``explanations`` that a reader is shown; the others are withheld."""
        return tuple(one for one in self.explanations if not withholds(self._bench, one))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every figure of the stages that are done, with what was measured beside them since.

        Of a run that is finished, these are the metrics of ``report.json``.
        """
        done = [stage.name for stage in self._stages if stage.done]
        if "target" not in done:
            self._require("target")
        found = measured_figures(self._bench, done)
        if "explanations" not in done:
            return tuple(found)
        settled = abstention_of(self._bench, self.explanations, self.cases).metrics
        studied, _ = StudyFolder(self._bench.folder.path).results(self.explanations)
        return (*found, *settled, *studied)

    @quiet_libraries()
    def recommend(
        self,
        *,
        user: str | None = None,
        history: Sequence[str] | None = None,
        without: Sequence[str] = (),
        top: int = 10,
    ) -> RecommendedList:
        """Return the beginning of the target's list after all that ``user`` had, or any history.

        Args:
            user: a user id of the data set.
            history: titles or item ids, oldest first, in place of a user; nobody need have had it.
            without: titles or item ids that are taken out of what the target reads; they stay no
                candidates.
            top: how many items, 1 or more.

        Raises:
            UnknownNameError: no such user or item; the nearest are named.
            UserError: user and history are both given or both missing, the history is none,
                something is taken out that the target does not read, or ``top`` is below 1.
            RunFolderError: the run has no target yet.
        """
        self._require("target")
        return recommend(self._bench, self._moment(user, history, without), top)

    @quiet_libraries()
    def ranking(
        self,
        *,
        user: str | None = None,
        history: Sequence[str] | None = None,
        without: Sequence[str] = (),
        edit: Edit = (),
    ) -> Ranking:
        """Return the whole list after all that ``user`` had, or any history, to be read in pages.

        Args:
            user: as in ``recommend``.
            history: likewise.
            without: likewise.
            edit: changes of what the target reads, such as ``what_if`` finds.

        Raises:
            RecxError: as ``recommend``; a UserError where what is put in was had.
        """
        self._require("target")
        return rank(self._bench, self._moment(user, history, without, edit))

    @quiet_libraries()
    def explain(  # noqa: PLR0913  # each is a word of the question
        self,
        *,
        user: str | None = None,
        item: str | None = None,
        instruction: str | None = None,
        history: Sequence[str] | None = None,
        without: Sequence[str] = (),
        explainers: Sequence[str] = (),
        audience: str | None = None,
        language: str | None = None,
        edit: Edit = (),
    ) -> Explained:
        """Explain the target's view of ``item`` after all that ``user`` had, or any ``history``.

        Args:
            user: a user id of the data set.
            item: a title or an item id; None asks about the target's first recommendation.
            instruction: a wish such as ``"only genres"``.
            history: titles or item ids, oldest first, in place of a user; nobody need have had it.
            without: titles or item ids that are taken out of what the target reads; they stay no
                candidates.
            explainers: which of the loaded explainers answer; all by default.
            audience: who reads, such as ``"engineer"``; asks only explainers that can word for one.
            language: such as ``"German"``; likewise.
            edit: changes of what the target reads, by item ids.

        Raises:
            UnknownNameError: no such user, item or explainer; the nearest are named.
            UserError: user and history are both given or both missing, the history is none,
                something is taken out that the target does not read, the instruction names nothing
                that can be explained, or no explainer of the run can be instructed or can word for
                this reader.
            RunFolderError: the run has no target yet, or no surrogate where an explainer needs it.
        """
        parts = for_reader(self._explainers(explainers), audience, language)
        self._require(needed_stage(parts))
        moment = self._moment(user, history, without, edit)
        return answer(self._bench, moment, item, instruction, parts)

    def _explainers(self, names: Sequence[str]) -> tuple[Part, ...]:
        """Return the loaded explainers of these names, in the order that they were loaded in."""
        loaded = {part.name: part for part in self._bench.plan.explainers}
        for name in names:
            if name not in loaded:
                raise UnknownNameError("explainer", name, loaded, hint="Load the run with it.")
        return tuple(part for name, part in loaded.items() if not names or name in names)

    @quiet_libraries()
    def what_if(  # noqa: PLR0913  # each is a word of the question
        self,
        *,
        item: str,
        user: str | None = None,
        history: Sequence[str] | None = None,
        aim: str = "top 10",
        edits: Sequence[str] = ("remove", "replace", "add"),
        by: str = "item",
        budget: int = 200,
        without: Sequence[str] = (),
        edit: Edit = (),
    ) -> WhatIf:
        """Search for a small edit of a history that brings ``item`` where it is wanted.

        Whatever is returned was asked of the target; ``text`` says it in sentences.

        Args:
            item: a title or an item id that the user has not had.
            user: a user id of the data set.
            history: titles or item ids, oldest first, in place of a user; nobody need have had it.
            aim: ``top N``, ``out of top N``, or a decision: ``yes``, ``not yes``, ``no``,
                ``not no``.
            edits: which changes are allowed: some of ``remove``, ``replace`` and ``add``.
            by: ``item`` changes items one by one, ``attribute`` all that share a value.
            budget: how many histories may be put to the target, 2 or more.
            without: titles or item ids that are taken out of what the target reads beforehand.
            edit: changes of what the target reads, made beforehand, by item ids.

        Raises:
            UnknownNameError: no such user, item, edit, or unit to edit by; the nearest are named.
            UserError: user and history are both given or both missing, the item is in the history,
                the aim is none or longer than the list, the budget is too small, or no edit of
                these kinds is possible.
            RunFolderError: the run has no target yet.
        """
        from recexplainer.explanation.edits.question import Wish

        self._require("target")
        wish = Wish.read(aim, edits, by, budget)
        return edit_history(self._bench, self._moment(user, history, without, edit), item, wish)

    @quiet_libraries()
    def ask(
        self, *, question: str, user: str | None = None, history: Sequence[str] | None = None
    ) -> Answered:
        """Ask the surrogate in free words; each claim of its answer is put to the target.

        Args:
            question: such as ``"Why Heat?"``; what can be asked stands in the refusal of others.
            user: a user id of the data set; the moment is after all that the user had.
            history: titles or item ids, oldest first, in place of a user; nobody need have had it.

        Raises:
            UnknownNameError: no such user or item; the nearest are named.
            UserError: user and history are both given or both missing, the history is none, the
                question is none that is understood, or its answer says nothing that can be checked.
            RunFolderError: the run has no surrogate yet.
        """
        self._require("surrogate")
        return ask(self._bench, self._moment(user, history), question)

    def _moment(
        self,
        user: str | None,
        history: Sequence[str] | None,
        without: Sequence[str] = (),
        edit: Edit = (),
    ) -> Moment:
        """Return the moment of the one that is given, with some of its items out or changed."""
        moment = moment_of(self._bench, user, history)
        if without:
            moment = without_items(self._bench, moment, without)
        return edited(self._bench, moment, edit) if edit else moment

    def _require(self, name: StageName) -> None:
        """Raise RunFolderError unless all up to the stage called ``name`` is done."""
        for stage in up_to(self._stages, name):
            stage.require()
