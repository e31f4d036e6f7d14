"""The page in a browser: what fits the first screen, how many sheets it prints on, what opens."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from recexplainer.records import Check
from recexplainer.report.render.html import render_html

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
SEEN = """<script>
const bottom = (one) => Math.ceil(document.querySelector(one).getBoundingClientRect().bottom);
document.body.dataset.list = bottom(".findings");
document.body.dataset.wide = document.documentElement.scrollWidth;
</script></body>"""
FIGURES = {
    ("sasrec", "target_quality", "hit@10"): 0.2,
    ("popularity", "target_quality", "hit@10"): 0.1,
    ("hybrid", "next_item_retrieval", "hit@5_constrained"): 0.7,
    ("popularity", "next_item_retrieval", "hit@5_constrained"): 0.1,
    ("hybrid", "interest_classification", "accuracy"): 0.9,
    ("popularity", "interest_classification", "accuracy"): 0.89,
    ("hybrid", "explanation", "true_as_read"): 0.9,
    ("hybrid-unchecked", "explanation", "true_as_read"): 0.1,
    ("hybrid", "explanation", "coverage"): 0.8,
    ("hybrid", "explanation_kept", "true_as_read"): 0.9,
    ("hybrid", "explanation", "faithfulness_drop"): 0.4,
    ("hybrid-unchecked", "explanation", "faithfulness_drop"): 0.1,
    ("hybrid", "explanation", "faithfulness_drop_shuffled"): 0.3,
    ("hybrid", "explanation", "mended"): 0.7,
}
LONG = (
    "Yes, because of Heat (1995) and Babe (1995). "
    + "It is lifted by what the user had lately. " * 40
)


@pytest.fixture
def full(report, make_figure, make_explained):
    """A run about which all sentences are told, with forty long texts, half of them false."""
    figures = [
        make_figure(*name, value, split="all" if name[1] == "target_quality" else "leave_one_out")
        for name, value in FIGURES.items()
    ]
    new_users = make_figure(
        "hybrid", "next_item_retrieval", "hit@5_constrained", 0.4, split="held_out_users"
    )
    texts = []
    for number in range(40):
        checks = (
            Check(name="decision_agreement", value=float(number % 2), detail="No; it says Yes"),
            Check(name="true_as_read", value=float(number % 2)),
            Check(name="grounding", value=0.5, detail="these are not real: " + "Alien; " * 9),
        )
        one = make_explained(number, LONG, checks=checks)
        texts.append(one.model_copy(update={"abstained": number % 2 == 0}))
    accounts = tuple(one.explanation.model_copy(update={"explainer": "told"}) for one in texts)
    return report.model_copy(
        update={
            "metrics": (*figures, new_users),
            "explanations": tuple(texts),
            "accounts": accounts,
        }
    )


@pytest.fixture
def chromium(tmp_path):
    """Return what opens a page: a function of the page's text and Chromium's own options."""

    def opened(page, *options, part=""):
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        quiet = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update")
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        start = [CHROMIUM, "--headless", "--no-sandbox", "--disable-background-networking"]
        command = [*start, *quiet, profile, *options, f"{path.as_uri()}{part}"]
        return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout

    return opened


def measured(chromium, page, size):
    dom = chromium(page.replace("</body>", SEEN), f"--window-size={size}", "--dump-dom").decode()
    found = re.search(r'<body data-list="(\d+)" data-wide="(\d+)"', dom)
    return [int(number) for number in found.groups()]


def test_what_was_found_fits_the_first_screen(full, chromium):
    page = render_html(full)
    assert page.count("<li", page.index('class="findings"'), page.index("</ol>")) == 9
    bottom, wide = measured(chromium, page, "1200,900")
    assert 0 < bottom <= 900
    assert wide <= 1200


def test_nothing_is_wider_than_a_narrow_screen(full, chromium):
    # 500 is the narrowest window that Chromium opens.
    _, wide = measured(chromium, render_html(full), "500,900")
    assert wide <= 500


def sheets(chromium, page, path):
    chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={path}")
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


def test_it_prints_on_four_sheets(full, chromium, tmp_path):
    assert 2 <= sheets(chromium, render_html(full), tmp_path / "a.pdf") <= 4


def test_what_was_opened_is_not_printed_either(full, chromium, tmp_path):
    page = render_html(full)
    shut = sheets(chromium, page, tmp_path / "a.pdf")
    assert sheets(chromium, page.replace("<details", "<details open"), tmp_path / "b.pdf") == shut


@pytest.mark.parametrize("part", ["fidelity", "explanations", "target"])
def test_a_link_opens_the_part_that_it_leads_to(full, chromium, part):
    dom = chromium(render_html(full), "--dump-dom", part=f"#{part}").decode()
    (opened,) = re.findall(r'<details class="fold" open="">.*?<section id="(\w+)"', dom, re.DOTALL)
    assert opened == part
