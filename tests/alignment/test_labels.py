"""Labels on contexts against the target itself, by brute force."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from recexplainer.alignment.history_reconstruction import HistoryReconstruction
from recexplainer.alignment.interest_classification import InterestClassification, InterestOptions
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval, RetrievalOptions
from recexplainer.records import HistorySlot, ItemSlot

TASKS = [NextItemRetrieval, ItemRanking, InterestClassification, HistoryReconstruction]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def by_context(examples, asked):
    """Pair every example with the context that its history slot points at."""
    context_of = dict(zip(asked.rows, asked.contexts, strict=True))
    for example in examples:
        (slot,) = [part for part in example.turns[0].content if isinstance(part, HistorySlot)]
        yield context_of[slot.context], example


def test_retrieval_answers_with_fs_first_unseen_item(world, asked, rng, unseen_order):
    examples = list(NextItemRetrieval().on_contexts(asked, rng))
    assert len(examples) == len(asked.contexts)
    for context, example in by_context(examples, asked):
        favorite = unseen_order(context)[0]
        assert example.reference == (favorite,)
        assert example.answer == world.catalogue.title(favorite)


def test_ranking_answers_in_fs_order_of_five_unseen_items(world, asked, rng, unseen_order):
    offered_first = 0
    examples = list(ItemRanking().on_contexts(asked, rng))
    assert len(examples) == len(asked.contexts)
    for context, example in by_context(examples, asked):
        order = unseen_order(context)
        assert len(set(example.options)) == 5
        assert list(example.reference) == sorted(example.options, key=order.index)
        assert example.answer == "; ".join(map(world.catalogue.title, example.reference))
        slots = [part.item for part in example.turns[0].content if isinstance(part, ItemSlot)]
        assert tuple(slots) == example.options
        offered_first += example.options[0] == example.reference[0]
    assert 0.1 < offered_first / len(examples) < 0.3, "candidates come in random order"


def test_ranking_draws_its_candidates_from_all_unseen_items(asked, rng, unseen_order):
    places = [
        unseen_order(context).index(item) / len(unseen_order(context))
        for context, example in by_context(ItemRanking().on_contexts(asked, rng), asked)
        for item in example.options
    ]
    assert abs(np.mean(places) - 0.5) < 0.05
    assert min(places) < 0.05
    assert max(places) > 0.9


def test_interest_is_yes_in_the_top_fifth_and_no_in_the_last_half(asked, rng, unseen_order):
    examples = list(InterestClassification().on_contexts(asked, rng))
    labels = [example.reference[0] for example in examples]
    assert labels.count("Yes") == labels.count("No") == len(asked.contexts)
    assert 0.3 < np.mean([label == "Yes" for label in labels[::2]]) < 0.7, "in random order"
    for context, example in by_context(examples, asked):
        (slot,) = [part for part in example.turns[0].content if isinstance(part, ItemSlot)]
        order = unseen_order(context)
        rank = order.index(slot.item) + 1
        if example.reference == ("Yes",):
            assert rank <= 0.2 * len(order)
        else:
            assert rank > 0.5 * len(order)


@pytest.mark.parametrize("task", [ItemRanking, InterestClassification])
def test_a_target_that_tells_nothing_apart_teaches_no_preference(task, asked, rng):
    scores = np.where(np.isfinite(asked.scores), np.float32(0.5), -np.inf).astype(np.float32)
    assert list(task().on_contexts(replace(asked, scores=scores), rng)) == []


def test_of_equal_favourites_each_is_drawn_about_as_often(asked):
    """Wherever they stand in the catalogue."""
    scores = np.where(np.isfinite(asked.scores), np.float32(0.5), -np.inf).astype(np.float32)
    drawn = [
        example.reference[0]
        for seed in range(20)
        for example in NextItemRetrieval().on_contexts(
            replace(asked, scores=scores), np.random.default_rng(seed)
        )
    ]
    rows = asked.catalogue.rows(drawn)
    assert np.mean(rows) == pytest.approx(29.5, abs=2.5)
    assert len(set(rows)) == len(asked.catalogue)


def test_items_to_be_ranked_never_share_a_score(asked, rng):
    """Six values for sixty items: five drawn at random would nearly always share one."""
    steps = np.random.default_rng(0).integers(0, 6, asked.scores.shape).astype(np.float32)
    scores = np.where(np.isfinite(asked.scores), steps, np.float32(-np.inf))
    told = replace(asked, scores=scores)
    examples = list(ItemRanking().on_contexts(told, rng))
    assert len(examples) == len(asked.contexts)
    places = {context.id: place for place, context in enumerate(asked.contexts)}
    for context, example in by_context(examples, asked):
        own = scores[places[context.id], asked.catalogue.rows(example.reference)]
        assert len(own) == 5
        assert (np.diff(own) < 0).all()
        assert set(example.options) == set(example.reference)


def test_equals_across_a_border_get_no_label(asked, rng):
    """Three in ten share the highest score: the top fifth does not hold them. Two values in all."""
    scores = np.full((1, 60), 1.0, dtype=np.float32)
    scores[0, :18] = 2.0
    one = replace(asked, contexts=asked.contexts[:1], rows=[0], scores=scores)
    assert list(InterestClassification().on_contexts(one, rng)) == []
    scores[0, 40:] = 0.0
    assert list(InterestClassification().on_contexts(one, rng)) == []  # liked: none
    scores[0, 6:18] = 1.5
    labels = {e.reference[0]: e for e in InterestClassification().on_contexts(one, rng)}
    assert set(labels) == {"Yes", "No"}
    slots = {
        label: next(part.item for part in e.turns[0].content if isinstance(part, ItemSlot))
        for label, e in labels.items()
    }
    assert asked.catalogue.row(slots["Yes"]) < 6
    assert asked.catalogue.row(slots["No"]) >= 40


def test_a_ranking_puts_equals_in_an_order_of_the_context(asked):
    scores = np.where(np.isfinite(asked.scores), np.float32(1), -np.inf).astype(np.float32)
    scores[:, 30:] += 1
    seeded = replace(asked, scores=scores, tie_order=np.random.default_rng(0).permutation(60))
    firsts = []
    for place, row in enumerate(scores):
        order = seeded.ranking(place)
        assert sorted(order) == np.flatnonzero(np.isfinite(row)).tolist()
        assert (np.diff(row[order]) <= 0).all()
        assert seeded.ranking(place, 3).tolist() == order[:3].tolist()
        firsts.append(int(order[0]))
    assert len(set(firsts)) > 20
    assert np.mean(firsts) == pytest.approx(44.5, abs=3)


def test_history_is_told_latest_first_and_not_shown(world, asked, rng):
    for context, example in by_context(HistoryReconstruction().on_contexts(asked, rng), asked):
        assert example.reference == context.history
        assert example.answer == "; ".join(map(world.catalogue.title, context.history[::-1]))
        assert all(
            part.vector_only for part in example.turns[0].content if hasattr(part, "context")
        )


@pytest.mark.parametrize("task", TASKS[:3])
def test_nothing_that_came_before_is_an_answer(task, world, asked, rng):
    for context, example in by_context(task().on_contexts(asked, rng), asked):
        before = set(world.histories[context.user][: context.end])
        slots = {part.item for part in example.turns[0].content if isinstance(part, ItemSlot)}
        assert not before & (slots | set(example.reference))


@pytest.mark.parametrize("task", TASKS)
def test_the_same_context_gets_the_same_examples_alone_or_in_company(task, asked):
    together = list(task().on_contexts(asked, np.random.default_rng(5)))
    alone = []
    for position in range(len(asked.contexts)):
        here = slice(position, position + 1)
        part = replace(
            asked,
            contexts=asked.contexts[here],
            rows=list(asked.rows)[here],
            scores=asked.scores[here],
        )
        alone += task().on_contexts(part, np.random.default_rng(5))
    assert alone == together


@pytest.mark.parametrize("task", TASKS)
def test_another_seed_draws_otherwise(task, asked):
    first, second = (list(task().on_contexts(asked, np.random.default_rng(s))) for s in (1, 2))
    assert [example.turns for example in first] != [example.turns for example in second]


@pytest.mark.parametrize(("task", "left"), [(NextItemRetrieval, 0), (ItemRanking, 4)])
def test_contexts_with_too_few_unseen_items_are_passed_over(task, left, asked, rng):
    scores = asked.scores.copy()
    scores[0, np.argsort(-scores[0])[left:]] = -np.inf
    examples = task().on_contexts(replace(asked, scores=scores), rng)
    assert len(list(examples)) == len(asked.contexts) - 1


def test_an_empty_history_cannot_be_told(asked, rng):
    contexts = [replace(asked.contexts[0], history=()), *asked.contexts[1:]]
    examples = HistoryReconstruction().on_contexts(replace(asked, contexts=contexts), rng)
    assert len(list(examples)) == len(contexts) - 1


def test_retrieval_is_graded_by_place(world, asked, rng):
    task = NextItemRetrieval()
    example = next(task.on_contexts(asked, rng))
    wrong = "No such thing"
    answers = [wrong, wrong, f"  {example.answer.upper()} ", wrong, wrong]
    grades = task.grade(example, answers, world.catalogue)
    assert grades == {"hit@5": 1.0, "ndcg@5": pytest.approx(1 / math.log2(4))}
    sixth = task.grade(example, [wrong] * 5 + [example.answer], world.catalogue)
    assert sixth == {"hit@5": 0.0, "ndcg@5": 0.0}


def test_ranking_is_graded_with_the_papers_gains(world, asked, rng):
    task = ItemRanking()
    example = next(task.on_contexts(asked, rng))
    titles = [world.catalogue.title(item) for item in example.reference]
    swapped = "; ".join([titles[1], titles[0], *titles[2:]])
    discount = [1 / math.log2(place + 1) for place in range(1, 6)]
    ideal = 1000 * discount[0] + 100 * discount[1] + 10 * discount[2] + discount[3]
    gained = 100 * discount[0] + 1000 * discount[1] + 10 * discount[2] + discount[3]
    grades = task.grade(example, [swapped], world.catalogue)
    assert grades == {"ndcg@5": pytest.approx(gained / ideal), "kendall_tau": pytest.approx(0.8)}


@pytest.mark.parametrize(
    ("answer", "value"), [("{}", 1.0), (" {}, because", 1.0), ("Perhaps", 0.0)]
)
def test_interest_is_graded_by_the_first_word(world, asked, rng, answer, value):
    task = InterestClassification()
    example = next(task.on_contexts(asked, rng))
    answers = [answer.format(example.reference[0].lower())]
    assert task.grade(example, answers, world.catalogue) == {"accuracy": value}


def test_history_is_graded_by_coverage(world, asked, rng):
    task = HistoryReconstruction()
    example = max(task.on_contexts(asked, rng), key=lambda example: len(example.reference))
    first = world.catalogue.title(example.reference[0])
    count = len(set(example.reference))
    repeated = task.grade(example, ["; ".join([first] * count)], world.catalogue)
    assert repeated == {"history_coverage": pytest.approx(1 / count)}
    whole = task.grade(example, [example.answer], world.catalogue)
    assert whole == {"history_coverage": 1.0}


def test_soft_retrieval_shares_the_label_among_the_first_items(asked, rng, unseen_order):
    hard = list(NextItemRetrieval().on_contexts(asked, np.random.default_rng(3)))
    soft = list(NextItemRetrieval(RetrievalOptions(softness=0.5)).on_contexts(asked, rng))
    assert [replace(example, liked=()) for example in soft] == hard
    for context, example in by_context(soft, asked):
        items, shares = zip(*example.liked, strict=True)
        scores = asked.scores[asked.contexts.index(context)]
        unseen = scores[np.isfinite(scores)]
        of = dict(zip(asked.catalogue.ids, scores, strict=True))
        assert sum(shares) == pytest.approx(1)
        assert set(items) == set(unseen_order(context)[: len(items)])
        assert len(items) == min(32, len(unseen))
        for item, share in example.liked[1:]:  # the odds against the first item
            odds = math.exp((of[items[0]] - of[item]) / (0.5 * unseen.std()))
            assert shares[0] / share == pytest.approx(odds, rel=1e-3)


def of_yes(example):
    """The share of Yes that an example teaches; that of No is the rest."""
    (yes, share), (no, rest) = example.label_shares
    assert (yes, no) == ("Yes", "No")
    assert share + rest == pytest.approx(1)
    return share


def test_soft_decisions_share_the_label_by_score(asked, rng, unseen_order):
    """The shares against the target's own scores: .88 at the lowest Yes, .12 at the highest No."""
    hard = list(InterestClassification().on_contexts(asked, np.random.default_rng(3)))
    soft = list(InterestClassification(InterestOptions(softness=0.5)).on_contexts(asked, rng))
    assert {example.id for example in soft if example.reference} < {one.id for one in hard}
    for context, example in by_context(soft, asked):
        order = unseen_order(context)
        of = dict(
            zip(asked.catalogue.ids, asked.scores[asked.contexts.index(context)], strict=True)
        )
        yes, no = of[order[len(order) // 5 - 1]], of[order[len(order) - len(order) // 2]]
        (item,) = [part.item for part in example.turns[0].content if isinstance(part, ItemSlot)]
        odds = math.exp(2 * (of[item] - (yes + no) / 2) / ((yes - no) / 2))
        assert of_yes(example) == pytest.approx(odds / (1 + odds), rel=1e-4, abs=1e-12)
        if example.reference:
            bound = 0.88 if example.reference == ("Yes",) else 0.12
            assert (of_yes(example) >= bound) == (example.answer == "Yes")


def test_a_part_of_soft_decisions_is_about_items_in_between(asked, rng, unseen_order):
    task = InterestClassification(InterestOptions(softness=0.5))
    examples = list(task.on_contexts(asked, rng))
    assert len({example.id for example in examples}) == len(examples) == 2 * len(asked.contexts)
    between = [pair for pair in by_context(examples, asked) if not pair[1].reference]
    assert 0.1 < len(between) / len(examples) < 0.3
    for context, example in between:
        order = unseen_order(context)
        (item,) = [part.item for part in example.turns[0].content if isinstance(part, ItemSlot)]
        assert len(order) // 5 <= order.index(item) < len(order) - len(order) // 2
        assert 0.11 < of_yes(example) < 0.89
        assert example.answer == ("Yes" if of_yes(example) >= 0.5 else "No")


def test_what_is_measured_is_decided(asked):
    """Held-out moments are asked the same questions, whatever is learned."""
    moments = [replace(context, split="leave_one_out") for context in asked.contexts]
    held_out = replace(asked, contexts=moments)
    soft = InterestClassification(InterestOptions(softness=0.5))
    found, hard = (
        list(task.on_contexts(held_out, np.random.default_rng(3)))
        for task in (soft, InterestClassification())
    )
    assert [replace(example, label_shares=()) for example in found] == hard
