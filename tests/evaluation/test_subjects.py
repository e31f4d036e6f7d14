import itertools

import numpy as np
import pytest

from recexplainer.evaluation import PopularitySubject, RandomSubject, SpeakerSubject
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.records import Example, ItemSlot, Text, ask


def one(subject, example, contexts, kind, *, constrained=False):
    return subject.answer([example], contexts, kind=kind, constrained=constrained)[0]


class Model:
    """A speaker that notes how it is asked; its labels' likelihoods are their lengths."""

    name = "model"

    def __init__(self):
        self.asked = []

    def answer(
        self, questions, contexts, *, max_new_tokens, beams=1, constrained=False, distinct=False
    ):
        self.asked.append((len(questions), max_new_tokens, beams, constrained, distinct))
        return [tuple(f"answer {beam}" for beam in range(beams)) for _ in questions]

    def orders(self, questions, contexts, offered, *, max_new_tokens):
        self.asked.append((len(questions), offered, max_new_tokens))
        return [Orders("said freely", "; ".join(items)) for items in offered]

    def likelihoods(self, questions, contexts, labels):
        self.asked.append((len(questions), labels))
        return [np.array([len(label) for label in offered], np.float32) for offered in labels]


class TestSpeaker:
    def test_kept_to_what_is_offered_it_orders_that(self, example, contexts):
        model, offered = Model(), ("i4", "i2", "i9")
        asked = example("t", 0, ("i2", "i4", "i9"), options=offered)
        subject = SpeakerSubject("m", model, max_new_tokens={"order": 8})
        assert one(subject, asked, contexts, "order") == ("said freely",)
        assert one(subject, asked, contexts, "order", constrained=True) == ("i4; i2; i9",)
        assert model.asked == [(1, [offered], 8)]  # the two together
        other = SpeakerSubject("m", model, max_new_tokens={"order": 8})  # as after a kill
        assert one(other, asked, contexts, "order", constrained=True) == ("i4; i2; i9",)

    @pytest.mark.parametrize(
        ("kind", "constrained", "asked"),
        [
            ("item", False, (1, 7, 5, False, False)),
            ("item", True, (1, 7, 5, True, False)),
            ("order", False, (1, 8, 1, False, True)),
            ("list", False, (1, 9, 1, False, True)),
        ],
    )
    def test_one_title_by_beams_and_several_greedily(
        self, example, contexts, kind, constrained, asked
    ):
        model = Model()
        subject = SpeakerSubject("hybrid", model, max_new_tokens={"item": 7, "order": 8, "list": 9})
        answer = one(subject, example("t", 0, ("i1",)), contexts, kind, constrained=constrained)
        assert model.asked == [asked]
        assert len(answer) == asked[2]

    def test_labels_by_likelihood_in_the_examples_order(self, example, contexts):
        model = Model()
        asked = [
            example("t", 0, ("Yes",)),
            example("t", 1, ("b",), options=("ccc", "b", "aaaa")),
            example("t", 2, ("No",)),
            example("t", 3, ("b",), options=("dd", "ee")),
        ]
        answers = SpeakerSubject("m", model).answer(
            asked, contexts, kind="label", constrained=False
        )
        # Of the equally likely last two labels, the first offered wins.
        assert answers == [("Yes",), ("aaaa",), ("Yes",), ("dd",)]
        assert [count for count, _ in model.asked] == [4]


class TestRandom:
    def test_answers_five_different_unseen_titles(self, example, contexts, catalogue):
        subject = RandomSubject(catalogue, seed=0)
        for number in range(100):
            answers = one(subject, example("t", 3, ("i0",), number=number), contexts, "item")
            ids = {catalogue.id_of_title[title] for title in answers}
            assert len(ids) == 5
            assert not ids & set(contexts[3].history)

    def test_every_unseen_title_is_equally_likely(self, example, contexts, catalogue):
        subject = RandomSubject(catalogue, seed=0)
        asked = [example("t", 3, ("i0",), number=number) for number in range(4000)]
        answers = subject.answer(asked, contexts, kind="item", constrained=False)
        counts = [sum(title in answer for answer in answers) for title in catalogue.titles]
        unseen = [count for row, count in enumerate(counts) if row not in {1, 2, 18, 19}]
        # 5 of 16 titles: 1250 each, standard deviation 29.
        assert np.allclose(unseen, 1250, atol=4 * 29)

    def test_every_order_of_the_offered_titles_occurs(self, example, contexts, catalogue):
        subject = RandomSubject(catalogue, seed=1)
        options = ("i3", "i5", "i7")
        asked = [example("t", 0, options, options=options, number=n) for n in range(600)]
        answers = subject.answer(asked, contexts, kind="order", constrained=False)
        counts = {answer: answers.count(answer) for answer in answers}
        orders = itertools.permutations(["Title 3", "Title 5", "Title 7"])
        assert set(counts) == {("; ".join(order),) for order in orders}
        assert min(counts.values()) > 60

    def test_labels_are_right_half_of_the_time(self, example, contexts, catalogue):
        asked = [example("t", 0, (("Yes", "No")[n % 2],), number=n) for n in range(2000)]
        answers = RandomSubject(catalogue, seed=0).answer(
            asked, contexts, kind="label", constrained=False
        )
        right = sum(a[0] == e.reference[0] for a, e in zip(answers, asked, strict=True))
        assert right / 2000 == pytest.approx(0.5, abs=0.045)  # 4 standard deviations

    def test_a_list_is_as_long_as_the_history(self, example, contexts, catalogue):
        (text,) = one(RandomSubject(catalogue, 0), example("t", 3, ()), contexts, "list")
        titles = text.split("; ")
        assert len(set(titles)) == 4
        assert set(titles) <= set(catalogue.titles)

    @pytest.mark.parametrize("kind", ["item", "order", "label", "list"])
    def test_the_batch_and_the_decoding_change_nothing_but_the_seed_does(
        self, example, contexts, catalogue, kind
    ):
        options = ("Yes", "No") if kind == "label" else tuple(catalogue.ids[:8])
        asked = [example("t", 3, (), options=options, number=n) for n in range(40)]
        subject = RandomSubject(catalogue, seed=0)
        together = subject.answer(asked, contexts, kind=kind, constrained=False)
        alone = [one(subject, each, contexts, kind, constrained=True) for each in reversed(asked)]
        assert alone[::-1] == together
        other = RandomSubject(catalogue, seed=1).answer(
            asked, contexts, kind=kind, constrained=False
        )
        assert other != together


class TestPopularity:
    @pytest.fixture
    def subject(self, catalogue, popularity):
        return PopularitySubject(catalogue, popularity, seed=0)

    def test_the_five_most_popular_unseen(self, subject, example, contexts):
        answers = one(subject, example("t", 1, ("i0",)), contexts, "item")
        assert answers == ("Title 19", "Title 18", "Title 15", "Title 14", "Title 13")

    def test_offered_titles_by_popularity(self, subject, example, contexts):
        asked = example("t", 0, (), options=("i6", "i19", "i0", "i8"))
        assert one(subject, asked, contexts, "order") == ("Title 19; Title 8; Title 6; Title 0",)

    @pytest.mark.parametrize(("item", "label"), [("i19", "Yes"), ("i13", "Yes"), ("i12", "No")])
    def test_yes_for_the_top_35_percent(self, subject, example, contexts, item, label):
        # 35 % of 20 items are the seven from 13 to 19.
        assert one(subject, example("t", 0, (), item=item), contexts, "label") == (label,)

    def test_the_offered_spelling_and_the_first_label_otherwise(self, subject, example, contexts):
        asked = example("t", 0, (), item="i19", options=("No", "Yes"))
        assert one(subject, asked, contexts, "label") == ("Yes",)
        asked = example("t", 0, (), item="i19", options=("good", "bad"))
        assert one(subject, asked, contexts, "label") == ("good",)

    def test_the_most_popular_as_a_history(self, subject, example, contexts):
        assert one(subject, example("t", 1, ()), contexts, "list") == (
            "Title 19; Title 18; Title 17",
        )

    def test_equally_popular_items_have_an_order_of_the_seed(self, catalogue, example, contexts):
        asked = example("t", 2, (), options=("i9", "i2"))
        orders = [
            one(
                PopularitySubject(catalogue, np.zeros(20, dtype=np.int64), seed=seed),
                asked,
                contexts,
                "order",
            )
            for seed in range(20)
        ]
        assert set(orders) == {("Title 2; Title 9",), ("Title 9; Title 2",)}

    def test_an_example_without_a_context_has_no_history(self, subject, contexts):
        asked = Example("0", "t", ask([Text("which is "), ItemSlot("i1", vector_only=True)], "x"))
        assert one(subject, asked, contexts, "item")[0] == "Title 19"
        assert one(subject, asked, contexts, "list") == ("",)
