"""The toy world is what it says: its right answers are known by construction."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recexplainer.errors import UnknownNameError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.judging import offline
from recexplainer.plugins.interfaces import JudgeKit, TargetKit
from recexplainer.records import HistorySlot, ItemSlot, SilentProgress, Text, ask
from recexplainer.testing import (
    EchoSpeaker,
    LinearTarget,
    successor,
    toy_asked,
    toy_cases,
    toy_log,
    toy_popularity,
    toy_target,
    toy_training,
)
from recexplainer.testing.known_explanations import hollow_pairs, sound_pairs


@pytest.fixture(scope="module")
def log():
    return toy_log()


@pytest.fixture(scope="module")
def target(log):
    target = LinearTarget(TargetKit(log.catalogue, max_history=5))
    target.fit(toy_training(log), SilentProgress())
    return target


def test_every_user_walks_one_cycle(log):
    for history in log.histories.values():
        assert len({item.split("-")[0] for item in history}) == 1
        assert all(successor(one) == other for one, other in pairwise(history))
        assert len(set(history)) == len(history)


def test_successors_close_the_cycle():
    item = "blue-0"
    seen = [item]
    while (item := successor(item)) != "blue-0":
        seen.append(item)
    assert seen == [f"blue-{place}" for place in range(10)]


def test_some_items_are_more_popular(log):
    counts = dict.fromkeys(log.catalogue.ids, 0)
    for history in toy_training(log).histories.values():
        for item in history:
            counts[item] += 1
    assert len(set(counts.values())) > 1
    assert min(counts.values()) > 0


def test_training_keeps_the_last_two_items_back(log):
    training = toy_training(log)
    for user, history in log.histories.items():
        assert (*training.histories[user], training.validation[user], history[-1]) == history


def test_the_linear_target_recommends_the_successor(log, target):
    for history in log.histories.values():
        scores = target.scores([history[:-1]])[0].copy()
        scores[log.catalogue.rows(history[:-1])] = -np.inf
        assert log.catalogue.ids[int(scores.argmax())] == history[-1]


def test_weights_are_the_counts_of_the_histories(log, target):
    """Brute force over pairs of places, for one item."""
    source, appearances, expected = "red-2", 0, dict.fromkeys(log.catalogue.ids, 0.0)
    for history in toy_training(log).histories.values():
        for place, item in enumerate(history):
            if item != source:
                continue
            appearances += 1
            for later in range(place + 1, len(history)):
                expected[history[later]] += 1.0 if later == place + 1 else LinearTarget.TOGETHER
    row = target.weights[log.catalogue.row(source)]
    assert row == pytest.approx([expected[i] / appearances for i in log.catalogue.ids])


def test_contributions_are_what_removal_takes_away(log, target):
    history = list(log.histories["user-green-4-0"][:4])
    whole = target.scores([history])[0]
    for place, given in enumerate(target.contributions(history)):
        without = target.scores([history[:place] + history[place + 1 :]])[0]
        assert whole - without == pytest.approx(given, abs=1e-6)


def test_the_linear_target_names_an_unknown_item_and_a_near_one(target):
    with pytest.raises(UnknownNameError, match=r"'red-11'.*red-1"):
        target.scores([["red-1", "red-11"]])


def test_asked_hides_what_was_seen_and_nothing_else(log, target):
    asked = toy_asked(log, target)
    for row, context in enumerate(asked.contexts):
        hidden = {log.catalogue.ids[i] for i in np.flatnonzero(np.isinf(asked.scores[row]))}
        assert hidden == set(log.histories[context.user][: context.end])
    assert len(asked.contexts[0].history) == 1


def test_cases_are_in_turn_the_favorite_and_the_last(log, target):
    cases = toy_cases(log, target, count=4)
    assert [case.decision for case in cases] == ["Yes", "No", "Yes", "No"]
    for case in cases:
        assert case.rank == (1 if case.decision == "Yes" else case.candidates)
        assert case.item not in case.history
        row = target.scores([case.history])[0]
        assert case.score == pytest.approx(row[log.catalogue.row(case.item)])
    assert cases[2].item == successor(cases[2].history[-1])


def test_popularity_is_counted_in_training_histories(log):
    walks = [history[:-2] for history in log.histories.values()]
    expected = [sum(walk.count(item) for walk in walks) for item in log.catalogue.ids]
    assert toy_popularity(log).tolist() == expected


def test_a_sound_explanation_names_what_f_loses_most_without_or_that_it_loses_nothing(log):
    target = toy_target(log)
    for case, explanation in sound_pairs(log):
        row = log.catalogue.row(case.item)
        whole = target.scores([case.history])[0, row]
        lost = {
            item: whole - target.scores([[one for one in case.history if one != item]])[0, row]
            for item in case.history
        }
        reasons = [one for one in explanation.claims if one.kind in ("reason", "no_cause")]
        assert explanation.decision == case.decision
        if case.decision == "Yes":
            assert [lost[item] for one in reasons for item in one.items] == [max(lost.values())]
        else:
            assert [one.kind for one in reasons] == ["no_cause"]
            assert min(lost.values()) >= 0
        assert explanation.check("true_as_read") == 1


def test_a_hollow_explanation_says_the_opposite_and_cites_nothing(log):
    reader = ClaimReader(log.catalogue)
    for case, explanation in hollow_pairs(sound_pairs(log)):
        assert {explanation.decision, case.decision} == {"Yes", "No"}
        assert reader.read(explanation.text, case)[:2] == (explanation.decision, ())
        assert explanation.cited == ()
        assert explanation.check("decision_agreement") == 0


def test_the_rules_give_sound_explanations_the_best_grade_and_hollow_ones_the_worst(log):
    judge = offline.build(offline.OfflineOptions(), JudgeKit(log.catalogue))
    sound = sound_pairs(log)
    assert {verdict.grade for verdict in judge.grade(sound)} == {4}
    assert {verdict.grade for verdict in judge.grade(hollow_pairs(sound))} == {1}


class TestEchoSpeaker:
    @pytest.fixture
    def question(self):
        prompt = (Text("Yes or no, yes? "), HistorySlot(1), Text(" then "), ItemSlot("blue-3"))
        return ask(prompt, "unused")[:-1]

    def test_free_answers_are_the_question_with_titles(self, log, target, question):
        contexts = toy_asked(log, target).contexts
        (answers,) = EchoSpeaker(log.catalogue).answer([question], contexts, max_new_tokens=500)
        titles = ", ".join(map(log.catalogue.title, contexts[1].history))
        assert answers == (f"Yes or no, yes? {titles} then Blue Stone No. 3",)

    def test_answers_end_at_the_limit_and_beams_differ(self, log, target, question):
        contexts = toy_asked(log, target).contexts
        (answers,) = EchoSpeaker(log.catalogue).answer(
            [question], contexts, max_new_tokens=3, beams=2
        )
        assert answers == ("Yes or no,", "Yes or")

    def test_constrained_answers_are_distinct_titles(self, log, target, question):
        contexts = toy_asked(log, target).contexts
        count = len(contexts[1].history) + 3
        (answers,) = EchoSpeaker(log.catalogue).answer(
            [question], contexts, max_new_tokens=9, beams=count, constrained=True
        )
        assert len(set(answers)) == count
        assert set(answers) <= set(log.catalogue.titles)
        assert answers[0] == log.catalogue.title(contexts[1].history[0])
        assert "Blue Stone No. 3" in answers

    def test_likelihoods_follow_the_counts_of_the_labels(self, log, target, question):
        contexts = toy_asked(log, target).contexts
        speaker = EchoSpeaker(log.catalogue)
        (likelihoods,) = speaker.likelihoods([question], contexts, [["Yes", "Maybe"]])
        assert np.exp(likelihoods) == pytest.approx([3 / 4, 1 / 4])
