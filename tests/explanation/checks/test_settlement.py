"""Claims by the hundred, put to a linear target, against sums over its weights."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.account import account_of, read_texts
from recexplainer.explanation.checks.settlement import settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle, Standing
from recexplainer.records import Catalogue, Claim, Context, Explanation, Item, Written


def _claim(kind, items, toward, **given):
    fields = {"kind": kind, "text": "x", "start": 0, "end": 1, "real": True, **given}
    return Claim(**fields, items=tuple(items), toward=toward)


def _settled(oracle, case, *claims):
    text = Explanation(case=case.id, explainer="e", text="x", claims=claims)
    (found,) = settle_claims([text], [case], oracle, seed=0)
    return [one.real for one in found.claims]


def _pulls(linear, catalogue, case, toward):
    """How far each item of the history pulls toward a decision: its weight, or the negative."""
    sign = {"Yes": 1.0, "No": -1.0}[toward]
    column = linear.weights[:, catalogue.row(case.item)]
    return {item: sign * float(column[catalogue.row(item)]) for item in case.history}


def _by_hand(kind, named, pulls):
    """Whether a claim holds, of a sum whose terms are ``pulls``; no two are nearly the same."""
    own, every = [pulls[item] for item in named], list(pulls.values())
    least = max(max(every) / 2, sum(every) / len(every))
    return {
        "direction": lambda: own[0] > 0,
        "reason": lambda: own[0] > 0 and own[0] >= least,
        "together": lambda: sum(own) > 0,
        "strongest": lambda: (
            min(own) > 0
            and own[0] == max(every)
            and sorted(own, reverse=True) == sorted(every, reverse=True)[: len(own)]
        ),
        "order": lambda: own == sorted(own, reverse=True),
        "no_cause": lambda: max(every) <= 0,
    }[kind]()


@pytest.mark.parametrize(
    "kind", ["direction", "reason", "together", "strongest", "order", "no_cause"]
)
def test_each_kind_of_claim_is_what_the_weights_say(
    kind, linear, plain_catalogue, linear_cases
) -> None:
    rng = np.random.default_rng(11)
    most = {"direction": 1, "reason": 1, "no_cause": 0}.get(kind, 3)
    if kind == "no_cause":  # else there is always one
        linear.weights[:, :30] = -np.abs(linear.weights[:, :30])
    oracle = Oracle(linear, plain_catalogue)
    held = Counter()
    for case in linear_cases:
        for toward in ("Yes", "No"):
            pulls = _pulls(linear, plain_catalogue, case, toward)
            order = sorted(pulls, key=lambda item: -pulls[item])
            drawn = [str(item) for item in rng.permutation(case.history)]
            for named in (order[:most], drawn[:most], order[1 : 1 + most]):
                expected = _by_hand(kind, named, pulls)
                assert _settled(oracle, case, _claim(kind, named, toward)) == [expected]
                held[expected] += 1
    assert min(held[True], held[False]) > 30


def test_equals_may_be_named_in_any_order(linear, plain_catalogue, linear_cases) -> None:
    """What differs by less than single precision can tell is no difference."""
    case = linear_cases[0]
    row = plain_catalogue.row(case.item)
    first, second, *rest = case.history
    linear.weights[plain_catalogue.rows(rest), row] = 0.5
    linear.weights[plain_catalogue.row(first), row] = 2.0
    linear.weights[plain_catalogue.row(second), row] = np.float32(2.0 + 1e-6)
    oracle = Oracle(linear, plain_catalogue)
    for named in ([first, second], [second, first], [first], [second]):
        claims = [_claim(kind, named, "Yes") for kind in ("strongest", "order")]
        assert _settled(oracle, case, *claims) == [True, True]
    linear.weights[plain_catalogue.row(second), row] = 2.01
    after = Oracle(linear, plain_catalogue)
    for kind in ("strongest", "order"):
        assert _settled(after, case, _claim(kind, [second, first], "Yes")) == [True]
        assert _settled(after, case, _claim(kind, [first, second], "Yes")) == [False]


@pytest.mark.parametrize("having", [2, 3, 4, 8])
def test_an_attribute_counts_by_the_group_that_has_it(having, linear, plain_catalogue) -> None:
    """Where half are red, as many others are the other half, whatever is drawn."""
    catalogue = Catalogue(
        [
            Item(item.id, item.title, {"color": ("Red",) if row % 8 < having else ("Blue",)})
            for row, item in enumerate(plain_catalogue)
        ]
    )
    linear.catalogue = catalogue
    oracle = Oracle(linear, catalogue)
    context = Context("u", 8, tuple(f"i{row}" for row in range(8)), "held_out_users")
    held = Counter()
    for item in catalogue.ids[8:]:
        case = make_case(oracle, context, item)
        for toward in ("Yes", "No"):
            pulls = list(_pulls(linear, catalogue, case, toward).values())
            group, others = sum(pulls[:having]), sorted(pulls[having:])
            (real,) = _settled(oracle, case, _claim("relevance", (), toward, text="Red"))
            if having == 4:
                assert real == (group > 0 and group > sum(others))
            elif having == 8:  # nothing is left to compare with
                assert real == (group > 0)
            elif group <= 0 or group < sum(others[:having]):  # below the unluckiest draw
                assert not real
            elif group > sum(others[-having:]):  # above the luckiest
                assert real
            held[real] += 1
    assert min(held[True], held[False]) >= 5


def test_an_attribute_is_put_to_the_same_groups_whoever_names_it(linear, films, film_case) -> None:
    linear.catalogue = films
    linear.weights = np.random.default_rng(3).normal(size=(len(films),) * 2).astype(np.float32)
    claim = _claim("relevance", (), "Yes", text="Drama")

    def asked(writer, seed):
        linear.asked.clear()
        text = Explanation(case=film_case.id, explainer=writer, text="x", claims=(claim,))
        settle_claims([text], [film_case], Oracle(linear, films), seed=seed)
        return set(linear.asked)

    assert asked("e", 1) == asked("another", 1) != asked("e", 2)
    dramas = {x for x in film_case.history if "Drama" in films.item(x).attributes["genre"]}
    drawn = [set(film_case.history) - set(history) for history in asked("e", 1)]
    assert dramas in drawn
    for gone in drawn:
        assert gone == dramas or len(gone) <= 1 or (len(gone) == len(dramas) and not gone & dramas)


@pytest.mark.parametrize("outcome", ["recommended", "not recommended", "not rejected"])
def test_what_ifs_hold_where_the_rank_says_so(
    outcome, linear, plain_catalogue, linear_cases
) -> None:
    oracle = Oracle(linear, plain_catalogue)
    held = Counter()
    for case in linear_cases:
        for gone in (case.history[:1], case.history[2:5]):
            rows = plain_catalogue.rows([item for item in case.history if item not in gone])
            scores = linear.weights[rows].sum(axis=0)
            unseen = [x for x in plain_catalogue.ids if x not in (*case.history, case.item)]
            own = scores[plain_catalogue.row(case.item)]
            ahead = sum(scores[plain_catalogue.row(x)] > own for x in unseen)
            decision = Standing(int(ahead), 0, case.candidates).decision
            expected = {
                "recommended": decision == "Yes",
                "not recommended": decision != "Yes",
                "not rejected": decision != "No",
            }[outcome]
            claim = _claim("counterfactual", gone, None, outcome=outcome)
            assert _settled(oracle, case, claim) == [expected]
            held[expected] += 1
    assert min(held[True], held[False]) > 10


def test_a_what_if_about_what_was_never_there_does_not_hold(
    linear, plain_catalogue, linear_cases
) -> None:
    case = next(case for case in linear_cases if case.decision == "Yes")
    absent = _claim("counterfactual", ["i39"], None, outcome="recommended", real=False)
    text = Explanation(case=case.id, explainer="e", text="x", claims=(absent,))
    (settled,) = settle_claims([text], [case], Oracle(linear, plain_catalogue), seed=0)
    (found,) = settled.claims
    assert (found.real, found.detail) == (False, "not in the history")


def test_texts_of_many_cases_come_back_in_order_and_ask_nothing_twice(
    linear, plain_catalogue, linear_cases
) -> None:
    pairs = [
        (case, Written(case=case.id, explainer="e", text=f"{case.decision}, because of “{title}”."))
        for case in linear_cases[::7]
        for title in map(plain_catalogue.title, case.history[:2])
    ]
    cases, written = [case for case, _ in pairs], [one for _, one in pairs]
    read = read_texts(written, linear_cases, ClaimReader(plain_catalogue))
    linear.asked.clear()
    settled = settle_claims(read, linear_cases, Oracle(linear, plain_catalogue), seed=0)
    assert len(linear.asked) == len(set(linear.asked))
    assert [one.text for one in settled] == [one.text for one in written]
    seen = set()
    for case, one in zip(cases, settled, strict=True):
        for claim in one.claims:
            if claim.kind == "reason":
                pulls = _pulls(linear, plain_catalogue, case, claim.toward)
                assert claim.real == _by_hand("reason", claim.items, pulls)
                seen.add(claim.real)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("meant", "details"),
    [
        ((), []),
        (("i0",), []),
        (("i0", "i1"), ["the text does not name it"]),
        (("i1", "i1", "i0"), ["the text does not name it"]),
        (("i39", "i0"), ["it is not in the history"]),
        (("i1", "nobody"), ["the text does not name it", "it is not in the history"]),
    ],
)
def test_what_is_meant_and_not_said_is_a_claim_that_fails(
    meant, details, plain_catalogue, linear_cases
) -> None:
    case = next(one for one in linear_cases if one.user == "u0" and one.item == "i20")
    text = "Yes, the user will like “Title 20” because of “Title 00”."
    written = Written(case=case.id, explainer="me", text=text, meant=meant, mended=1, left_out=2)
    found = account_of(written, case, ClaimReader(plain_catalogue))
    forged = [one for one in found.claims if one.kind == "meant"]
    assert [one.detail.partition(", but ")[2] for one in forged] == details
    assert not any(one.real for one in forged)
    assert (found.explainer, found.text, found.mended, found.left_out) == ("me", text, 1, 2)
    assert (found.decision, found.cited, found.checks) == ("Yes", ("i0",), ())
