"""What is mended, left out and added, against what the target answers."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.mended_text import Mender
from recexplainer.explanation.explainers.reasons import Surroundings
from recexplainer.oracle import Oracle, Standing, oracle_of, pulls_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Written


@pytest.fixture
def kit(linear, plain_catalogue):
    return ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))


@pytest.fixture
def settled(kit):
    """Returns the text after the target has been asked."""
    reader = ClaimReader(kit.catalogue)

    def settle(case, text):
        read = account_of(Written(case=case.id, explainer="e", text=text), case, reader)
        (after,) = Mender(oracle_of(kit), reader, kit, 3).settled([read], [case])
        return after

    return settle


def rank_without(kit, case, removed):
    """Return the score and rank once ``removed`` is left out, summed by hand."""
    rows = kit.catalogue.rows([item for item in case.history if item != removed])
    scores = kit.target.weights[rows].sum(axis=0)
    own = scores[kit.catalogue.row(case.item)]
    unseen = [item for item in kit.catalogue.ids if item not in case.history]
    return own, 1 + sum(scores[kit.catalogue.row(other)] > own for other in unseen)


def split(kit, case):
    """Return the history items without which the target decides otherwise, and the others."""

    def decision(item):
        return Standing(int(rank_without(kit, case, item)[1]) - 1, 0, case.candidates).decision

    decisive = [item for item in case.history if decision(item) != case.decision]
    return decisive, [item for item in case.history if item not in decisive]


@pytest.fixture
def mixed(kit, linear_cases):
    """Cases that the target decides, some items of which are decisive and some not."""
    found = [case for case in linear_cases if case.decision and all(split(kit, case))]
    assert {case.decision for case in found} == {"Yes", "No"}
    return found


def sentence(kit, case, item):
    outcome = "recommended" if case.decision == "Yes" else "rejected"
    return f"Without “{kit.catalogue.title(item)}” it would not be {outcome}"


def test_what_if_that_holds_gets_score_and_rank_before_and_after(kit, mixed, settled):
    for case in mixed:
        (item, *_), _ = split(kit, case)
        score, rank = rank_without(kit, case, item)
        stated = sentence(kit, case, item)
        after = settled(case, f"{case.decision}. So it is. {stated}. That is all.")
        numbers = re.search(
            rf"{re.escape(stated)} \(the score (?:falls|rises) from (\S+) to (\S+), "
            rf"rank {case.rank} to {rank}\)\. That is all\.$",
            after.text,
        )
        found = [float(number) for number in numbers.groups()]
        assert found == pytest.approx([case.score, float(score)], abs=1e-2)


def test_what_if_that_fails_is_left_out_and_counted(kit, mixed, settled):
    for case in mixed:
        _, (item, *_) = split(kit, case)
        after = settled(case, f"{case.decision}. So it is. {sentence(kit, case, item)}. The end.")
        assert after.text == f"{case.decision}. So it is. The end."
        assert after.left_out == 1


def test_a_sentence_that_holds_the_decision_is_kept(kit, mixed, settled):
    case = mixed[0]
    _, (item, *_) = split(kit, case)
    for text in (f"{case.decision}: {sentence(kit, case, item)}.", sentence(kit, case, item)):
        assert settled(case, text).text == text


def test_titles_that_end_like_sentences_do_not_cut_one(films, film_case, linear):
    linear.catalogue = films
    linear.weights = np.zeros((len(films), len(films)), dtype=np.float32)
    linear.weights[films.row("thing"), films.row("fargo")] = 1.0
    kit = ExplainerKit(films, linear, np.zeros(len(films), dtype=np.int64))
    reader = ClaimReader(films)
    text = "Yes. Without “That Thing You Do!” it would not be recommended. It fits."
    read = account_of(Written(case=film_case.id, explainer="e", text=text), film_case, reader)
    (after,) = Mender(oracle_of(kit), reader, kit, 3).settled([read], [film_case])
    head = "Yes. Without “That Thing You Do!” it would not be recommended (the score falls from 1 "
    assert after.text.startswith(head)
    assert after.text.endswith("). It fits.")


def test_two_items_that_matter_only_together_are_told(linear, plain_catalogue, linear_cases):
    """A target of pairs: the item's score is the number of pairs of a kind that the history has."""
    case = next(case for case in linear_cases if case.decision == "Yes")
    first, second = case.history[1], case.history[4]
    row = plain_catalogue.row(case.item)

    def scores(histories):
        found = np.zeros((len(histories), len(plain_catalogue)), dtype=np.float32)
        for place, history in enumerate(histories):
            found[place, row] = float(first in history or second in history)
            found[place, row - 1] = 0.5
        return found

    linear.scores = scores
    oracle = Oracle(linear, plain_catalogue)
    own = case.model_copy(update={"score": 1.0, "rank": 1})
    (pulls,) = pulls_of(oracle, [own])
    assert not pulls.strongest()
    pulling = [
        pair
        for pair in combinations(own.history, 2)
        if scores([[x for x in own.history if x not in pair]])[0, row] < 1.0
    ]
    assert pulling == [(first, second)]
    (told,) = Surroundings(oracle, None).sentences([pulls])
    titles = [plain_catalogue.title(item) for item in (first, second)]
    assert told.startswith(
        f"Together, “{titles[0]}” and “{titles[1]}” raise its score; neither does so alone. "
    )
    assert re.search(r"After an empty history the recommender ranks it \d+\w\w of 32\.$", told)


@pytest.mark.parametrize("end", ["", ".", "!"])
def test_a_bare_decision_ends_before_its_reason_begins(end, kit, linear_cases):
    reader = ClaimReader(kit.catalogue)
    case = next(case for case in linear_cases if case.decision)
    said = Written(case=case.id, explainer="e", text=f"{case.decision}{end}")
    mender = Mender(oracle_of(kit), reader, kit, 3)
    (opening,) = mender.openings([account_of(said, case, reader)], [case]).values()
    assert opening.startswith(f"{case.decision}{end or '.'} ")
    assert len(opening) > len(f"{case.decision}. ")


def by_hand(kit, case, removed):
    """Return the target's decision without ``removed``, from sums of its weights."""
    rows = kit.catalogue.rows([item for item in case.history if item not in removed])
    scores = kit.target.weights[rows].sum(axis=0)
    own = scores[kit.catalogue.row(case.item)]
    unseen = [item for item in kit.catalogue.ids if item not in case.history]
    ahead = sum(scores[kit.catalogue.row(other)] > own for other in unseen)
    return Standing(int(ahead), 0, case.candidates).decision


def fewest(kit, case):
    """Return the size of the smallest removals that change the decision, up to two, and these."""
    for size in (1, 2):
        found = [
            some
            for some in combinations(case.history, size)
            if by_hand(kit, case, some) != case.decision
        ]
        if found:
            return size, found
    return 0, []


def test_a_text_that_holds_is_completed_by_the_fewest_items_that_decide(kit, linear_cases):
    reader = ClaimReader(kit.catalogue)
    mender = Mender(oracle_of(kit), reader, kit, 3)
    decided = [case for case in linear_cases if case.decision]
    texts = [
        account_of(Written(case=case.id, explainer="e", text=f"{case.decision}"), case, reader)
        for case in decided
    ]
    sizes = []
    for case, text in zip(decided, mender.with_what_ifs(texts, decided, 2), strict=True):
        size, removals = fewest(kit, case)
        if not size:
            continue
        sizes.append(size)
        assert text.completed == 1
        opening, said = text.text.split(" ", 1)
        assert opening == f"{case.decision}."
        named = reader.read(said, case)
        (claim,) = [one for one in named.claims if one.kind == "counterfactual"]
        assert tuple(item for item in case.history if item in claim.items) in removals
    assert sizes
    assert 1 in sizes


def test_no_what_if_is_added_to_a_text_that_has_one_or_does_not_hold(kit, mixed):
    reader = ClaimReader(kit.catalogue)
    mender = Mender(oracle_of(kit), reader, kit, 3)
    for case in mixed:
        (item, *_), _ = split(kit, case)
        other = "No" if case.decision == "Yes" else "Yes"
        for words in (f"{case.decision}. {sentence(kit, case, item)}.", f"{other}."):
            text = account_of(Written(case=case.id, explainer="e", text=words), case, reader)
            assert mender.with_what_ifs([text], [case], 2) == [text]
