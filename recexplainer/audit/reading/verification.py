"""Verification: every sentence of an audit is read back, and given only if it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from recexplainer.audit.explained import Explained
from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.plain_answers import Again, PlainAnswers
from recexplainer.audit.reading.record_check import contradictions, value_of
from recexplainer.audit.reading.recounted_additions import additions_again, causes_again
from recexplainer.audit.reading.recounted_bugs import BUGS_AGAIN
from recexplainer.audit.reading.recounted_lists import LISTS, attribute_again
from recexplainer.audit.reading.recounted_segments import segment_again
from recexplainer.audit.reading.sentence_forms import FIRST_SENTENCES, read_finding
from recexplainer.audit.reading.sentence_pattern import read_by
from recexplainer.audit.subject import Subject

__all__ = ["Verifier", "opening_holds"]

_WIDTHS = (0.5, 2.0)
"""A normal interval may be so much narrower or wider than one of resampled users."""


class Verifier:
    """Reads findings back. What the target says is asked anew, once for all of them."""

    def __init__(
        self,
        subject: Subject,
        added: Mapping[str, Mapping[str, float]] | None = None,
        explained: Sequence[Explained] = (),
    ) -> None:
        """Verify what is said of ``subject``, with what the audit was given beside it."""
        self._subject, self._added, self._explained = subject, added or {}, explained
        self._answers = PlainAnswers(subject)

    def verified(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the findings, those that do not hold without their sentence."""
        compared = sum(_is_compared(one) for one in findings)
        leaning: dict[str, Mapping[str, Again] | None] = {}
        held = []
        for found in findings:
            if found.chapter == "parameter":
                again = _complement(leaning.get(found.probe))
            else:
                again = self._again(found)
            if found.chapter == "reliance":
                leaning[found.probe] = again
            held.append(self._verified(found, again, compared))
        return held

    def _verified(
        self, found: Finding, again: Mapping[str, Again] | None, compared: int
    ) -> Finding:
        wrong = "; ".join(self.problems(found, again, compared))
        held = "figures" if again is None else "target"
        change = {"withheld": wrong, "sentence": ""} if wrong else {}
        return found.model_copy(update={"read": held, **change})

    def problems(
        self, found: Finding, again: Mapping[str, Again] | None, compared: int
    ) -> Iterator[str]:
        """Yield why a sentence does not hold.

        Args:
            found: the finding.
            again: its figures as they were counted again; None where they were not.
            compared: how many comparisons of segments there are.
        """
        read = read_finding(found)
        if read is None:
            yield "the sentence is of no form that is understood"
            return
        yield from contradictions(found, read, self._subject.catalogue)
        if _is_compared(found) and found.others.get("comparisons") != compared:
            yield f"there are {compared} comparisons"
        yield from _recounted(found, again or {})

    def _again(self, found: Finding) -> Mapping[str, Again] | None:
        """Return the figures of a finding, counted again; None where nothing counts them."""
        if found.figure is None:
            return None
        if _is_compared(found):
            return segment_again(self._answers, found, self._added)
        if found.probe == "no single cause":
            return causes_again(self._answers, self._explained)
        tables = {"bug": BUGS_AGAIN, "reliance": LISTS}
        recount = tables.get(found.chapter, {}).get(found.probe)
        if recount is None and found.chapter == "reliance" and "whole" in found.others:
            recount = additions_again if "interactions" in found.others else attribute_again
        return None if recount is None else recount(self._answers, found)


def opening_holds(sentence: str, findings: Iterable[Finding]) -> bool:
    """Return whether the first sentence counts and names what looks like a bug."""
    bugs = [one for one in findings if one.chapter == "bug" and not one.withheld]
    alarms = [one.probe for one in bugs if one.alarm]
    counts = {"looked": len(bugs), "alarms": len(alarms)}
    read = next((one for form in FIRST_SENTENCES if (one := read_by(form, sentence))), None)
    return (
        read is not None
        and all(amount.holds(counts[name]) for name, amount in read.amounts.items())
        and read.texts.get("names", "") == ", ".join(alarms)
    )


def _is_compared(found: Finding) -> bool:
    return found.chapter == "segment" and "comparisons" in found.others


def _complement(again: Mapping[str, Again] | None) -> Mapping[str, Again] | None:
    """Return what a line of the table has to say: the rest of what stays."""
    if again is None:
        return None
    stays, control = again["figure"], again["control"]
    return {
        "stays": stays,
        "figure": Again(1 - stays.value, stays.slack, stays.error),
        "control": Again(1 - control.value, control.slack),
    }


def _recounted(found: Finding, again: Mapping[str, Again]) -> Iterator[str]:
    """Yield which figures are not what was counted again."""
    for name, one in again.items():
        if name == "gain":
            low, high = found.others["gain_low"], found.others["gain_high"]
            if not low - one.slack <= one.value <= high + one.slack:
                yield f"the gain is {one.value:.3f} when it is counted again"
            continue
        value = value_of(found, name)
        if value is None or abs(value - one.value) > one.slack + 1e-9:
            yield f"{name} is {one.value:.3f} when it is counted again"
    yield from _interval(found, again.get("figure"))


def _interval(found: Finding, again: Again | None) -> Iterator[str]:
    """Yield whether the interval is much too narrow or too wide."""
    if again is None or not again.error or found.low is None or found.high is None:
        return
    half, wide = (found.high - found.low) / 2, 1.96 * again.error
    # Near 0 and 1 an interval of resampled users keeps what so few users cannot rule out.
    spare = 3 / max(1, found.n)
    if not _WIDTHS[0] * wide - spare <= half <= _WIDTHS[1] * wide + spare:
        yield "the interval is not as wide as that of a mean of so many"
