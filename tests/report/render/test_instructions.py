"""How instructions are followed has a section of its own, a table for each instruction."""

from __future__ import annotations

from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.tables import explanation_metrics, fidelity_metrics


def test_each_instruction_has_its_table_and_counts_as_nothing_else(with_metrics, make_figure):
    figures = [
        make_figure(
            "hybrid", "instruction", f"instruction_{name}", value, split=f"only {attribute}"
        )
        for attribute, value in (("genre", 0.75), ("decade", 0.25))
        for name in ("kept_to", "changed")
    ]
    told = with_metrics(*figures)
    assert fidelity_metrics(told) == explanation_metrics(told) == []
    page, text = render_html(told), render_markdown(told)
    assert '<section id="instructions" aria-label="Told to keep to one attribute">' in page
    assert "share of texts that differ from the plain ones" in page
    lines = text.split("\n")
    place = lines.index("## Told to keep to one attribute")
    assert lines[place + 2].startswith("Only genre, with 95 % intervals, n = ")
    assert "| Explainer | instruction\\_changed | instruction\\_kept\\_to |" in text
    assert text.count("| hybrid | 0.75") == text.count("| hybrid | 0.25") == 1


def test_without_figures_there_is_no_section(with_metrics, make_figure):
    plain = with_metrics(make_figure("hybrid", "explanation", "pos@1", 0.5))
    assert "instructions" not in render_html(plain)
    assert "Told to keep" not in render_markdown(plain)
