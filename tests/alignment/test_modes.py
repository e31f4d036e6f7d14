from __future__ import annotations

import pytest

from recexplainer.alignment.modes import evaluation_form, forms_of, render, render_all
from recexplainer.alignment.prompt_texts import offered
from recexplainer.records import (
    HIDE_HISTORY,
    ITEM_MARK,
    USER_MARK,
    Catalogue,
    Context,
    HistorySlot,
    Item,
    ItemSlot,
    Text,
    ask,
)

CATALOGUE = Catalogue([Item("a", "Alpha"), Item("b", "Beta, Part 2"), Item("c", "Gamma")])
CONTEXTS = [Context("u", 0, (), "train"), Context("v", 2, ("c", "a"), "train")]
QUESTION = (Text("Of: "), HistorySlot(1), Text(" . Like: "), ItemSlot("b"), Text(" ?"))


@pytest.mark.parametrize(
    ("mode", "hybrid_forms", "forms", "asked_in"),
    [
        ("behavior", "all", ("behavior",), "behavior"),
        ("intention", "combined", ("intention",), "intention"),
        ("hybrid", "all", ("behavior", "intention", "combined"), "combined"),
        ("hybrid", "vectors", ("intention", "combined"), "combined"),
        ("hybrid", "named", ("named", "combined"), "combined"),
        ("hybrid", "combined", ("combined",), "combined"),
    ],
)
def test_modes_train_on_the_papers_forms(mode, hybrid_forms, forms, asked_in):
    assert forms_of(mode, hybrid_forms) == forms
    assert evaluation_form(mode) == asked_in


@pytest.mark.parametrize(
    ("form", "words", "contexts", "items"),
    [
        ("behavior", "Of: Gamma; Alpha . Like: Beta, Part 2 ?", (), ()),
        ("intention", f"Of: {USER_MARK} . Like: {ITEM_MARK} ?", (1,), (1,)),
        ("named", f"Of: {USER_MARK} . Like: {ITEM_MARK} ?", (1,), (1,)),
        (
            "combined",
            f"Of: {USER_MARK}Gamma; Alpha . Like: {ITEM_MARK}Beta, Part 2 ?",
            (1,),
            (1,),
        ),
    ],
)
def test_slots_are_written_by_form(form, words, contexts, items):
    rendered = render(ask(QUESTION, "Yes"), CONTEXTS, CATALOGUE, form)
    assert [(turn.role, turn.text) for turn in rendered.turns] == [
        ("user", words),
        ("assistant", "Yes"),
    ]
    assert (rendered.context_rows, rendered.item_rows) == (contexts, items)
    assert rendered.form == form


@pytest.mark.parametrize(
    "slot", [HistorySlot(1, vector_only=True), ItemSlot("b", vector_only=True)]
)
def test_vector_only_slots_show_no_title_in_any_form(slot):
    turns = ask((Text("What: "), slot, Text(" ?")), "answer")
    assert render(turns, CONTEXTS, CATALOGUE, "behavior") is None
    for form in ("intention", "named", "combined"):
        text = render(turns, CONTEXTS, CATALOGUE, form).turns[0].text
        assert text in {f"What: {USER_MARK} ?", f"What: {ITEM_MARK} ?"}


def test_an_empty_history_is_said_to_be_empty():
    turns = ask((Text("Of: "), HistorySlot(0), Text(" ?")), "x")
    texts = [
        render(turns, CONTEXTS, CATALOGUE, form).turns[0].text
        for form in ("behavior", "intention", "combined")
    ]
    assert texts == ["Of: (empty) ?", f"Of: {USER_MARK} ?", f"Of: {USER_MARK}(empty) ?"]


def test_marks_and_rows_match_one_to_one_in_order():
    prompt = (ItemSlot("c"), Text("; "), ItemSlot("a"), HistorySlot(1), HistorySlot(0))
    rendered = render(ask(prompt, "x"), CONTEXTS, CATALOGUE, "intention")
    assert rendered.item_rows == (2, 0)
    assert rendered.context_rows == (1, 0)
    assert rendered.turns[0].text == f"{ITEM_MARK}; {ITEM_MARK}{USER_MARK}{USER_MARK}"


@pytest.mark.parametrize(
    ("prompt", "forms"),
    [
        (QUESTION, ["behavior", "intention", "combined"]),
        ((Text("How are you?"),), ["behavior"]),
        ((Text("Name: "), ItemSlot("a", vector_only=True)), ["intention"]),
    ],
)
def test_each_wording_is_written_once(prompt, forms):
    rendered = render_all(ask(prompt, "x"), CONTEXTS, CATALOGUE, forms_of("hybrid"))
    assert [one.form for one in rendered] == forms


LONG = [
    Context("u", 3, ("a", "b", "c"), "train"),
    Context("v", 2, ("c", "a"), "train"),
]
BOTH = ask((Text("One: "), HistorySlot(0), Text(". Other: "), HistorySlot(1), Text("?")), "Yes")


@pytest.mark.parametrize(("form", "mark"), [("behavior", ""), ("combined", USER_MARK)])
def test_the_oldest_titles_of_the_longest_history_are_dropped_first(form, mark):
    whole = render(BOTH, LONG, CATALOGUE, form)
    said = [whole.without(count).turns[0].text for count in range(len(whole.droppable) + 1)]
    assert said == [
        f"One: {mark}Alpha; Beta, Part 2; Gamma. Other: {mark}Gamma; Alpha?",
        f"One: {mark}Beta, Part 2; Gamma. Other: {mark}Gamma; Alpha?",
        f"One: {mark}Gamma. Other: {mark}Gamma; Alpha?",
        f"One: {mark}Gamma. Other: {mark}Alpha?",
    ]
    assert whole.without(3).context_rows == whole.context_rows
    assert whole.without(3).turns[1] == whole.turns[1]


@pytest.mark.parametrize("form", sorted(HIDE_HISTORY))
def test_marks_alone_offer_nothing_to_drop(form):
    assert render(BOTH, LONG, CATALOGUE, form).droppable == ()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("behavior", "Of: Gamma; Alpha . Which: Alpha; Beta, Part 2 ?"),
        ("intention", f"Of: {USER_MARK} . Which: {ITEM_MARK}; {ITEM_MARK} ?"),
        ("named", f"Of: {USER_MARK} . Which: {ITEM_MARK}Alpha; {ITEM_MARK}Beta, Part 2 ?"),
    ],
)
def test_what_an_answer_names_is_named_in_all_forms_but_the_papers_intention(form, words):
    prompt = (Text("Of: "), HistorySlot(1), Text(" . Which: "), *offered(["a", "b"]), Text(" ?"))
    assert render(ask(prompt, "Alpha"), CONTEXTS, CATALOGUE, form).turns[0].text == words
