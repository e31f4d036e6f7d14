"""A shared run: one thread, a queue with an end, deadlines, and answers that are kept."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from recexplainer.errors import UserError
from recexplainer.service.refusals import BusyError, StoppedError, TooLateError
from recexplainer.service.shared_run import Limits, SharedRun


class Run:
    """Stands in for a loaded run, which a shared run only hands on."""

    fingerprint = "f"
    explainers = ("occlusion",)


class Gate:
    """A question that is answered when it is let through; counts how often it was put."""

    def __init__(self) -> None:
        self.begun, self.open, self.put = threading.Event(), threading.Event(), 0

    def __call__(self, run):
        self.put += 1
        self.begun.set()
        assert self.open.wait(20)
        return "through"


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.open.set()


@pytest.fixture
def shared():
    made = []

    def make(**limits):
        made.append(SharedRun(Run(), Limits(**{"deadline": 20.0, **limits})))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def until(event):
    assert await asyncio.to_thread(event.wait, 20)


def test_all_questions_are_put_by_one_thread_one_after_the_other(shared):
    running, most, threads = 0, 0, set()

    def question(run):
        nonlocal running, most
        running += 1
        most = max(most, running)
        threads.add(threading.get_ident())
        time.sleep(0.005)
        running -= 1
        return True

    async def ask_twenty():
        run = shared()
        await asyncio.gather(*(run.ask(question) for _ in range(20)))

    asyncio.run(ask_twenty())
    assert most == 1
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_full_queue_refuses_and_says_when_to_ask_again(shared, gate):
    async def fill():
        run = shared(queue=2)
        first = asyncio.ensure_future(run.ask(gate))
        await until(gate.begun)
        waiting = [asyncio.ensure_future(run.ask(lambda _: "after")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="2 questions wait already") as refused:
            await run.ask(lambda _: "never")
        assert refused.value.retry_after >= 1
        gate.open.set()
        assert await asyncio.gather(first, *waiting) == ["through", "after", "after"]
        assert await run.ask(lambda _: "again") == "again"
        assert run.waiting == 0

    asyncio.run(fill())


def test_a_question_that_is_not_answered_in_time_is_kept_for_who_asks_again(shared, gate):
    async def be_late():
        run = shared()
        with pytest.raises(TooLateError, match=r"within 0\.05 s"):
            await run.ask(gate, key="slow", deadline=0.05)
        gate.open.set()
        await run.ask(lambda _: True)  # behind it
        assert run.kept("slow") == "through"
        assert await run.ask(gate, key="slow") == "through"
        assert gate.put == 1

    asyncio.run(be_late())


def test_a_question_that_nobody_waits_for_any_more_is_not_put(shared, gate):
    put = []

    async def give_up():
        run = shared(queue=1)
        first = asyncio.ensure_future(run.ask(gate))
        await until(gate.begun)
        with pytest.raises(TooLateError):
            await run.ask(put.append, deadline=0.01)
        assert run.waiting == 1  # its place is free
        gate.open.set()
        await first
        await run.ask(lambda _: True)

    asyncio.run(give_up())
    assert put == []


def test_equal_questions_share_an_answer_also_when_one_of_them_gives_up(shared, gate):
    async def share():
        run = shared(queue=1)
        asked = [asyncio.ensure_future(run.ask(gate, key="same")) for _ in range(5)]
        await until(gate.begun)
        with pytest.raises(TooLateError):
            await run.ask(gate, key="same", deadline=0.01)
        gate.open.set()
        assert await asyncio.gather(*asked) == ["through"] * 5

    asyncio.run(share())
    assert gate.put == 1


def test_an_error_is_raised_where_it_was_asked_and_is_not_kept(shared):
    def wrong(run):
        raise UserError("there is no such thing")

    async def ask():
        run = shared()
        with pytest.raises(UserError, match="no such thing"):
            await run.ask(wrong, key="k")
        assert await run.ask(lambda _: "right", key="k") == "right"

    asyncio.run(ask())


def test_a_deadline_of_the_question_itself_is_no_deadline_of_ours(shared):
    def wrong(run):
        raise TimeoutError("the recommender's service")

    async def ask():
        with pytest.raises(TimeoutError, match="the recommender's service"):
            await shared().ask(wrong)

    asyncio.run(ask())


def test_a_closed_run_ends_what_it_began_and_answers_nothing_more(shared, gate):
    async def stop():
        run = shared()
        first = asyncio.ensure_future(run.ask(gate))
        await until(gate.begun)
        waiting = asyncio.ensure_future(run.ask(lambda _: "never"))
        await asyncio.sleep(0)
        run.close()
        with pytest.raises(StoppedError):
            await waiting
        with pytest.raises(StoppedError):
            await run.ask(lambda _: "never")
        gate.open.set()
        assert await first == "through"

    asyncio.run(stop())


def test_the_answers_that_were_not_used_for_longest_are_forgotten(shared):
    async def ask():
        run = shared(cache=2)
        for name in ("a", "b", "a", "c"):
            await run.ask(lambda _, name=name: name.upper(), key=name)
        assert [run.kept(name) for name in "abc"] == ["A", None, "C"]

    asyncio.run(ask())
