"""Served run: who answers a question, and the recommender's own account where nobody else can.

The recommender and the language model each have a thread and a queue, so that a slow model holds up
nobody who asks the recommender.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from recexplainer.errors import UserError, WishError
from recexplainer.pipeline import LoadedRun, config_of_run, load
from recexplainer.plugins.registry import Registry
from recexplainer.service.answer_models import (
    ErrorDetail,
    ExplainAnswer,
    ListedItem,
    ReasonAnswer,
    RecommendAnswer,
    UserList,
    WhatIfAnswer,
)
from recexplainer.service.answers_made import UnknownThingError, explain, list_of, what_if
from recexplainer.service.refusals import BusyError, StoppedError, TooLateError
from recexplainer.service.request_models import (
    ExplainRequest,
    Moment,
    RecommendRequest,
    WhatIfRequest,
)
from recexplainer.service.shared_run import ACCOUNT, Limits, SharedRun

__all__ = ["ServedRun"]

T = TypeVar("T")
_LOADED_WITHIN, _MODEL_WITHIN = 24 * 3600.0, 300.0
"""Seconds that a start waits for the recommender, and for a language model."""
_log = logging.getLogger(__name__)


class ServedRun:
    """A run as the service asks it.

    Args:
        name: of the run.
        target: the name of its recommender.
        explainers: who may be asked, the first by default.
        recommender: asks the target; has ``occlusion`` and what needs no language model.
        writer: has the explainers that speak; None where there are none.
    """

    def __init__(
        self,
        name: str,
        target: str,
        explainers: Sequence[str],
        recommender: SharedRun,
        writer: SharedRun | None,
    ) -> None:
        self.name, self.target, self.explainers = name, target, tuple(explainers)
        self.recommender, self.writer = recommender, writer
        self.ready = False
        self.told_instead: Callable[[str], None] = lambda _reason: None
        """Called with busy, late or failed when the recommender's account stands in for a text."""

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        explainers: Sequence[str] = (),
        overrides: Sequence[str] = (),
        limits: Limits | None = None,
        registry: Registry | None = None,
    ) -> ServedRun:
        """Return the run in a folder; nothing heavy is loaded before ``warm``.

        Args:
            path: the run folder.
            explainers: in place of the run's own.
            overrides: ``explanations.key=value`` texts.
            limits: of each queue, the time and the cache.
            registry: the parts to choose from; the built-in and all installed ones by default.

        Raises:
            RunFolderError: ``path`` is no run.
            ConfigError: an explainer is not registered, or lacks what it needs.
        """
        config = config_of_run(path)
        own = explainers or config.explanations.explainers
        named = list(dict.fromkeys([*own, ACCOUNT]))
        loaded = partial(load, path, overrides=overrides, registry=registry)
        speaking = loaded(explainers=named).speaking
        quiet = [name for name in named if name not in speaking]
        # A language model takes its time: who waits for it does so until the deadline.
        patient = None if limits is None else replace(limits, patience=None)
        return cls(
            path.resolve().name,
            config.target.name,
            named,
            SharedRun(loaded(explainers=quiet), limits),
            SharedRun(loaded(explainers=speaking), patient) if speaking else None,
        )

    @property
    def lanes(self) -> dict[str, SharedRun]:
        """The shared runs by what they ask."""
        writer = {} if self.writer is None else {"writer": self.writer}
        return {"recommender": self.recommender, **writer}

    async def warm(self) -> None:
        """Load everything by a first question to each, and be ready. Raises RecxError."""
        first = partial(self.recommender.ask, deadline=_LOADED_WITHIN)
        user = await first(_any_user)
        asked = ExplainRequest(user=user)
        await first(partial(explain, asked=asked, explainer=ACCOUNT))
        if self.writer is not None:
            question = partial(explain, asked=asked, explainer=self.writer.explainers[0])
            try:
                await self.writer.ask(question, deadline=_MODEL_WITHIN)
            except (UserError, StoppedError):  # the run has no such model, or a wrong key
                raise
            except Exception as failure:  # noqa: BLE001  # it may come later; there is the account
                _reason(self.writer.explainers[0], failure)
        for lane in self.lanes.values():
            lane.loaded()
        self.ready = True

    def close(self) -> None:
        """Take no more questions."""
        self.ready = False
        for lane in self.lanes.values():
            lane.close()

    async def explain(self, asked: ExplainRequest) -> ExplainAnswer:
        """Return a text; the recommender's own account where the language model gives none.

        Raises:
            UserError: what is asked cannot be answered by anybody.
            RefusedError: the recommender cannot answer now.
        """
        explainer = asked.explainer or self.explainers[0]
        asked = asked.model_copy(update={"explainer": explainer})
        if self.writer is None or explainer not in self.writer.explainers:
            return await self._own(asked, explainer)
        try:
            question = partial(explain, asked=asked, explainer=explainer)
            return await self.writer.ask(question, key=asked.key)
        except UnknownThingError:
            raise
        except Exception as failure:  # noqa: BLE001  # whatever a model's server or a plugin does
            return await self._instead(asked, explainer, failure)

    async def _instead(
        self, asked: ExplainRequest, explainer: str, failure: Exception
    ) -> ExplainAnswer:
        """Return the recommender's account, unless the question itself was wrong."""
        plain = {"instruction": None, "audience": None, "language": None, "explainer": ACCOUNT}
        account = await self._own(asked.model_copy(update=plain), ACCOUNT)
        wished = asked.instruction or asked.audience or asked.language
        if isinstance(failure, WishError):
            raise failure
        reason, words = _reason(explainer, failure)
        self.told_instead(reason)
        if wished:
            words += " It is not worded for your wishes."
        return account.model_copy(update={"why": words})

    async def _own(self, asked: ExplainRequest, explainer: str) -> ExplainAnswer:
        return await self.recommender.ask(
            partial(explain, asked=asked, explainer=explainer), key=asked.key
        )

    async def what_if(self, asked: WhatIfRequest) -> WhatIfAnswer:
        """Return an edit. Raises as ``explain``."""
        question = partial(what_if, asked=asked, name=self.name)
        return await self.recommender.ask(question, key=asked.key)

    async def recommend(self, asked: RecommendRequest) -> RecommendAnswer:
        """Return the lists; in a batch, a user who cannot be answered has an error in its place.

        Raises:
            UserError: what is asked of one user cannot be answered.
            RefusedError: there is no answer now, or not to all of it before the deadline; what
                was answered is kept.
        """
        seconds = self.recommender.limits.deadline
        try:
            async with asyncio.timeout(seconds):
                lists = [await self._list(one, asked) for one in _moments(asked)]
        except TimeoutError:
            raise TooLateError(seconds) from None
        reasons = [item.reason for one in lists for item in one.items if item.reason]
        explainers = tuple(dict.fromkeys(reason.explainer for reason in reasons))
        written = {"machine": True, "run": self.name, "explainers": explainers}
        return RecommendAnswer.model_validate(
            {"lists": lists, "written_by": written if reasons else None}
        )

    async def _list(self, moment: Moment, asked: RecommendRequest) -> UserList:
        try:
            told = await self.recommender.ask(
                partial(list_of, asked=moment, top=asked.top),
                key=("recommend", *moment.key, asked.top),
            )
        except UserError as error:
            if asked.users is None:
                raise
            return UserList(user=moment.user or "", error=detail_of(error))
        if not asked.explain:
            return told
        items = [await self._with_reason(one, moment, asked) for one in told.items]
        return told.model_copy(update={"items": tuple(items)})

    async def _with_reason(
        self, one: ListedItem, moment: Moment, asked: RecommendRequest
    ) -> ListedItem:
        about = {"item": one.item, "explainer": asked.explainer or ACCOUNT}
        told = await self.explain(ExplainRequest.model_validate(moment.model_dump() | about))
        reason = ReasonAnswer.model_validate(
            told.model_dump(include=set(ReasonAnswer.model_fields))
        )
        return one.model_copy(update={"reason": reason})


def detail_of(error: UserError) -> ErrorDetail:
    """Return a mistake as the service tells it."""
    if isinstance(error, UnknownThingError):
        kind = f"unknown_{error.kind.replace(' ', '_')}"
        return ErrorDetail(kind=kind, message=str(error), nearest=error.nearest)
    return ErrorDetail(kind="question", message=str(error))


def _any_user(run: LoadedRun) -> str:
    return next(iter(run.histories))


def _moments(asked: RecommendRequest) -> Iterator[Moment]:
    users = [asked.user] if asked.users is None else asked.users
    for user in users:
        yield Moment(user=user, history=asked.history, without=asked.without)


def _reason(explainer: str, failure: Exception) -> tuple[str, str]:
    """Return why the recommender's account stands in, as a word and as a sentence."""
    account = "this is the recommender's own account."
    if isinstance(failure, TooLateError):
        return "late", f"{explainer} did not answer within {failure.deadline:g} s; {account}"
    if isinstance(failure, BusyError):
        return "busy", f"Too many wait for {explainer}; {account}"
    _log.warning("%s failed: %s: %s", explainer, type(failure).__name__, failure)
    return "failed", f"{explainer} failed; {account}"
