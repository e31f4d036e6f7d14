"""Each kind of claim about causes against what a linear target does, summed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.settlement import (
    is_true_as_read,
    settle_claims,
    untrue_words,
)
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.records import Claim, Context, Explanation, Written

HISTORY = ("alien", "heat", "usual", "star4", "thing", "it")
WEIGHTS = {"alien": 4.0, "heat": 3.0, "usual": 1.2, "star4": 0.5, "thing": 0.0, "it": -2.0}


@pytest.fixture
def world(films, linear):
    """Fargo after six films of known weight, far ahead of all others; so the target says Yes."""
    linear.catalogue = films
    linear.weights = np.zeros((len(films),) * 2, dtype=np.float32)
    for item, weight in WEIGHTS.items():
        linear.weights[films.row(item), films.row("fargo")] = weight
    context = Context("u", 6, HISTORY, "held_out_users")
    return Oracle(linear, films), make_case(Oracle(linear, films), context, "fargo")


def claim(kind, items=(), toward="Yes", text="x"):
    return Claim(kind=kind, text=text, start=0, end=1, real=True, items=tuple(items), toward=toward)


def settled(world, *claims, decision="Yes"):
    oracle, case = world
    text = Explanation(case=case.id, explainer="e", text="x", decision=decision, claims=claims)
    (found,) = settle_claims([text], [case], oracle, seed=0)
    return found


@pytest.mark.parametrize(
    ("kind", "items", "toward", "holds"),
    [
        ("direction", ["star4"], "Yes", True),  # it lifts a little, and that is all it says
        ("direction", ["thing"], "Yes", False),
        ("direction", ["it"], "Yes", False),
        ("direction", ["it"], "No", True),
        ("direction", ["alien"], "No", False),
        ("reason", ["alien"], "Yes", True),
        ("reason", ["heat"], "Yes", True),  # 3 is more than half of 4 and than the mean, 1.1
        ("reason", ["usual"], "Yes", False),  # 1.2 is less than half of 4
        ("reason", ["it"], "No", True),
        ("together", ["star4", "thing"], "Yes", True),
        ("together", ["usual", "it"], "Yes", False),  # 1.2 - 2.0
        ("together", ["usual", "it"], "No", True),
        ("strongest", ["alien"], "Yes", True),
        ("strongest", ["alien", "heat"], "Yes", True),
        ("strongest", ["heat", "alien"], "Yes", False),  # the first one named is the strongest
        ("strongest", ["alien", "usual"], "Yes", False),  # heat counts for more than usual
        ("strongest", ["it"], "No", True),
        ("strongest", ["thing"], "No", False),
        ("order", ["alien", "usual", "star4"], "Yes", True),
        ("order", ["usual", "heat"], "Yes", False),
        ("no_cause", [], "Yes", False),
        ("no_cause", [], "No", False),
    ],
)
def test_claims_about_items_are_what_the_sums_say(world, kind, items, toward, holds):
    (found,) = settled(world, claim(kind, items, toward)).claims
    assert found.real == holds
    assert found.detail


def test_no_cause_holds_where_no_single_item_pulls(world, films):
    oracle, case = world
    column = oracle.target.weights[:, films.row("fargo")]
    column[:] = -np.abs(column)
    again = (Oracle(oracle.target, films), case)
    assert settled(again, claim("no_cause", toward="Yes")).claims[0].real
    assert not settled(again, claim("no_cause", toward="No")).claims[0].real


def test_where_all_pull_alike_none_is_more_of_a_cause_than_others(world, films):
    oracle, case = world
    rng = np.random.default_rng(3)
    near = 1.0 + rng.uniform(-0.1, 0.1, len(HISTORY)).astype(np.float32)
    oracle.target.weights[films.rows(HISTORY), films.row("fargo")] = near
    again = (Oracle(oracle.target, films), case)
    found = settled(again, *(claim("reason", [item]) for item in HISTORY)).claims
    assert [one.real for one in found] == [bool(weight >= near.mean()) for weight in near]


def test_several_reasons_in_one_breath_have_the_strongest_among_them(world):
    reasons = [claim("reason", [item]) for item in ("heat", "alien")]
    both = settled(world, *reasons, claim("together", ["heat", "alien"]))
    assert all(one.real for one in both.claims)
    left = [claim("reason", [item]) for item in ("heat", "usual")]
    found = settled(world, *left, claim("together", ["heat", "usual"])).claims[-1]
    assert not found.real
    assert "Alien" in found.detail
    assert settled(world, claim("together", ["heat", "usual"])).claims[0].real  # no reasons


def test_an_attribute_is_a_reason_if_those_that_have_it_pull_more_than_others(world, films):
    # Horror: alien 4 and it -2; Crime: heat 3 and usual 1.2; Sci-Fi: alien 4 and star4 0.5.
    for value, total in {"Horror": 2.0, "Crime": 4.2, "Sci-Fi": 4.5}.items():
        having = [x for x in HISTORY if value in films.item(x).attributes["genre"]]
        assert sum(WEIGHTS[item] for item in having) == pytest.approx(total)
    # two others at random take 2.2 off on average, or more where the pair is small
    found = {
        value: settled(world, claim("relevance", text=value)).claims[0]
        for value in ("Crime", "Sci-Fi", "Western", "Comedy", "Dramas")
    }
    assert found["Sci-Fi"].real
    assert not found["Western"].real  # nobody has it
    assert not found["Comedy"].real  # only one that pulls nothing has it
    assert "no title of the history has it" in found["Dramas"].detail


def test_changes_below_the_noise_are_none(world, films):
    oracle, case = world
    oracle.target.weights[films.row("thing"), films.row("fargo")] = 1e-6
    again = (Oracle(oracle.target, films), case)
    assert not settled(again, claim("direction", ["thing"])).claims[0].real


def test_the_item_in_question_is_no_reason_for_itself(world):
    oracle, case = world
    own = (oracle, case.model_copy(update={"history": (*case.history, "fargo")}))
    for kind in ("direction", "together", "strongest"):
        found = settled(own, claim(kind, ["alien", "fargo"][-1 if kind == "direction" else 0 :]))
        assert not found.claims[0].real


def test_what_is_not_in_the_history_is_not_asked_about(world):
    made_up = claim("reason", ["nobody"]).model_copy(update={"real": False, "detail": "made up"})
    assert settled(world, made_up).claims == (made_up,)


@pytest.mark.parametrize(
    ("items", "outcome", "holds"),
    [
        (["alien", "heat", "usual", "star4"], "not recommended", True),  # only it: -2 is left
        (["thing"], "not recommended", False),
        (["it"], "recommended", True),
    ],
)
def test_what_ifs_are_put_to_the_target(world, items, outcome, holds):
    stated = claim("counterfactual", items).model_copy(update={"outcome": outcome})
    (found,) = settled(world, stated).claims
    assert found.real == holds
    assert found.detail.startswith("the score ")


def test_a_text_is_true_if_all_of_it_is(world):
    _, case = world
    true = settled(world, claim("reason", ["alien"]))
    assert is_true_as_read(true, case)
    assert untrue_words(true, case) == ""
    false = settled(world, claim("reason", ["alien"]), claim("direction", ["it"]))
    assert not is_true_as_read(false, case)
    assert untrue_words(false, case).startswith("does not hold: x: without it, the score rises")
    wrong = settled(world, claim("reason", ["alien"]), decision="No")
    assert not is_true_as_read(wrong, case)
    assert "decides Yes; the text says No" in untrue_words(wrong, case)


def test_texts_are_read_whoever_wrote_them_and_a_forged_citation_is_found(world, films):
    oracle, case = world
    reader = ClaimReader(films)

    def true(text, meant=()):
        written = Written(case=case.id, explainer="e", text=text, meant=meant)
        (found,) = settle_claims([account_of(written, case, reader)], [case], oracle, seed=0)
        return is_true_as_read(found, case)

    text = "Yes, the user will like “Fargo”. Its score owes most to “Alien” and “Heat”."
    assert true(text)
    assert true(text, ("alien", "heat"))
    assert not true(text, ("usual",))
    assert not true(text, ("nobody",))
    assert not true(f"{text} And to “The Lantern of Kestrel Moor”.")
    assert not true(text.replace("Yes, the user will", "No, the user will not"))
    assert not true(f"{text} The recommender ranks it low for this user.")
    assert true(f"{text} Its genre, Crime, fits the history.")
    assert not true(f"{text} Its genre, Crime, fits the history, but that is not enough.")
    assert not true(f"{text} Sharing the genre Crime with the history does not save it.")
    assert not true(text.replace("“Fargo”", "“Alien”"))  # then it decides on another title
    assert not true("Yes, because of “It”.")
