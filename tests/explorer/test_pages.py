"""The pages without a browser: what is pressed and what is then shown."""

from __future__ import annotations

import asyncio

import pytest
from nicegui import Client, core
from nicegui.elements.mixins.text_element import TextElement
from nicegui.testing.user_simulation import user_simulation

import recexplainer
from recexplainer.audit.recommender_audit import Audit
from recexplainer.explanation.edits.changes import Change
from recexplainer.explorer.explored_run import ExploredRun
from recexplainer.explorer.pages import add_pages


@pytest.fixture(scope="module")
def explored(run_folder):
    run = ExploredRun.open(run_folder)
    yield run
    run.close()


@pytest.fixture(scope="module")
def door(run_folder):
    return recexplainer.load(run_folder)


@pytest.fixture
def visit(explored, run_folder):
    """Run a flow with a visitor of the pages; nothing of it is left for other tests."""

    def run_flow(flow) -> None:
        async def visited() -> None:
            async with user_simulation() as visitor:
                add_pages((explored,), (run_folder,))
                try:
                    await flow(visitor)
                finally:
                    Client.page_routes.clear()
                    core.app.routes[:] = [
                        one for one in core.app.routes if "_nicegui" in getattr(one, "path", "")
                    ]

        asyncio.run(visited())

    return run_flow


def titles_after(door, user: str, removed: tuple[str, ...]) -> list[str]:
    edit = tuple(Change("remove", (item,)) for item in removed)
    return [one.title for one in door.ranking(user=user, edit=edit).page(0, 20)]


def shown_titles(visitor) -> list[str]:
    rows = sorted(visitor.find(marker="row").elements, key=lambda one: one.id)
    return [row.default_slot.children[1].text for row in rows]


async def until(visitor, words: str) -> None:
    await visitor.should_see(content=words, retries=100)


def test_the_page_of_a_user_shows_the_list_of_the_recommender(visit, door) -> None:
    async def flow(visitor) -> None:
        await visitor.open("/user/u1")
        await until(visitor, "In the words of behavior")
        assert shown_titles(visitor) == [
            one.title for one in door.recommend(user="u1", top=20).items
        ]
        assert visitor.find(marker="claim").elements

    visit(flow)


def test_a_chip_takes_an_item_out_and_puts_it_back(visit, door) -> None:
    user, item = next(
        (user, item)
        for user in door.histories
        for item in door.ranking(user=user).history
        if titles_after(door, user, (item,)) != titles_after(door, user, ())
    )
    before, after = titles_after(door, user, ()), titles_after(door, user, (item,))
    title = door.catalogue.title(item)

    async def flow(visitor) -> None:
        await visitor.open(f"/user/{user}")
        await until(visitor, "In the words of behavior")
        visitor.find(content=f"− {title}").click()
        await until(visitor, "taken out")
        await until(visitor, "Before the edits")
        assert shown_titles(visitor) == after
        visitor.find(content=f"+ {title}").click()
        await visitor.should_not_see(content="taken out", retries=100)
        await until(visitor, f"− {title}")
        assert shown_titles(visitor) == before

    visit(flow)


def test_an_address_restores_edits_and_item(visit, door) -> None:
    read = door.ranking(user="u1").history
    added = door.ranking(user="u1").page(3, 1)[0]
    edit = (Change("remove", (read[0],)), Change("add", new=(added.item,)))
    ranking = door.ranking(user="u1", edit=edit)
    item = ranking.page(1, 1)[0]

    async def flow(visitor) -> None:
        await visitor.open(f"/user/u1?item={item.item}&without={read[0]}&add={added.item}")
        await until(visitor, f"Why “{item.title}”?")
        await until(visitor, "added")
        assert shown_titles(visitor) == [one.title for one in ranking.page(0, 20)]

    visit(flow)


def test_what_if_finds_an_edit_and_makes_it(visit, door) -> None:
    kinds = ["remove", "replace", "add"]
    wanted, told = next(
        (one, told)
        for one in door.ranking(user="u1").page(0, 20)
        for told in [
            door.what_if(
                user="u1",
                item=one.title,
                aim="out of top 10" if one.rank <= 10 else "top 10",
                edits=kinds,
            )
        ]
        if told.found is not None
    )
    after = door.ranking(user="u1", edit=told.found.edit).page(0, 20)

    async def flow(visitor) -> None:
        await visitor.open(f"/user/u1?item={wanted.item}")
        await until(visitor, "In the words of behavior")
        visitor.find(content="By any of these").click()
        await until(visitor, told.text)
        visitor.find(marker="make").click()
        await until(visitor, "Before the edits")
        assert shown_titles(visitor) == [one.title for one in after]

    visit(flow)


def test_a_search_offers_users_and_items(visit, door) -> None:
    title = door.catalogue.title("comedy7")

    async def flow(visitor) -> None:
        await visitor.open("/user/u1")
        await until(visitor, "In the words of behavior")
        visitor.find(marker="add").type("COMEDY7")
        await until(visitor, title)
        visitor.find(marker="user-search").type("u39")
        await until(visitor, "u39")
        visitor.find(kind=TextElement, content="u39").click()
        await until(visitor, "User u39")

    visit(flow)


def test_an_unknown_user_is_told_so(visit) -> None:
    async def flow(visitor) -> None:
        await visitor.open("/user/nobody")
        await until(visitor, "unknown user 'nobody'")

    visit(flow)


def test_the_recommender_is_audited_on_demand_and_the_audit_is_kept(visit, run_folder) -> None:
    async def flow(visitor) -> None:
        await visitor.open("/audit")
        await until(visitor, "This run was not audited yet")
        visitor.find("Audit now").click()
        await until(visitor, "What looks like a bug")
        told = Audit.model_validate_json((run_folder / "audit.json").read_text("utf-8"))
        for sentence, _ in told.first:
            await visitor.should_see(content=sentence)
        await visitor.open("/audit")
        await until(visitor, told.first[0][0])
        await visitor.should_not_see("Audit now")

    visit(flow)
