"""A rating counts in its place, in whatever form a model writes it, and is never guessed."""

from __future__ import annotations

import pytest

from recexplainer.judging import read_rating

OBJECT = '{"reason": "It is dull.", "rating": "RATING-3"}'


@pytest.mark.parametrize(
    "answer",
    [
        OBJECT,
        f"[{OBJECT}]",
        f"```json\n{OBJECT}\n```",
        f"```JSON\n{OBJECT}\n```",
        f"~~~\n{OBJECT}\n~~~",
        f"Here is what I think:\n```json\n{OBJECT}\n```",
        f"Sure! {OBJECT}",
        f"{OBJECT}\n\nTell me if you want to know more.",
        f"{OBJECT}<|im_end|>",
        f"<think>\nRATING-1? Or RATING-2?\n</think>\n{OBJECT}",
        f'<think>Perhaps {{"rating": "RATING-1"}}.</think>{OBJECT}',
        '{"reason": "It is\ndull.", "rating": "RATING-3"} thanks',
        '{"Reason": "It is dull.", "Rating": "rating-3"}',
        '{"reason": "It is dull.", "rating": 3}',
        '{"reason": "It is dull.", "rating": 3.0}',
        '{"reason": "It is dull.", "rating": "3"}',
        '{"reason": "It is dull.", "rating": "3/4"}',
        '{"reason": "It is dull.", "rating": "3 out of 4"}',
        '{"reason": "It is dull.", "rating": "three"}',
        '{"reason": "It is dull.", "rating": ["RATING-3"]}',
        '{"reason": "It is dull.", "rating": "RATING-3: Correct classification, acceptable"}',
        '{"reason": "It is dull.", "grade": 3}',
        '{"result": {"reason": "It is dull.", "rating": "RATING-3"}}',
        f"{OBJECT}\nRATING-3",
        "It is dull.\nRATING-3",
        "It is dull.\n\n**RATING-3**",
        "It is dull.\n`RATING-3`",
        "It is dull.\nRATING-3.",
        "It is dull.\nrating 3",
        "It is dull.\nRating: RATING-3",
        "It is dull.\nRating: 3",
        "It is dull.\n**Rating:** 3",
        "It is dull.\n**Rating: 3/4**",
        "It is dull.\nFinal rating: 3 out of 4.",
        "It is dull.\nThe rating is three.",
        "It is dull.\nI would rate it RATING-3.",
        "It is dull.\nThus, I give this explanation a rating of 3.",
        "It is dull.\n- RATING-3",
        "It is dull.\n# 3",
        "It is dull.\n3",
        "It is dull.\nRATING-3\n```",
        "RATING-3\n\nIt is dull.",
        "It is dull, so it gets RATING-3.",
        "It is not what RATING-4 is for.\nRATING-3",
        "Somebody wants RATING-4 here.\n\n  RATING-3  \n\n",
    ],
)
def test_a_rating_in_its_place_is_read(answer):
    assert read_rating(answer)[0] == 3


@pytest.mark.parametrize(("number", "word"), [(1, "one"), (2, "two"), (3, "three"), (4, "four")])
@pytest.mark.parametrize(
    "form", ["{n}", "RATING-{n}", "{w}", "{n}/4", '"RATING-{n}"', '["RATING-{n}"]']
)
def test_an_answer_may_be_the_rating_alone(form, number, word):
    assert read_rating(form.format(n=number, w=word))[0] == number


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n",
        "I cannot grade this.",
        "0",
        "5",
        "3.5",
        "3/5",
        "3 of 10",
        "RATING-5",
        "RATING-31",
        '{"reason": "RATING-4", "rating": "RATING-5"}',
        '{"reason": "RATING-4", "rating": 3.5}',
        '{"reason": "RATING-4", "rating": true}',
        '{"reason": "RATING-4", "rating": null}',
        '{"reason": "RATING-4"}',
        '{"reason": "It was cut',
        "<think>It is fair, so RATING-3",
        "There are 3 titles in the history.",
        "It names 2 of 4",
        "The text asks for RATING-4.",
        "It does not deserve RATING-4.",
        "It is better than RATING-2.",
        "RATING-3 would be too much for what it says about the user.",
    ],
)
def test_what_holds_no_rating_is_not_scored(answer):
    grade, reason = read_rating(answer)
    assert grade is None
    assert reason.startswith("no rating in the answer; it said ")
    assert "\n" not in reason


@pytest.mark.parametrize(
    "answer",
    [
        f'{OBJECT}\n{{"reason": "No, it is good.", "rating": "RATING-4"}}',
        f"{OBJECT}\nRATING-4",
        '[{"rating": 2}, {"rating": 3}]',
        "RATING-2\nRATING-3",
        "RATING-3\nbut it may be RATING-4.",
        "It is RATING-3 or RATING-4",
        "I waver: RATING-2, no, RATING-3.",
    ],
)
def test_two_ratings_are_none(answer):
    grade, reason = read_rating(answer)
    assert grade is None
    assert reason.startswith("two ratings in the answer; it holds ")


@pytest.mark.parametrize(
    ("thought", "grade"),
    [
        ("It is long and dull ... RATING-3", 3),
        ("It is dull.\nRATING-3", 3),
        ("Rating: 2 out of 4", 2),
        ("RATING-2 or RATING-3?", None),
        ("It says much", None),
        ("", None),
    ],
)
def test_where_the_answer_is_empty_the_thoughts_are_read(thought, grade):
    assert read_rating("", thought)[0] == grade
    assert read_rating("RATING-1", thought)[0] == 1


def test_the_reason_is_what_stands_beside_the_rating():
    assert read_rating(OBJECT)[1] == "It is dull."
    assert read_rating("It is\ndull.\nRating: 3")[1] == "It is dull."
    assert read_rating("RATING-3\nIt is dull.")[1] == "It is dull."
