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
