"""A language model that is slow, busy or gone: the recommender answers, and the answer says so."""

from __future__ import annotations

import asyncio
import threading

import pytest

import recexplainer
from recexplainer import default_plugins
from recexplainer.errors import CapabilityError, StageError, UserError
from recexplainer.plugins.interfaces import Options
from recexplainer.plugins.manager import load_registry
from recexplainer.records import Written
from recexplainer.service.refusals import StoppedError
from recexplainer.service.request_models import ExplainRequest, WhatIfRequest
from recexplainer.service.served_run import ServedRun
from recexplainer.service.shared_run import Limits


class Wording(Options):
    """What may be wished of it."""

    language: str | None = None


class Slow:
    """A plugin whose explainer speaks when it is let through, or fails as it is told to."""

    def __init__(self) -> None:
        self.begun, self.open, self.fails = threading.Event(), threading.Event(), None

    @recexplainer.hookimpl
    def recx_register_explainers(self):
        return [
            recexplainer.Provider(
                name="slow",
                build=lambda options, kit: self,
                summary="Waits.",
                options=Wording,
                capabilities=frozenset({"speaks"}),
            )
        ]

    def explain(self, cases, instruction=None):
        self.begun.set()
        assert self.open.wait(30)
        if self.fails is not None:
            raise self.fails
        for case in cases:
            yield Written(case=case.id, explainer="slow", text="Words at last.")


@pytest.fixture
def slow():
    plugin = Slow()
    yield plugin
    plugin.open.set()


@pytest.fixture
def serve(slow, out):
    opened = []

    def make(**limits):
        registry = load_registry([default_plugins, slow])
        known = Limits(**{"deadline": 30.0, **limits})
        opened.append(
            ServedRun.open(
                out,
                explainers=["slow"],
                overrides=["explanations.min_confidence=null"],  # its words claim nothing
                limits=known,
                registry=registry,
            )
        )
        return opened[-1]

    yield make
    for one in opened:
        one.close()


ASKED = ExplainRequest(user="u1", item="drama11")


def account(door, **question):
    return door.explain(**question, explainers=["occlusion"]).explanations[0].text


def test_who_speaks_has_a_lane_of_its_own(serve):
    served = serve()
    assert served.explainers == ("slow", "occlusion")
    assert served.recommender.explainers == ("occlusion",)
    assert served.writer.explainers == ("slow",)


def test_a_slow_model_is_told_instead_of_and_its_text_is_given_when_it_is_there(serve, slow, door):
    served, told = serve(deadline=0.5), []
    served.told_instead = told.append

    async def ask():
        # The recommender is loaded before its deadline counts.
        await served.recommender.ask(lambda run: run.histories, deadline=60)
        await served._own(ASKED.model_copy(update={"explainer": "occlusion"}), "occlusion")
        first = await served.explain(ASKED)
        assert first.text == account(door, user="u1", item="drama11")
        assert (first.source, first.explainer) == ("recommender", "occlusion")
        assert (
            first.why == "slow did not answer within 0.5 s; this is the recommender's own account."
        )
        assert first.written_by.explainers == ("occlusion",)
        slow.open.set()
        await served.writer.ask(lambda run: True, deadline=30)  # behind it
        again = await served.explain(ASKED)
        assert (again.text, again.source, again.why) == ("Words at last.", "surrogate", None)

    asyncio.run(ask())
    assert told == ["late"]


def test_while_the_model_is_busy_the_recommender_answers_others(serve, slow, door):
    served, told = serve(queue=0), []
    served.told_instead = told.append

    async def ask():
        waiting = asyncio.ensure_future(served.explain(ASKED))
        assert await asyncio.to_thread(slow.begun.wait, 30)
        other = await served.explain(ExplainRequest(user="u3"))
        assert other.why.startswith("Too many wait for slow")
        assert other.text == account(door, user="u3")
        edit = await served.what_if(WhatIfRequest(user="u3", item="drama3"))
        assert edit.questions > 0
        slow.open.set()
        assert (await waiting).text == "Words at last."

    asyncio.run(ask())
    assert told == ["busy"]


@pytest.mark.parametrize(
    "failure", [StageError("https://key@inner.example refuses"), RuntimeError("/root/x")]
)
def test_a_model_that_fails_is_told_instead_of_and_its_secrets_are_not(failure, serve, slow, door):
    served = serve()
    slow.fails = failure
    slow.open.set()
    told = asyncio.run(served.explain(ASKED))
    assert told.text == account(door, user="u1", item="drama11")
    assert told.why == "slow failed; this is the recommender's own account."


def test_a_wish_that_the_account_does_not_meet_is_said(serve, slow):
    served = serve()
    slow.fails = StageError("gone")
    slow.open.set()
    wished = ExplainRequest(user="u1", item="drama11", audience="engineer")
    with pytest.raises(recexplainer.UserError, match="The explainer told can"):
        asyncio.run(served.explain(wished))


@pytest.mark.parametrize(
    "refusal",
    [UserError("https://inner.example refuses the key in X"), CapabilityError("no /root/model")],
)
def test_who_serves_the_model_is_not_told_to_who_wishes_for_words(
    refusal, serve, slow, door, client
):
    slow.open.set()
    asked = client(serve())
    slow.fails = refusal  # the key was taken back since
    question = {"user": "u1", "item": "drama11", "language": "German"}
    answer = asked.post("/v1/explain", json=question)
    assert answer.status_code == 200
    assert "inner.example" not in answer.text
    assert "/root" not in answer.text
    assert answer.json()["text"] == account(door, user="u1", item="drama11")
    assert answer.json()["why"] == (
        "slow failed; this is the recommender's own account. It is not worded for your wishes."
    )


def test_a_withheld_text_is_not_shown_and_the_answer_says_why(out, door):
    served = ServedRun.open(
        out,
        overrides=["explanations.min_confidence=1.0"],
        limits=Limits(deadline=60.0),
    )
    strict = recexplainer.load(out, overrides=["explanations.min_confidence=1.0"])

    async def ask():
        withheld = 0
        for user in ("u0", "u1", "u2", "u3"):
            own = strict.explain(user=user)
            told = await served.explain(ExplainRequest(user=user))
            assert told.text == own.answer.text
            if own.withheld:
                withheld += 1
                assert (told.source, told.explainer) == ("recommender", "occlusion")
                assert told.why.startswith("The text of surrogate is withheld (")
        assert withheld

    asyncio.run(ask())
    served.close()


def test_a_stopped_service_answers_nothing_more(serve):
    served = serve()
    served.close()
    for question in (
        served.explain(ASKED),
        served.what_if(WhatIfRequest(user="u3", item="drama3")),
    ):
        with pytest.raises(StoppedError):
            asyncio.run(question)
