"""What may stand in quotation marks, by hand."""

from __future__ import annotations

import pytest
import torch

from recexplainer.surrogate.generation.quoted_titles import QuotedTitles

OPENING, CLOSING, STOP = 1, 2, 3
ITEM, FIRST, LONGER, OTHER = [6], [7], [7, 9], [8]


@pytest.mark.parametrize(
    ("said", "sayable"),
    [
        ([5, 6], None),  # nothing is quoted yet
        ([5, OPENING], {6, 7, 8}),
        ([OPENING, 7], {CLOSING, 9}),
        ([OPENING, *LONGER], {CLOSING}),
        ([OPENING, *OTHER, CLOSING], None),
        ([OPENING, *OTHER, CLOSING, 5, OPENING], {6, 7}),  # not twice in a sentence
        ([OPENING, *OTHER, CLOSING, STOP, 5, OPENING], {6, 7, 8}),
        ([OPENING, *FIRST, CLOSING, 5, OPENING, 7], {9}),  # the longer one is another title
        ([OPENING, *ITEM, CLOSING, STOP, 5, OPENING], {7, 8}),  # the item in question once
        ([OPENING, 7, STOP, 9], None),  # off all titles: too late to help
    ],
)
def test_only_titles_of_the_question_are_quoted(said, sayable):
    guard = QuotedTitles((OPENING, CLOSING, STOP), [[ITEM]], [[FIRST, LONGER, OTHER]])
    ids = torch.tensor([[OPENING, 3, CLOSING, *said]])  # a quotation in the question is no concern
    left = torch.isfinite(guard(ids, torch.zeros(1, 12))[0]).nonzero()[:, 0].tolist()
    assert set(left) == (sayable or set(range(12)))


def test_where_all_is_said_all_may_be_said_again():
    guard = QuotedTitles((OPENING, CLOSING, STOP), [[ITEM]], [[OTHER]])
    said = [OPENING, *ITEM, CLOSING, OPENING, *OTHER, CLOSING, OPENING]
    left = torch.isfinite(guard(torch.tensor([said]), torch.zeros(1, 12))[0]).nonzero()
    assert left[:, 0].tolist() == [6, 8]


def test_a_guard_that_sees_an_answer_grow_says_what_a_new_one_would():
    said = [OPENING, *OTHER, CLOSING, 5, OPENING, *FIRST, CLOSING, STOP, OPENING, 7, 9, CLOSING, 5]
    beside = [5, OPENING, *ITEM, CLOSING, STOP, OPENING, *OTHER, CLOSING, 5, 5, 5, OPENING, 7, 5]
    given = [[ITEM], [ITEM]], [[FIRST, LONGER, OTHER], [LONGER, OTHER]]
    grown = QuotedTitles((OPENING, CLOSING, STOP), *given)
    ruled_out = 0
    for length in range(1, len(said) + 1):
        ids = torch.tensor([said[:length], beside[:length]])
        new = QuotedTitles((OPENING, CLOSING, STOP), *given)
        found = grown(ids, torch.zeros(2, 12))
        assert found.equal(new(ids, torch.zeros(2, 12)))
        ruled_out += int(torch.isinf(found).any(1).sum())
    assert ruled_out == 13  # by hand: seven of the first row, six of the second
