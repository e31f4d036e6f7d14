"""The static twin holds the run's cases, and titles stay text in it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import recexplainer
from recexplainer.errors import UserError
from recexplainer.explorer.bundle import write_bundle


class Seen(HTMLParser):
    """Collects tags and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.links, self.words = set(), [], []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data) -> None:
        self.words.append(data)


def test_a_bundle_has_a_page_per_case_and_nothing_that_runs(run_folder, tmp_path) -> None:
    out = tmp_path / "shared"
    count = write_bundle(run_folder, out)
    run = recexplainer.load(run_folder)
    assert count == len(run.cases) == len(list(out.glob("case-*.html")))
    everything = ""
    for page in out.glob("*.html"):
        seen = Seen()
        seen.feed(page.read_text("utf-8"))
        assert seen.tags.isdisjoint({"script", "img", "link", "iframe"})
        assert all((out / link).exists() for link in seen.links)
        everything += "".join(seen.words)
        assert "by a machine" in everything
    assert "<svg onload=document.title='owned'>" in everything  # as words
    with pytest.raises(UserError, match="something in it"):
        write_bundle(run_folder, out)
