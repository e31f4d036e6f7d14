"""Texts with hand labels: what is cited, what is made up, which attributes hold."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from recexplainer.explanation.claims.reader import ClaimReader, read_claims
from recexplainer.records import Case, Catalogue

# (text, titles in the history, titles that are not, attribute values that are real, that are not)
Label = tuple[str, list[str], list[str], list[str], list[str]]

NAMING = ("decision", "cause", "item", "attribute")
"""Kinds of claims that are about a word; the others are about what is said of such words."""

LABELLED: list[Label] = [
    # curly quotation marks, as the surrogate is taught
    ("Yes, because of “Alien” and “Heat”.", ["Alien", "Heat"], [], [], []),
    ("Yes, because of “Alien,” “Heat,” and “It.”", ["Alien", "Heat", "It"], [], [], []),
    ("It follows “Alien”, not “Aliens”.", ["Alien"], [], [], []),
    ("“Alien 3” came after “Alien”.", ["Alien"], ["Alien 3"], [], []),
    ("“Alien Nation” is near “Alien”.", ["Alien"], ["Alien Nation"], [], []),
    ("“Good, the Bad and the Ugly, The” counts.", ["Good, the Bad and the Ugly, The"], [], [], []),
    ("“The Good, the Bad and the Ugly” counts.", ["The Good, the Bad and the Ugly"], [], [], []),
    ("“The Usual Suspects” shares crime.", ["The Usual Suspects"], [], ["crime"], []),
    ("“Star Wars” leads on.", ["Star Wars"], [], [], []),
    (
        "“Star Wars: The Empire Strikes Back” too.",
        [],
        ["Star Wars: The Empire Strikes Back"],
        [],
        [],
    ),
    ('They saw “The "Burbs"” twice.', ['The "Burbs"'], [], [], []),
    ("They saw “The “Burbs”” twice.", ["The “Burbs”"], [], [], []),
    ("“Ulee’s Gold” and “Les Miserables” fit.", ["Ulee’s Gold", "Les Miserables"], [], [], []),
    ("“That Thing You Do!” is a comedy.", ["That Thing You Do!"], [], ["comedy"], []),
    ("“That Thing You Do” it is.", ["That Thing You Do"], [], [], []),
    ("“Seven” points here.", ["Seven"], [], [], []),
    ("“Alien (1979)” fits.", ["Alien (1979)"], [], [], []),
    ("“Alien (1986)” fits.", [], ["Alien (1986)"], [], []),
    ("“Hamlet” is enough.", ["Hamlet"], [], [], []),
    ("“Hamlet (1996)” is another.", [], ["Hamlet (1996)"], [], []),
    ("“Hamlet (2000)” is another.", [], ["Hamlet (2000)"], [], []),
    ("They like “HEAT” and “alien”.", ["HEAT", "alien"], [], [], []),
    ("“Toy Storry” is not it.", [], ["Toy Storry"], [], []),
    ("“Duck and Cover” is catalogued, not seen.", [], ["Duck and Cover"], [], []),
    ("“Space Ducks: Part 7” was invented.", [], ["Space Ducks: Part 7"], [], []),
    ("“187” and “1984” are numbers.", [], ["187", "1984"], [], []),
    ("The user wants “high quality” films.", [], [], [], []),
    ("It is “Crime” and “Drama”, they say.", [], [], ["Crime", "Drama"], []),
    # other marks
    ('Yes, "Alien" and "Heat" say so.', ["Alien", "Heat"], [], [], []),
    ('They saw "The "Burbs"" and "Heat".', ['The "Burbs"', "Heat"], [], [], []),
    ("They saw 'Alien' and 'Ulee's Gold'.", ["Alien", "Ulee's Gold"], [], [], []),
    ("„Alien“ and «Heat» say so.", ["Alien", "Heat"], [], [], []),
    ("The user's taste and the users' views of the '90s agree.", [], [], [], []),
    # no marks at all
    ("The user saw Alien and Heat, hence Fargo.", ["Alien", "Heat"], [], [], []),
    ("Alien, Heat and Star Wars lead to Fargo.", ["Alien", "Heat", "Star Wars"], [], [], []),
    ("It goes well with this; Go on.", [], [], [], []),
    ("Heat matters to the user of this oven.", [], [], [], []),
    ("The heat of an alien sun.", [], [], [], []),
    ("They saw Aliens and Alien 3.", [], [], [], []),
    ("They saw Alien Nation and Alien: Resurrection.", [], [], [], []),
    (
        "The user saw Star Wars: The Empire Strikes Back.",
        [],
        ["Star Wars: The Empire Strikes Back"],
        [],
        [],
    ),
    ("The user saw Star Wars 2.", [], [], [], []),
    ("Having seen Usual Suspects, The before, yes.", ["Usual Suspects, The"], [], [], []),
    ("**Heat** and *Alien* explain it.", ["Heat", "Alien"], [], [], []),
    ("They chose **Heat** and *Alien*.", ["Heat", "Alien"], [], [], []),
    # attributes
    ("The user likes Crime, Western and Sci-Fi.", [], [], ["Crime", "Western", "Sci-Fi"], []),
    ("The user likes Film-Noir and Animation.", [], [], [], ["Film-Noir", "Animation"]),
    ("A children's film, action-packed.", [], [], [], ["children's"]),
    ("War is no genre of theirs, wars neither.", [], [], [], ["War"]),
    ("The war was long.", [], [], [], []),
    ("Released in 1996, ranked 12 of 1,931.", [], [], ["1996"], []),
    ("Released in 1931, for $1984.", [], [], [], ["1931"]),
    ("“Alien” is horror, unlike a musical.", ["Alien"], [], ["horror", "musical"], []),
]


@pytest.mark.parametrize(("text", "seen", "unseen", "held", "failed"), LABELLED)
def test_titles_and_attributes_by_hand_labels(
    text: str,
    seen: list[str],
    unseen: list[str],
    held: list[str],
    failed: list[str],
    film_case: Case,
    films: Catalogue,
) -> None:
    claims = read_claims(text, film_case, films).claims

    def texts(kind: str, *, real: bool) -> list[str]:
        return [claim.text for claim in claims if (claim.kind, claim.real) == (kind, real)]

    assert texts("cause", real=True) == seen
    assert texts("cause", real=False) == unseen
    assert texts("attribute", real=True) == held
    assert texts("attribute", real=False) == failed


@pytest.mark.parametrize("label", LABELLED, ids=lambda label: label[0][:30])
def test_every_span_slices_back_to_its_text(
    label: Label, film_case: Case, films: Catalogue
) -> None:
    for claim in read_claims(label[0], film_case, films).claims:
        assert label[0][claim.start : claim.end] == claim.text


def test_spans_stay_exact_and_apart_in_shuffled_texts(film_case: Case, films: Catalogue) -> None:
    reader = ClaimReader(films)
    rng = random.Random(3)
    pieces = [label[0] for label in LABELLED] + ["İstanbul ß “", "”", '"', "’", "\n", "No."]
    for _ in range(300):
        text = rng.choice(["", " ", "\n"]).join(rng.choices(pieces, k=rng.randint(1, 6)))
        claims = reader.read(text, film_case).claims
        for claim in claims:
            assert text[claim.start : claim.end] == claim.text != ""
        words = [claim for claim in claims if claim.kind in NAMING]
        for one, other in pairwise(words):
            assert one.end <= other.start


def test_cited_items_are_the_real_causes_in_order_without_repeats(
    film_case: Case, films: Catalogue
) -> None:
    text = "Yes: “Heat”, “Alien”, “Aliens” and “heat” lead to “Fargo”."
    reading = read_claims(text, film_case, films)
    assert reading.cited == ("heat", "alien")
    assert [claim.text for claim in reading.claims if claim.kind == "item"] == ["Fargo"]
    made_up = next(claim for claim in reading.claims if claim.text == "Aliens")
    assert (made_up.item, made_up.real) == ("aliens", False)


def test_an_attribute_claim_names_an_item_that_has_it(film_case: Case, films: Catalogue) -> None:
    claims = read_claims("Crime, Western, War.", film_case, films).claims
    assert [(claim.text, claim.item) for claim in claims] == [
        ("Crime", "fargo"),
        ("Western", "goodbad"),
        ("War", None),
    ]


def test_decision_claim_is_real_when_f_decides_so(film_case: Case, films: Catalogue) -> None:
    for text, real in (("Yes.", True), ("No.", False)):
        (claim,) = read_claims(text, film_case, films).claims
        assert (claim.kind, claim.text, claim.real) == ("decision", text[:-1], real)


def test_a_title_that_begins_with_no_decides_nothing(film_case: Case, films: Catalogue) -> None:
    assert read_claims("“No Escape” was shown.", film_case, films).decision is None
    assert read_claims("“No Escape”: Yes.", film_case, films).decision == "Yes"


def test_empty_text_claims_nothing(film_case: Case, films: Catalogue) -> None:
    assert read_claims("", film_case, films) == (None, (), ())
