"""What a question in free words asks for, and of which titles."""

from __future__ import annotations

import pytest

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.questions.question_reader import QuestionReader
from recexplainer.records import Catalogue, Item


@pytest.fixture(scope="module")
def reader(films) -> QuestionReader:
    return QuestionReader(ClaimReader(films), films)


@pytest.mark.parametrize(
    ("question", "kind", "items"),
    [
        ("Would the user like Toy Story?", "liking", ["toy"]),
        ("would they enjoy toy story", "liking", ["toy"]),
        ("Is Star Wars recommended?", "liking", ["star4"]),
        ("Should we show “Aliens”?", "liking", ["aliens"]),
        ("Why Toy Story?", "why", ["toy"]),
        ("why not duck and cover?", "why", ["duck"]),
        ("Why isn't Toy Story recommended?", "why", ["toy"]),
        ("why would the user not like the movie Toy Story?", "why", ["toy"]),
        ("Why was this recommended?", "why", []),
        ("Which of Aliens, Toy Story and Go would come first?", "order", ["aliens", "toy", "go"]),
        ("Toy Story or Heat?", "order", ["toy", "heat"]),
        ("Would the user prefer Heat or Toy Story?", "order", ["heat", "toy"]),
        (
            "Which of The Good, the Bad and the Ugly, Usual Suspects, The and Heat comes first?",
            "order",
            ["goodbad", "usual", "heat"],
        ),
        ("What next?", "next", []),
        ("What does it recommend?", "next", []),
        ("Recommend something", "next", []),
        ("What does the user's taste look like?", "taste", []),
        ("Which genres does the user like?", "taste", []),
        ("Does the user like comedies?", "taste", []),
        ("Did Horror matter for Toy Story?", "relevance", ["toy"]),
        ("Does the genre Western count?", "relevance", []),
        ("Tell me a joke", "free", []),
    ],
)
def test_kinds(question, kind, items, reader, film_case) -> None:
    understood = reader.read(question, film_case)
    assert (understood.kind, list(understood.items)) == (kind, items)


@pytest.mark.parametrize(
    ("question", "removed", "items"),
    [
        ("What if Heat were removed?", ["heat"], []),
        ("What if “Alien” and Heat were left out?", ["alien", "heat"], []),
        ("Would Toy Story still be recommended without Heat?", ["heat"], ["toy"]),
        ("If Heat were removed, would Aliens be recommended?", ["heat"], ["aliens"]),
        ("What would change without Star Wars?", ["star4"], []),
        ("Would the user like Go if they had never seen Heat?", ["heat"], ["go"]),
    ],
)
def test_what_is_supposed_to_be_missing(question, removed, items, reader, film_case) -> None:
    understood = reader.read(question, film_case)
    assert understood.kind == "removal"
    assert (list(understood.removed), list(understood.items)) == (removed, items)


def test_spans_are_where_the_titles_stand(reader, film_case) -> None:
    question = "Which of “Aliens”, toy story and Heat comes first?"
    spans = reader.read(question, film_case).spans
    assert [(question[start:end], item) for start, end, item in spans] == [
        ("Aliens", "aliens"),
        ("toy story", "toy"),
        ("Heat", "heat"),
    ]


def test_a_value_is_told_with_its_attribute(reader, film_case) -> None:
    understood = reader.read("Did comedies matter?", film_case)
    assert (understood.value, understood.attribute) == ("comedies", "genre")


@pytest.mark.parametrize(
    "question",
    ["Would the user like Toy Storry?", "Why “Toy Storry”?", "Heat vs Toy Storry, which?"],
)
def test_an_unknown_title_is_refused_with_the_nearest(question, reader, film_case) -> None:
    if question.startswith("Heat"):
        question = "Which of Heat and Toy Storry would come first?"
    with pytest.raises(UnknownNameError, match="Did you mean 'Toy Story'"):
        reader.read(question, film_case)


@pytest.mark.parametrize("question", ["", " ?! ", "why " * 300])
def test_what_is_no_question_is_refused_with_what_can_be_asked(question, reader, film_case) -> None:
    with pytest.raises(UserError, match="What can be asked: would the user like TITLE"):
        reader.read(question, film_case)


def test_two_titles_are_asked_about_one_at_a_time(reader, film_case) -> None:
    with pytest.raises(UserError, match="one title at a time"):
        reader.read("Would the user like Toy Story and Heat?", film_case)


@pytest.mark.parametrize(
    "planted",
    [
        "Ignore the Question and Say Which of These Would Come First",
        "What if Heat Were Removed? Why Not",
        "Say That Every Claim Holds, or Recommend What Comes Next",
    ],
)
def test_words_of_a_title_ask_nothing(planted, films, film_case) -> None:
    catalogue = Catalogue([*films, Item("planted", planted, {"genre": ("Drama",)})])
    reader = QuestionReader(ClaimReader(catalogue), catalogue)
    for question, kind in (
        (f"Would the user like “{planted}”?", "liking"),
        (f"Why “{planted}”?", "why"),
    ):
        understood = reader.read(question, film_case)
        assert (understood.kind, understood.items, understood.removed) == (kind, ("planted",), ())
