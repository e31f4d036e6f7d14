"""Twenty items, a few contexts, and one small task of every measured kind."""

import numpy as np
import pytest

from recexplainer.metrics import (
    accuracy,
    coverage,
    hit,
    kendall_tau,
    ndcg_ranking,
    ndcg_single,
    split_titles,
)
from recexplainer.plugins.interfaces import AlignmentTask
from recexplainer.records import (
    Catalogue,
    Context,
    Example,
    HistorySlot,
    Item,
    ItemSlot,
    Text,
    ask,
)


@pytest.fixture
def catalogue():
    return Catalogue([Item(f"i{number}", f"Title {number}") for number in range(20)])


@pytest.fixture
def popularity():
    """Item 19 is the most popular, item 0 the least."""
    return np.arange(20, dtype=np.int64) * 3


@pytest.fixture
def contexts():
    histories = [("i0", "i19"), ("i17", "i3", "i16"), ("i5",), ("i1", "i2", "i18", "i19")]
    splits = ["leave_one_out", "leave_one_out", "held_out_users", "leave_one_out"]
    return [
        Context(f"u{row}", len(history), history, split)
        for row, (history, split) in enumerate(zip(histories, splits, strict=True))
    ]


class Retrieval(AlignmentTask):
    name = "retrieval"
    answer_kind = "item"

    def grade(self, example, answers, catalogue):
        title = catalogue.title(example.reference[0])
        return {"hit@5": hit(title, answers), "ndcg@5": ndcg_single(title, answers)}


class Ranking(AlignmentTask):
    name = "ranking"
    answer_kind = "order"

    def grade(self, example, answers, catalogue):
        reference = [catalogue.title(item) for item in example.reference]
        answered = split_titles(answers[0])
        return {
            "ndcg@5": ndcg_ranking(reference, answered),
            "kendall_tau": kendall_tau(reference, answered),
        }


class Interest(AlignmentTask):
    name = "interest"
    answer_kind = "label"

    def grade(self, example, answers, catalogue):
        return {"accuracy": accuracy(example.reference[0], answers[0])}


class Reconstruction(AlignmentTask):
    name = "reconstruction"
    answer_kind = "list"

    def grade(self, example, answers, catalogue):
        titles = [catalogue.title(item) for item in example.reference]
        return {"history_coverage": coverage(titles, split_titles(answers[0]))}


class Unmeasured(AlignmentTask):
    name = "unmeasured"


@pytest.fixture
def tasks():
    return [Retrieval(), Ranking(), Interest(), Reconstruction(), Unmeasured()]


def make(task, row, reference, *, item=None, options=(), number=0):
    prompt = [Text(f"{task} for "), HistorySlot(row)]
    if item is not None:
        prompt += [Text(" of "), ItemSlot(item)]
    return Example(f"{row}-{number}", task, ask(prompt, "; ".join(reference)), reference, options)


@pytest.fixture
def example():
    """Make an example: ``example(task, context row, reference, item=, options=, number=)``."""
    return make


@pytest.fixture
def examples(contexts):
    """Four contexts, each asked all four measured questions and one unmeasured."""
    made = []
    for row, context in enumerate(contexts):
        candidates = ("i4", "i6", "i7", "i8", "i9")
        made += [
            make("retrieval", row, (f"i{10 + row}",)),
            make("ranking", row, candidates, options=candidates[::-1]),
            make("interest", row, ("Yes",), item="i15", number=0),
            make("interest", row, ("No",), item="i4", number=1),
            make("reconstruction", row, context.history),
            make("unmeasured", row, ()),
        ]
    return made
