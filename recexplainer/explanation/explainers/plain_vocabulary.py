"""Plain vocabulary: the words by which facts of a decision can be told without adding to them.

A reader of claims knows what it looks for, and a language model says other things as well ("a film
you rated highly"). So a sentence may have these words and those of its facts, and no others. Words
of quantity and exclusion (*only*, *all*, *many*, *users*) are left out: no fact has them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

__all__ = ["foreign_words", "misleads"]

_WORDS = """
    a an the this that these those it its itself they them their you your yours user he she him her
    his who which what where when why how there here
    is are was were be been being has have had do does did will would could can
    not no yes undecided
    without with of in on at to from for by as than then and or but nor so because since if due
    thanks owing after before into out up down over above below between behind also too well plus
    however therefore thus hence while although though whereas additionally addition moreover
    furthermore further followed next first second third finally still longer anymore instead
    same more less most one such through
    recommender recommendation recommendations system rank ranks ranked ranking position place
    places placed placing score scores title titles item items list history candidate candidates
    reason reasons cause causes factor factors support supports supported supporting objection
    objections weight decision decided decides decide outcome property case side
    recommend recommends recommended recommending reject rejects rejected rejecting suggest suggests
    suggested speak speaks speaking spoke come comes coming came raise raises raised raising lower
    lowers lowered lowering increase increases increased decrease decreases decreased fall falls
    falling fell rise rises rising rose drop drops dropped dropping move moves moved moving go goes
    going went stay stays remain remains change changes changed changing count counts counted matter
    matters contribute contributes contributed contributing help helps helped hold holds held back
    suit suits fit fits match good poor likely unlikely enjoy interested watched seen
    remove removed removing removal missing absent leave left make makes made making mean means
    show shows shown see stand stands stood give gives given based basis rest rests influence
    influences influenced drive drives driven owe owes get gets put puts lift lifts lifted boost
    boosts boosted favor favors favour favours pull pulls pulled push pushes pushed
    strong stronger strongest main mainly primary primarily key big biggest bigger large largest
    great greatest chief chiefly important significant significantly high higher highest low lowest
    top against opposite positive negative positively negatively
"""
_PLAIN = frozenset(_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHORTENED = re.compile(r"(?:n['’]t|['’](?:s|d|ve|ll|re))$")
_WILL_LIKE = re.compile(
    r"\b(?:will|would|['’]ll)\s+(?:not\s+|probably\s+|likely\s+)?like\b", re.IGNORECASE
)
_REMOVAL = re.compile(
    r"\b(?:without|remov\w+|missing|absent|left\s+out|leav\w+\s+out|(?:not|n['’]t)\s+(?:been\s+)?"
    r"(?:watched|seen|had|in)|if\b)",
    re.IGNORECASE,
)
_BY_A_NUMBER = re.compile(r"\bby\s+(?:[^\W\d_]+\s+)?\d", re.IGNORECASE)
_ABOVE_ALL = re.compile(
    r"\b(?:main(?:ly)?|most|strongest|biggest|largest|greatest|chief(?:ly)?|key|highest"
    r"|primar(?:y|ily)|first)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\b(?:also|too|as\s+well|in\s+addition|additionally)\b", re.IGNORECASE)
_THAN = re.compile(r"\bthan\b", re.IGNORECASE)


def foreign_words(sentence: str, facts: Iterable[str]) -> list[str]:
    """Return the words of a sentence that are neither plain nor in the facts.

    Args:
        sentence: without its marks.
        facts: without theirs.
    """
    known = {word for fact in facts for word in _words(fact)}
    said = _words(_WILL_LIKE.sub(" ", sentence))
    return [word for word in said if word not in _PLAIN and word not in known]


def misleads(
    sentence: str, marks: Collection[str], numbers: Collection[str], after: Collection[str]
) -> bool:
    """Return whether plain words bend a fact in a way that reading claims does not show.

    Args:
        sentence: without its marks.
        marks: the names of these.
        numbers: those that it names.
        after: those that tell where a removal leads.
    """
    if _BY_A_NUMBER.search(sentence):
        return True  # facts tell places, not differences
    if _REMOVAL.search(sentence):
        if numbers and not set(numbers) & set(after):
            return True  # the rank before a removal, told as the one after it
    elif numbers and marks and "T0" not in marks:
        return True  # the item's rank, told as that of a title of the history
    if any(mark.startswith("V") for mark in marks):
        above = _ABOVE_ALL.search(sentence) and not _BESIDE.search(sentence)
        return bool(above or _THAN.search(sentence))  # a value is compared with no title
    return False


def _words(text: str) -> list[str]:
    return [_SHORTENED.sub("", word).casefold() for word in _WORD.findall(text)]
