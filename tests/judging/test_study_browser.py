"""The form of a study in a real browser, without a window."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import subprocess

import pytest
from judging_study_world import form, study, texts

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")

DRIVER = """
<script>
"use strict";
const step = sessionStorage.getItem("step");
const choose = (value) => document.querySelector(`input[value="${value}"]`).click();
const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
const result = (name, value) => { document.body.dataset[name] = value; };
if (step === null) {
  choose(4);
  document.getElementById("next").click();
  press("2");
  document.getElementById("next").click();
  sessionStorage.setItem("step", "reloaded");
  location.reload();
} else {
  result("restored", document.getElementById("count").textContent);
  document.getElementById("back").click();
  result("chosen", document.querySelector("input:checked").value);
  document.getElementById("open").click();
  result("position", document.getElementById("count").textContent);
  result("shown", document.getElementById("explanation").textContent);
  result("item", document.getElementById("item").textContent);
  choose(1);
  choose(3);
  URL.createObjectURL = (blob) => { blob.text().then((text) => result("csv", text)); return "#"; };
  HTMLAnchorElement.prototype.click = function () { result("name", this.download); };
  document.getElementById("download").click();
}
</script>
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the form showed to a rater who graded two texts, came back, and graded a third."""
    folder = tmp_path_factory.mktemp("browser")
    page = folder / "form.html"
    page.write_text(form(study()).replace("</body>", f"{DRIVER}</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=8000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    (body,) = re.findall(r"<body([^>]*)>", done.stdout)
    return {name: html.unescape(text) for name, text in re.findall(r'data-(\w+)="([^"]*)"', body)}


def test_grades_and_place_outlive_a_reload(seen):
    assert seen["restored"] == "text 3 of 16, 2 graded"
    assert seen["chosen"] == "2"
    assert seen["position"] == "text 3 of 16, 2 graded"


def test_texts_and_titles_are_shown_as_they_are(seen):
    third = texts(form(study()))[2]
    assert (seen["shown"], seen["item"]) == (third["explanation"], third["item"])


def test_the_download_holds_every_code_with_its_grade(seen):
    key = study()
    rows = list(csv.DictReader(io.StringIO(seen["csv"])))
    assert [row["code"] for row in rows] == list(key.raters["rater 1"])
    assert [row["grade"] for row in rows] == ["4", "2", "3", *[""] * 13]
    assert {(row["study"], row["rater"]) for row in rows} == {(key.study, "rater 1")}
    assert seen["name"] == f"study-{key.study}-rater-1.csv"
