from __future__ import annotations

import pytest

from recexplainer.explanation.claims.stated_decision import read_decision

YES = [
    "Yes",
    "yes.",
    "Yes, the user will like it.",
    "**Yes**: it fits.",
    "Answer: Yes",
    "Answer: **Yes**. The reason is simple.",
    "My decision is yes, because of the genres.",
    "Yes the user would watch it.",
    "Here is my view.\nYes - it fits.",
    "The user will like the item.",
    "The user would most likely enjoy this one.",
    "I would recommend it.",
    "I recommend this film to the user.",
    "They are likely to enjoy it.",
    "You ask whether the user will like it. They will love it.",
    "Will the user like it? The user will definitely like it.",
    "It is a good match for them.",
    "This would be a great fit.",
    "The user will not only like it but love it, so: Yes.",
]
NO = [
    "No",
    "No.",
    "No, the user will not like it.",
    "*No* - wrong genre.",
    "“No,” says the model.",
    "Answer: No",
    "The answer is no.",
    "The user will not like the item.",
    "The user won't like it.",
    "The user won’t enjoy it.",
    "The user is unlikely to enjoy it.",
    "The user would probably not like it.",
    "I don't think the user will like it.",
    "I doubt that they would enjoy it.",
    "It would not be recommended.",
    "The user does not like horror.",
    "I would not recommend this film.",
    "The user may dislike it.",
    "While a fan will like it, this user will not enjoy it.",
    "It is not a good match.",
]
NONE = [
    "",
    "The history holds four comedies.",
    "Will the user like it?",
    "I was asked whether the user will like it.",
    "No doubt there are many films.",
    "Nothing can be said; notably so.",
    "Yesterday they saw three films.",
]


@pytest.mark.parametrize(
    ("text", "decision"),
    [(text, "Yes") for text in YES]
    + [(text, "No") for text in NO]
    + [(text, None) for text in NONE],
)
def test_decision_by_hand_labels(text: str, decision: str | None) -> None:
    stated = read_decision(text)
    assert (stated.decision if stated else None) == decision


@pytest.mark.parametrize("text", YES + NO)
def test_the_span_is_where_the_decision_is_stated(text: str) -> None:
    stated = read_decision(text)
    assert stated is not None
    assert 0 <= stated.start < stated.end <= len(text)
    assert text[stated.start : stated.end].strip() == text[stated.start : stated.end]
