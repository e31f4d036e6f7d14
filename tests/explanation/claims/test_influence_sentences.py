"""What is read of sentences labelled by hand with what they say pulls the recommender."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from labelled_sentence_files import about, load

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Claim

FLOOR = 0.95
FREELY_WORDED = 0.9, 0.84
"""Of sentences in words of their own, which the reader was not improved on."""
MODEL_WORDED = 0.64, 0.49
"""Of texts of a small chat model, which names titles without quotation marks: a title that is also
a word, such as Seven, is then not read."""
KINDS = ("direction", "reason", "together", "strongest", "order", "relevance", "no_cause")
Read = tuple[str, tuple[str, ...], str]


def label(words: str) -> Counter[Read]:
    """Return what should be read: ``kind items toward; ...``."""
    read: Counter[Read] = Counter()
    for part in filter(None, (part.strip() for part in words.split(";"))):
        kind, *items, toward = part.split()
        named = items[0].split(",") if items else []
        if kind not in ("direction", "reason"):
            named = [item for item in named if item != "?"]
        read[kind, tuple(named), toward] += 1
    return read


def as_read(claim: Claim) -> Read:
    items = claim.items
    if claim.kind == "relevance":
        items = (claim.text,)
    elif claim.kind in ("direction", "reason") and not items:
        items = ("?",)
    return claim.kind, items, claim.toward or ""


def measure(file: str) -> tuple[int, Counter[tuple[str, str]], list[str]]:
    """Return how many sentences there are, counts by kind and outcome, and what went wrong."""
    data = load(file)
    catalogue, case = about(data["about"])
    reader = ClaimReader(catalogue)
    counts: Counter[tuple[str, str]] = Counter()
    faults = []
    for text, words in data["sentences"]:
        claims = reader.read(text, case).claims
        found = Counter(as_read(claim) for claim in claims if claim.kind in KINDS)
        expected = label(words)
        for outcome, some in (
            ("right", expected & found),
            ("missed", expected - found),
            ("wrong", found - expected),
        ):
            for read, times in some.items():
                counts[read[0], outcome] += times
                if outcome != "right":
                    faults.append(f"  {outcome}: {' '.join(map(str, read))} in {text!r}")
    return len(data["sentences"]), counts, faults


def shares(counts: Counter[tuple[str, str]], kinds: tuple[str, ...]) -> tuple[float, float, int]:
    """Return precision, recall and the number of claims of ``kinds``."""
    right, missed, wrong = (
        sum(counts[kind, outcome] for kind in kinds) for outcome in ("right", "missed", "wrong")
    )
    return right / max(1, right + wrong), right / max(1, right + missed), right + missed


@pytest.mark.parametrize(
    ("file", "least", "floors"),
    [
        ("influence_sentences.yaml", 200, (FLOOR, FLOOR)),
        ("held_out_influence_sentences.yaml", 100, (FLOOR, FLOOR)),
        ("second_influence_sentences.yaml", 200, (FLOOR, 0.93)),
        ("third_influence_sentences.yaml", 60, (FLOOR, FLOOR)),
        ("third_held_out_influence_sentences.yaml", 60, FREELY_WORDED),
        ("model_texts.yaml", 50, MODEL_WORDED),
        ("held_out_model_texts.yaml", 50, MODEL_WORDED),
    ],
)
def test_influence_is_read_as_often_as_it_was_measured(
    file: str, least: int, floors: tuple[float, float], capsys: pytest.CaptureFixture[str]
) -> None:
    sentences, counts, faults = measure(file)
    lines = [f"\n{file}: {sentences} sentences"]
    for name, group in [*((kind, (kind,)) for kind in KINDS), ("all", KINDS)]:
        precision, recall, claims = shares(counts, group)
        lines.append(f"{name:>10}: precision {precision:.3f}  recall {recall:.3f}  of {claims}")
    with capsys.disabled():
        sys.stdout.write("\n".join([*lines, *faults, ""]))
    precision, recall, _ = shares(counts, KINDS)
    assert sentences >= least
    assert precision >= floors[0]
    assert recall >= floors[1]
