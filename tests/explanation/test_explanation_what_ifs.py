"""What-ifs of a language model are put to f before a reader sees them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.checks.what_ifs import settle_what_ifs
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle, Standing, oracle_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Explanation


@pytest.fixture
def kit(linear, plain_catalogue):
    return ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))


@pytest.fixture
def settled(kit):
    """Returns the text, with claims as read, after f has been asked."""
    reader = ClaimReader(kit.catalogue)

    def settle(case, text):
        reading = reader.read(text, case)
        written = Explanation(
            case=case.id,
            explainer="e",
            text=text,
            decision=reading.decision,
            cited=reading.cited,
            claims=reading.claims,
        )
        (after,) = settle_what_ifs([written], [case], oracle_of(kit), reader)
        assert reader.read(after.text, case) == (after.decision, after.cited, after.claims)
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
    """Return the history items without which f decides otherwise, and the others."""
    decisive = [
        item
        for item in case.history
        if Standing(rank_without(kit, case, item)[1] - 1, 0, case.candidates).decision
        != case.decision
    ]
    return decisive, [item for item in case.history if item not in decisive]


@pytest.fixture
def mixed(kit, linear_cases):
    """Cases that f decides, some items of which are decisive and some not."""
    found = [case for case in linear_cases if case.decision and all(split(kit, case))]
    assert {case.decision for case in found} == {"Yes", "No"}
    return found


def sentence(kit, case, item):
    outcome = "recommended" if case.decision == "Yes" else "rejected"
    return f"Without “{kit.catalogue.title(item)}” it would not be {outcome}"


def test_what_f_bears_out_gets_rank_and_score_before_and_after(kit, mixed, settled):
    for case in mixed:
        (item, *_), _ = split(kit, case)
        score, rank = rank_without(kit, case, item)
        claim = sentence(kit, case, item)
        after = settled(case, f"{case.decision}. So it is. {claim}. That is all.")
        assert f"{case.decision}. So it is. {claim} (rank {case.rank} to {rank}, " in after.text
        numbers = re.search(r"score (\S+) to (\S+)\)\. That is all\.$", after.text)
        assert [float(number) for number in numbers.groups()] == pytest.approx(
            [case.score, float(score)], abs=1e-2
        )


def test_what_f_does_not_bear_out_is_left_out(kit, mixed, settled):
    for case in mixed:
        _, (item, *_) = split(kit, case)
        after = settled(case, f"{case.decision}. So it is. {sentence(kit, case, item)}. The end.")
        assert after.text == f"{case.decision}. So it is. The end."
        assert after.cited == ()
        assert after.decision == case.decision


def test_all_that_is_left_holds_when_it_is_checked(kit, mixed, settled):
    texts = []
    for case in mixed:
        stated = [f"{sentence(kit, case, item)}." for item in case.history[:4]]
        texts.append(settled(case, f"{case.decision}. {' '.join(stated)}"))
    checked = check_explanations(texts, mixed, Oracle(kit.target, kit.catalogue), seed=0)
    validity = [one.check("counterfactual_validity") for one in checked]
    assert set(validity) == {1.0, None}
    kept = sum(claim.kind == "counterfactual" for one in checked for claim in one.claims)
    true = sum(len(set(split(kit, case)[0]) & set(case.history[:4])) for case in mixed)
    assert kept == true > 20


def test_a_title_that_is_not_in_the_history_is_left_out(kit, mixed, settled):
    case = mixed[0]
    stranger = next(i for i in kit.catalogue.ids if i not in (*case.history, case.item))
    after = settled(case, f"{case.decision}. {sentence(kit, case, stranger)}.")
    assert after.text == f"{case.decision}."


def test_a_sentence_that_holds_the_decision_is_kept_and_fails(kit, mixed, settled):
    case = mixed[0]
    _, (item, *_) = split(kit, case)
    for text in (f"{case.decision}: {sentence(kit, case, item)}.", sentence(kit, case, item)):
        after = settled(case, text)
        assert after.text == text
        (checked,) = check_explanations([after], [case], Oracle(kit.target, kit.catalogue), seed=0)
        assert checked.check("counterfactual_validity") == 0.0


def test_a_text_without_what_ifs_stays_and_costs_no_question(kit, mixed, settled):
    case = mixed[0]
    asked = len(kit.target.asked)
    text = f"{case.decision}. Its score owes most to “{kit.catalogue.title(case.history[0])}”."
    assert settled(case, text).text == text
    assert len(kit.target.asked) == asked


def test_titles_that_end_like_sentences_do_not_cut_one(films, film_case, linear, kit):
    linear.catalogue = films
    linear.weights = np.zeros((len(films), len(films)), dtype=np.float32)
    linear.weights[films.row("thing"), films.row("fargo")] = 1.0
    reader = ClaimReader(films)
    text = "Yes. Without “That Thing You Do!” it would not be recommended. It fits."
    reading = reader.read(text, film_case)
    written = Explanation(
        case=film_case.id, explainer="e", text=text, decision="Yes", claims=reading.claims
    )
    own = ExplainerKit(films, linear, np.zeros(len(films), dtype=np.int64))
    (after,) = settle_what_ifs([written], [film_case], oracle_of(own), reader)
    head = "Yes. Without “That Thing You Do!” it would not be recommended (rank 1 to "
    assert after.text.startswith(head)
    assert after.text.endswith("). It fits.")
