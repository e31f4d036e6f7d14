"""Audit: all findings about one recommender, and the ten sentences to read first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recexplainer.audit.attribute_additions import attribute_additions
from recexplainer.audit.attribute_pulls import attribute_pulls
from recexplainer.audit.explained import Explained
from recexplainer.audit.exposure_tenths import exposure_by_tenths
from recexplainer.audit.finding import Chapter, Finding
from recexplainer.audit.no_single_cause import no_single_cause
from recexplainer.audit.probes import bugs_of
from recexplainer.audit.reading.verification import Verifier, opening_holds
from recexplainer.audit.reliance import (
    coverage,
    near_duplicates,
    popular_items,
    popular_list,
    repeats,
    same_for_everybody,
    variant_findings,
)
from recexplainer.audit.segments import segment_findings
from recexplainer.audit.subject import Subject
from recexplainer.audit.vector_probe import NO_VECTORS, NOT_READ, vector_probes
from recexplainer.data.plural_words import counted, were
from recexplainer.plugins.interfaces import LatentTarget
from recexplainer.records.outcomes import Record

__all__ = ["NO_ADVICE", "Audit", "audit_of"]

NO_ADVICE = (
    "This table is measured, and no legal advice: whether it meets a law that asks for the main "
    "parameters of a recommender is for a lawyer to say."
)
_NOTE = "Shares of users rest on {} drawn at random; intervals are 95 % ones over users."
_NO_COLUMNS = "The prepared data have no columns about users, so that none was looked at."
_COLUMNS = (
    "Users are also compared by {}. No recommender and no prompt of this run has seen these "
    "columns; groups of fewer than 20 users are not told."
)
_NO_REFITS = "Which training users or items matter was not asked: recx audit RUN --refits 9 asks."
_FIRST = 10


class Audit(Record):
    """What was found about a whole recommender.

    Attributes:
        schema_version: of ``audit.json``.
        run, target, dataset: what was audited.
        users, all_users, items: how many were asked about, and how many there are.
        findings: by chapter; of bugs, alarms first. One that is withheld has no sentence.
        notes: what was not measured, and why.
    """

    schema_version: int = 1
    run: str
    target: str
    dataset: str
    users: int
    all_users: int
    items: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    def of(self, chapter: Chapter) -> list[Finding]:
        """Return the findings of a chapter whose sentences hold."""
        return [one for one in self.findings if one.chapter == chapter and not one.withheld]

    @property
    def alarms(self) -> list[Finding]:
        """What looks like a bug, the first to look at first."""
        return [one for one in self.of("bug") if one.alarm]

    @property
    def first(self) -> list[tuple[str, int | None]]:
        """At most ten sentences, each with the place of its finding in ``findings``."""
        alarms = self.alarms[:3]
        opening = _opening(self)
        told: list[tuple[str, int | None]] = []
        if opening_holds(opening, self.findings):
            told.append((opening, None))
        chosen = [*alarms, *_leading(self)]
        told += [(one.sentence, self.findings.index(one)) for one in chosen]
        return told[:_FIRST]


def audit_of(
    subject: Subject,
    *,
    target: str,
    added: Mapping[str, Mapping[str, float]] | None = None,
    explained: Sequence[Explained] = (),
    refits: Sequence[Finding] = (),
) -> Audit:
    """Return all findings about a recommender.

    Args:
        subject: the recommender, its data, and whom to ask about.
        target: its name.
        added: further measures by user to compare segments by.
        explained: what the explanations that readers are given say of histories.
        refits: what trainings without blocks of users or items change, if any were made.
    """
    written = [
        *bugs_of(subject),
        same_for_everybody(subject),
        *variant_findings(subject),
        *popular_list(subject),
        popular_items(subject),
        *exposure_by_tenths(subject),
        coverage(subject),
        repeats(subject),
        near_duplicates(subject),
        *attribute_pulls(subject),
        *attribute_additions(subject),
        *no_single_cause(explained, subject.seed),
        *(read := vector_probes(subject)),
        *refits,
        *segment_findings(subject, added),
    ]
    findings = Verifier(subject, added, explained).verified(written)
    notes = (
        _NOTE.format(counted(len(subject.contexts), "user")),
        _columns_note(subject),
        *_vector_notes(subject, bool(read)),
        *(() if refits else (_NO_REFITS,)),
        *_reading_notes(findings),
    )
    return Audit(
        run=subject.run,
        target=target,
        dataset=subject.log.name,
        users=len(subject.contexts),
        all_users=len(subject.log.histories),
        items=len(subject.catalogue),
        findings=tuple(findings),
        notes=notes,
    )


def _columns_note(subject: Subject) -> str:
    """Return which columns about users there are."""
    names = list(dict.fromkeys(name for known in subject.log.users.values() for name in known))
    return _COLUMNS.format(", ".join(names)) if names else _NO_COLUMNS


def _vector_notes(subject: Subject, read: bool) -> list[str]:
    """Return why nothing was read off user vectors, where nothing was."""
    if not isinstance(subject.oracle.target, LatentTarget):
        return [NO_VECTORS]
    return [] if read else [NOT_READ]


def _reading_notes(findings: Sequence[Finding]) -> list[str]:
    """Return how sentences were held against figures, and which ones did not hold."""
    given = [one for one in findings if not one.withheld]
    again = sum(one.read == "target" for one in given)
    told = (
        f"Every sentence was read back: {again:,} of {len(given):,} against figures that were "
        "counted again from the recommender's answers, the others against the figures beside them."
    )
    notes = [told]
    if withheld := [one.probe for one in findings if one.withheld]:
        told = f"{counted(len(withheld), 'sentence')} did not hold and {were(len(withheld))}"
        notes.append(f"{told} withheld: {', '.join(withheld)}.")
    return notes


def _opening(audit: Audit) -> str:
    looked = len(audit.of("bug"))
    if not audit.alarms:
        return f"Nothing looks like a bug among {looked} things that were looked for."
    names = ", ".join(one.probe for one in audit.alarms)
    return f"{len(audit.alarms)} of {looked} things that were looked for look like a bug: {names}."


def _leading(audit: Audit) -> list[Finding]:
    """Return what a reader wants to know first of what the ranking leans on, and for whom."""
    wanted = (
        "same for everybody",
        "last item",
        "without the oldest five",
        "order",
        "popular items",
        "coverage",
    )
    leaning = {one.probe: one for one in audit.of("reliance")}
    found = [leaning[name] for name in wanted if name in leaning]
    pulls = [one for one in audit.of("reliance") if "pull their own like" in one.sentence]
    segments = [one for one in audit.of("segment") if one.alarm]
    return [*found, *pulls[:1], *segments[:2]]
