"""True sentences are given, and every one that is bent is caught: numbers, directions, names."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recexplainer.audit import subject as subject_module
from recexplainer.audit.estimate import percent
from recexplainer.audit.reading.verification import Verifier, opening_holds
from recexplainer.audit.recommender_audit import audit_of
from recexplainer.testing.defect_benchmark import recency_world, subject_of
from recexplainer.testing.planted_defects import DEFECTS

NUMBER = re.compile(r"(?<![@\w.])(under |over )?([+-]?)(\d[\d,]*)(\.\d+)?(%?)")
OPPOSITES = (
    ("more than", "less than"),
    ("not measurably more or less than", "more than"),
    ("more often than", "less often than"),
    ("not measurably more often than", "more often than"),
    ("no better", "not clearly better"),
    ("pull their own like into the list", "push their own like out of the list"),
    (
        "do not measurably change how many of their like are listed",
        "pull their own like into the list",
    ),
    ("a difference that holds", "no difference that holds"),
    ("not confirmed", "confirmed"),
    ("fewer", "more"),
    ("rarest", "most popular"),
    ("most popular tenth", "least popular tenth"),
    ("The last", "The oldest"),
    ("an item that was trained on", "an item that was not trained on"),
)


def bent_numbers(sentence):
    """Yield the sentence with one number told clearly wrong."""
    for found in NUMBER.finditer(sentence):
        _, sign, whole, part, unit = found.groups()
        value = float(whole.replace(",", "") + (part or ""))
        if unit:
            other = f"{value + (9 if value < 50 else -9):.0f}%"
        elif part:
            other = f"{sign}{value + 0.07:.{len(part) - 1}f}"
        else:
            other = f"{int(value) + 1:,}"
        yield sentence[: found.start()] + other + sentence[found.end() :]


def bent_words(sentence):
    """Yield the sentence with one direction turned."""
    for one, other in OPPOSITES:
        for was, now in ((one, other), (other, one)):
            if was in sentence:
                turned = sentence.replace(was, now, 1)
                if turned != sentence:
                    yield turned


def bent_names(sentence, names):
    """Yield the sentence with another name in quotation marks."""
    for found in re.finditer(r"'([^']+)'", sentence):
        other = next(one for one in names if one != found.group(1))
        yield sentence[: found.start()] + f"'{other}'" + sentence[found.end() :]


@pytest.fixture(scope="module")
def told():
    """The subjects of one world, each with what is truly said of it."""
    world = recency_world(400)
    targets = [world.target, *(one.broken(world) for one in DEFECTS[:2])]
    subjects = [subject_of(world, target) for target in targets]
    return [(one, audit_of(one, target="linear").findings) for one in subjects]


def test_what_is_true_is_given(told, popular, neighbors):
    others = [(one, audit_of(one, target="x").findings) for one in (popular, neighbors)]
    withheld = [one for _, findings in (*told, *others) for one in findings if one.withheld]
    assert [(one.probe, one.withheld) for one in withheld] == []
    again = [one.read == "target" for _, findings in told for one in findings]
    assert np.mean(again) > 0.7


def test_no_bent_sentence_is_given(told):
    bent = caught = 0
    missed = []
    for subject, findings in told:
        verifier = Verifier(subject)
        titles = [item.title for item in subject.catalogue]
        compared = sum("comparisons" in one.others for one in findings)
        for found in findings:
            lies = {
                *bent_numbers(found.sentence),
                *bent_words(found.sentence),
                *bent_names(found.sentence, titles),
            }
            for lie in lies:
                bent += 1
                bad = list(
                    verifier.problems(found.model_copy(update={"sentence": lie}), None, compared)
                )
                caught += bool(bad)
                if not bad:
                    missed.append((found.sentence, lie))
    assert missed == []
    assert bent == caught > 500


def test_a_figure_that_is_wrong_in_sentence_and_record_alike_is_caught(told):
    subject, findings = told[0]
    verifier, bent = Verifier(subject), 0
    for found in findings:
        if found.read != "target" or found.unit != "share" or found.low is None:
            continue
        if found.chapter == "parameter":
            continue
        by = 0.15 if found.figure < 0.5 else -0.15
        moved = {name: getattr(found, name) + by for name in ("figure", "low", "high")}
        sentence = found.sentence
        was = f"{percent(found.figure)} ({percent(found.low)} to {percent(found.high)})"
        now = "{} ({} to {})".format(*(percent(moved[name]) for name in ("figure", "low", "high")))
        lie = found.model_copy(update={**moved, "sentence": sentence.replace(was, now)})
        (held,) = verifier.verified([lie])
        assert held.withheld, found.sentence
        assert held.sentence == ""
        bent += 1
    assert bent > 15


def test_probes_that_measure_wrongly_are_not_believed(world, monkeypatch):
    right = subject_module.top_rows

    def worst_first(scores, seen, ties, count):
        return right(-scores, seen, ties, count)

    monkeypatch.setattr(subject_module, "top_rows", worst_first)
    audit = audit_of(subject_of(world, world.target), target="linear")
    withheld = {one.probe for one in audit.findings if one.withheld}
    assert {"popularity alone", "popular items", "repeats"} <= withheld
    assert all(not one.sentence for one in audit.findings if one.withheld)
    given = {one.sentence for one in audit.findings if not one.withheld}
    assert all(sentence in given or place is None for sentence, place in audit.first)
    assert any("did not hold and were withheld" in note for note in audit.notes)


def test_the_first_sentence_counts_what_is_there(told):
    _, findings = told[1]
    alarms = [one.probe for one in findings if one.chapter == "bug" and one.alarm]
    looked = sum(one.chapter == "bug" for one in findings)
    names = ", ".join(alarms)
    true = f"{len(alarms)} of {looked} things that were looked for look like a bug: {names}."
    assert opening_holds(true, findings)
    assert not opening_holds(true.replace(str(looked), str(looked + 1)), findings)
    assert not opening_holds(true.replace(alarms[0], "leaks"), findings)
    assert not opening_holds(
        f"Nothing looks like a bug among {looked} things that were looked for.", findings
    )
