"""Comparison of two versions: all that changed, and the sentences to read first."""

from __future__ import annotations

from pydantic import Field

from recexplainer.audit.versions.data_changes import data_changes
from recexplainer.audit.versions.decision_flips import Decisions, decision_changes
from recexplainer.audit.versions.item_thirds import item_third_changes
from recexplainer.audit.versions.list_changes import list_changes
from recexplainer.audit.versions.pull_changes import pull_changes
from recexplainer.audit.versions.quality_changes import quality_changes
from recexplainer.audit.versions.reliance_changes import reliance_changes
from recexplainer.audit.versions.segment_changes import segment_changes
from recexplainer.audit.versions.version_change import Change, ChangeChapter
from recexplainer.audit.versions.version_pair import Version, VersionPair
from recexplainer.data.plural_words import counted
from recexplainer.records.outcomes import Record

__all__ = ["Comparison", "VersionFacts", "comparison_of"]

_FIRST = 12
_ASKED = (
    "Both were asked about {users} {who}, drawn at random, after the same histories: those of "
    "{name}. Intervals are 95 % ones over users, not over trainings: another seed of the same "
    "recommender differs as well."
)
_MOMENTS = (
    "Decisions, lists and examples are those after all that a user had, as recx explain tells "
    "them; quality, reliance and pulls those before the last item, as an audit measures them."
)
_SURE = (
    "A difference is called more or less only where it holds among all that its section looked at "
    "(Benjamini-Hochberg, 5 %) and its interval lies on that side."
)


class VersionFacts(Record):
    """What was compared: its name in sentences, its run, its recommender, and how much it knows."""

    name: str
    run: str
    target: str
    dataset: str
    users: int
    items: int
    max_history: int


class Comparison(Record):
    """What changed between two recommenders, or two data sets.

    Attributes:
        schema_version: of ``comparison.json``.
        first, second: what was compared.
        users: how many were asked about.
        decisions: how many decisions of the first (rows: Yes, undecided, No) are which of the
            second (columns), over these users and the items that both know.
        changes: by chapter; within one those that were found first.
        notes: how it was measured.
        figures: all that a condition can name, of the second (``NAME``), the first
            (``before.NAME``) and the difference (``change.NAME``); filled in where it is written.
    """

    schema_version: int = 1
    first: VersionFacts
    second: VersionFacts
    users: int
    decisions: tuple[tuple[int, ...], ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    figures: dict[str, float | None] = Field(default_factory=dict)

    def of(self, chapter: ChangeChapter) -> list[Change]:
        """Return the changes of a chapter."""
        return [one for one in self.changes if one.chapter == chapter]

    @property
    def leading(self) -> list[Change]:
        """What to read first: data, quality, decisions, lists, then what was found to differ."""
        named = {one.name: one for one in self.changes}
        first = ("items-in-both", "users-in-both", "histories-changed", "hit@10")
        also = (
            "decisions-changed",
            "flips",
            "list-agreement",
            "lists-kept-by-new-histories",
        )
        told = [named[name] for name in (*first, *also) if name in named]
        for chapter, most in (("segments", 1), ("reliance", 3), ("attributes", 2)):
            own = [one for one in self.changes if one.chapter == chapter and one.sure]
            told += sorted(own, key=lambda one: -abs(one.change or 0.0))[:most]
        return told[:_FIRST]


def comparison_of(pair: VersionPair) -> Comparison:
    """Ask two versions, and return all that changed."""
    decisions = Decisions.of(pair)
    changes = (
        *data_changes(pair),
        *quality_changes(pair),
        *decision_changes(pair, decisions),
        *item_third_changes(pair, decisions),
        *list_changes(pair),
        *segment_changes(pair, decisions),
        *_found_first(reliance_changes(pair)),
        *_found_first(pull_changes(pair, decisions)),
    )
    return Comparison(
        first=_facts(pair.first),
        second=_facts(pair.second),
        users=len(pair.users),
        decisions=tuple(tuple(int(one) for one in row) for row in decisions.counts),
        changes=changes,
        notes=tuple(_notes(pair)),
    )


def _found_first(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda one: (not one.sure, -abs(one.change or 0.0)))


def _facts(version: Version) -> VersionFacts:
    return VersionFacts(
        name=version.name,
        run=version.run,
        target=version.target,
        dataset=version.log.name,
        users=len(version.log.histories),
        items=len(version.catalogue),
        max_history=version.max_history,
    )


def _notes(pair: VersionPair) -> list[str]:
    notes = [
        _ASKED.format(
            users=counted(len(pair.users), "user"),
            who="of both data sets" if pair.known_to_both else f"of {pair.first.name}",
            name=pair.first.name,
        ),
        _MOMENTS,
        _SURE,
    ]
    one, other = pair.first.max_history, pair.second.max_history
    if one != other:
        notes.append(
            f"{pair.first.name} reads the last {one} items of a history, {pair.second.name} the "
            f"last {other}; histories are changed within what each reads."
        )
    if pair.known_to_both and not pair.unchanged.all():
        notes.append(
            f"Quality is compared among the {int(pair.unchanged.sum())} users whose history is the "
            "same in both data sets: the last item of others may be what one was trained on."
        )
    return notes
