"""Forms of an audit's sentences: what each may say, by probe. A sentence of no form is not given.

A slot is named after what it has to agree with: a field of the finding, or one of its ``others``.
"""

from __future__ import annotations

from collections.abc import Mapping

from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.bug_forms import BUG_FORMS
from recexplainer.audit.reading.sentence_pattern import Read, read_by

__all__ = ["FIRST_SENTENCES", "read_finding"]

_Forms = Mapping[str, tuple[str, ...]]
_CHOICES = {
    "{apart}": "{apart:more than|less than|not measurably more or less than}",
    "{often}": "{apart:more often than|less often than|not measurably more often than}",
    "{better}": "{beside:better than|not clearly better than|no better than}",
    "{added}": (
        "{apart:bring more of their own like into the list|push their own like out of the list|"
        "do not measurably change how many of their like are listed}"
    ),
    "{pull}": (
        "{apart:pull their own like into the list|push their own like out of the list|"
        "do not measurably change how many of their like are listed}"
    ),
}
"""Slots of words that several forms have."""
_CHANGES = {
    "history at all": "An empty history gets {} of the first ten",
    "last item": "The last item alone gets {} of the first ten",
    "last five": "The last five items alone get {} of the first ten",
    "without the last item": "Without the last item {} of the first ten stay",
    "without the last five": "Without the last five items {} of the first ten stay",
    "without the oldest five": (
        "Without the oldest five items that are read {} of the first ten stay"
    ),
    "order": "After the history in random order {} of the first ten stay",
    "attributes of the last item": (
        "With the last item swapped for one as popular that shares an attribute {} of the "
        "first ten stay"
    ),
}
"""What is done to histories, as each of the main parameters tells it."""
_CONTROL = "{apart} with the control, {control_words:text}: {control:amount}."


def _changed(words: str) -> tuple[str, str]:
    """Return the two sentences on one change of histories: some of the list stays, or all."""
    some = words.replace("{}", "{figure:estimate}")
    every = words.replace("{}", "{figure:amount}")
    return f"{some}; {_CONTROL}", f"{every}: it makes no difference to any list; {_CONTROL}"


def _ten(name: str) -> str:
    """Return slots for ten amounts, one for each tenth of the items."""
    slots = [f"{{{name}_{place}:amount}}" for place in range(1, 11)]
    return f"{', '.join(slots[:-1])} and {slots[-1]}"


_LEANS: _Forms = {
    "exposure by tenths": (
        (
            f"From the most to the least popular, the tenths of the items hold {_ten('list')} of "
            f"the first {{places:amount}} places, and {_ten('taken')} of what users took next: "
            "more than that in {more:text}, and less in {less:text}."
        ),
    ),
    "no single cause": (
        (
            "{figure:estimate} of {n:amount} explanations that readers are given say that no "
            "single item of the history is the reason."
        ),
    ),
    **{name: _changed(words) for name, words in _CHANGES.items()},
    "same for everybody": (
        "There is one user only.",
        (
            "It gives everybody the same list: of {n:amount} pairs of users {all_figure:each} "
            "gets the same first {places:amount} among the items that neither has had."
        ),
        (
            "Two users share {little:hardly anything}, among the items that neither has had "
            "({figure:estimate}); lists drawn at random would share {control:amount}."
        ),
        (
            "Two users share {figure:estimate} of the first {places:amount}, among the items "
            "that neither has had; lists drawn at random would share {control:amount}."
        ),
    ),
    "popularity alone": (
        (
            "The most popular items that a user has not had are {figure:estimate} of the "
            "first ten: {apart} lists drawn at random would share, {control:amount}."
        ),
    ),
    "popular items": (
        (
            "The most popular tenth of the items holds {figure:estimate} of the first "
            "{places:amount} places: {apart} its share of what users took next, "
            "{control:amount}. Scores and popularity have a rank correlation of "
            "{tied:estimate}."
        ),
        (
            "The most popular tenth of the items holds {figure:estimate} of the first "
            "{places:amount} places: {apart} its share of what users took next, "
            "{control:amount}."
        ),
    ),
    "coverage": (
        (
            "The lists of {n:amount} users hold {figure:amount} of the {items:amount} items "
            "(items drawn at random: {control:amount}); the Gini coefficient of their "
            "exposure is {gini:amount}, that of what users took next {gini_taken:amount}."
        ),
    ),
    "repeats": (
        (
            "With nothing masked, {figure:estimate} of the first {places:amount} are items "
            "that the user had: {apart} in lists drawn at random, {control:amount}."
        ),
    ),
    "near-duplicates": (
        (
            "{figure:estimate} of lists hold two items whose scores rise and fall together "
            "(correlation {alike:amount} or more over {histories:amount} histories); lists "
            "drawn at random: {control:amount}."
        ),
    ),
}
_ADDED = (
    (
        "Two items of {attribute:text} {value:name} that are added to a history {added}: "
        "their share of the first ten is {whole:amount} before, {figure:estimate} after, and "
        "{control:amount} after two others, each the nearest in popularity."
    ),
)
_VECTORS = (
    (
        "A linear model reads {what:text} off the recommender's vectors of users: right for "
        "{figure:estimate} of them, each answer counted alike, which is {apart} with shuffled "
        "labels, {control:amount}; and {extra:more than|less than|not measurably more or less "
        "than} from the items that the recommender reads, {items:amount}."
    ),
)
_REFIT = (
    (
        "Trained again without {what:text}, it changes {figure:estimate} of the first ten of "
        "{:the other users|users, among the other items}: {apart} another seed alone, which "
        "changes {control:amount} ({seed_low:amount} to {seed_high:amount} in {seeds:amount} "
        "trainings). Their hit@10 moves by {hit:estimate}, and with another seed by "
        "{hit_seed:amount}."
    ),
    (
        "{none_figure:None} of {trainings:amount} trainings changed any list: what it answers does "
        "not depend on what it is trained on here."
    ),
)
_ATTRIBUTE = (
    (
        "Items of {attribute:text} {value:name} {pull}: their share of the first ten is "
        "{whole:amount}, without those of the history {figure:estimate}, and without as many "
        "others {control:amount}."
    ),
)
_SEGMENTS: _Forms = {
    "worst segment": (
        (
            "The users for whom one half of the sample foretells worst ({path:text}) have an "
            "ndcg@10 of {inside:amount} in the other half, and all others {outside:amount} "
            "(difference {figure:amount}, {low:amount} to {high:amount}): {sure:confirmed|not "
            "confirmed}."
        ),
    ),
}
_COMPARED = (
    (
        "{segment:text}: {measure:text} is {inside:amount}, and {outside:amount} for all "
        "others (difference {figure:amount}, {low:amount} to {high:amount}): {sure:a "
        "difference that holds|no difference that holds} among {comparisons:amount} "
        "comparisons."
    ),
)
_PARAMETERS: _Forms = {
    **{name: (words.replace("{}", "{stays:amount}") + ".",) for name, words in _CHANGES.items()},
    "popularity alone": ("Popularity alone gives {stays:amount} of the first ten.",),
}
FIRST_SENTENCES = (
    "Nothing looks like a bug among {looked:amount} things that were looked for.",
    "{alarms:amount} of {looked:amount} things that were looked for look like a bug: {names:text}.",
)
"""The sentence that an audit opens with."""


def read_finding(found: Finding) -> Read | None:
    """Return what a finding's sentence says; None where it is of no known form."""
    for pattern in _patterns(found):
        read = read_by(_with_choices(pattern), found.sentence)
        if read is not None:
            return read
    return None


def _with_choices(pattern: str) -> str:
    for slot, choice in _CHOICES.items():
        pattern = pattern.replace(slot, choice)
    return pattern


def _patterns(found: Finding) -> tuple[str, ...]:
    """Return the forms that a finding may have."""
    if found.chapter == "bug":
        return BUG_FORMS.get(found.probe, ())
    if found.chapter == "parameter":
        return _PARAMETERS.get(found.probe, ())
    if found.chapter == "segment":
        return _SEGMENTS.get(found.probe, _COMPARED)
    return _LEANS.get(found.probe, (*_ATTRIBUTE, *_ADDED, *_VECTORS, *_REFIT))
