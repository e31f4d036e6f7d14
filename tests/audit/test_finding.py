"""Tests of findings and changes: an estimate gives its figures as if each were written out."""

from __future__ import annotations

from recexplainer.audit.estimate import Estimate
from recexplainer.audit.finding import Finding
from recexplainer.audit.versions.version_change import Change

FOUND = Estimate(0.5, 0.25, 0.75, 12)


def test_a_finding_with_an_estimate_is_written_as_with_its_figures():
    given = Finding(probe="p", chapter="bug", sentence="s", named=("a",)).with_estimate(FOUND)
    written = Finding(
        probe="p", chapter="bug", sentence="s", figure=0.5, low=0.25, high=0.75, n=12, named=("a",)
    )
    assert given.model_dump_json() == written.model_dump_json()


def test_a_change_with_an_estimate_is_written_as_with_its_figures():
    given = Change(name="c", chapter="lists", sentence="s", unit="count").with_estimate(FOUND)
    written = Change(
        name="c", chapter="lists", sentence="s", change=0.5, low=0.25, high=0.75, unit="count", n=12
    )
    assert given.model_dump_json() == written.model_dump_json()
