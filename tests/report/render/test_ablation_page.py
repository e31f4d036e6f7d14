"""The page of an ablation is one safe file, and says what is scaled, compared and missing."""

from __future__ import annotations

import builtins
import re
import struct

import pytest

from recexplainer.errors import MissingExtraError
from recexplainer.report.ablation_record import Ablation
from recexplainer.report.render.ablation_files import write_ablation
from recexplainer.report.render.ablation_images import write_images
from recexplainer.report.render.ablation_markdown import render_ablation_markdown
from recexplainer.report.render.ablation_page import render_ablation


def test_the_page_fetches_nothing_runs_nothing_and_escapes_what_it_shows(ablation) -> None:
    page = render_ablation(ablation)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "without &lt;b&gt;" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", page)
    assert "http" not in page


def test_the_page_says_what_is_clear_what_failed_and_what_is_scaled_to_what(ablation) -> None:
    page = render_ablation(ablation)
    assert "2 variants of one configuration" in page
    assert "with 2 seeds (0, 1)" in page
    assert "1 of 4 differences to base is clear: hit@5 of Next-item retrieval −0.400" in page
    assert "words: not compared with base" in page
    assert "words, seed 0 failed: the disk is full" in page
    assert "100 % is the best that any variant here reached" in page
    assert page.count("<figure>") == 2 + 4  # radars of the variants, bars of the figures


def test_an_ablation_whose_runs_all_failed_has_a_page(ablation) -> None:
    empty = ablation.model_copy(update={"figures": (), "baselines": ()})
    page = render_ablation(empty)
    assert "No run was measured." in page
    assert "<figure>" not in page


def test_markdown_has_every_figure_and_difference(ablation) -> None:
    text = render_ablation_markdown(ablation)
    assert "| base | 0.800 [0.750, 0.850] |" in text
    assert "0.400 [0.350, 0.450]; −0.400 [−0.450, −0.350] \\*" in text
    assert "| words | 0.200 [0.150, 0.250] | 0.300 [0.250, 0.350] | 0.450 [0.400, 0.500] | – |" in (
        text
    )


def test_the_record_is_read_again_as_it_was(ablation, tmp_path) -> None:
    write_ablation(ablation, tmp_path)
    text = (tmp_path / "ablation.json").read_text("utf-8")
    assert Ablation.model_validate_json(text) == ablation


def test_images_are_png_files(ablation, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    written = write_images(ablation, tmp_path)
    assert [path.name for path in written] == ["radars.png", "bars.png"]
    for path in written:
        head = path.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", head[16:])
        assert width > 500
        assert height > 200


def test_without_matplotlib_the_extra_is_named(ablation, tmp_path, monkeypatch) -> None:
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[figures\]"):
        write_images(ablation, tmp_path)
