"""Charts of variants: all is a share of the best, and what was not measured is not drawn as 0."""

from __future__ import annotations

import math
import re

import pytest

from recexplainer.report.charts.radar import radars
from recexplainer.report.charts.scaled_metrics import scaled_metrics
from recexplainer.report.charts.variant_bars import variant_bars


def points(path: str, middle: tuple[float, float]) -> list[float]:
    """The distance of each corner from the middle."""
    pairs = [tuple(map(float, pair.split())) for pair in re.findall(r"[\d.]+ [\d.]+", path)]
    return [math.dist(pair, middle) for pair in pairs]


def test_figures_are_divided_by_the_best_variants(ablation) -> None:
    found = scaled_metrics(ablation)
    assert [one.best for one in found] == [0.8, 0.6, 0.9, 0.2]
    assert [one.share_of("words") for one in found] == [0.25, 0.5, 0.5, None]
    assert found[0].share(found[0].random) == pytest.approx(0.05)


def test_what_is_decoded_over_the_catalogue_or_better_lower_is_not_drawn(ablation) -> None:
    first, second, third, last = ablation.declared
    changed = (
        first.model_copy(update={"metric": "hit@5_constrained"}),
        second.model_copy(update={"better": "lower"}),
        third.model_copy(update={"bounds": (-1.0, 1.0)}),
        last,
    )
    drawn = scaled_metrics(ablation.model_copy(update={"declared": changed}))
    assert [one.metric for one in drawn] == [last.metric]


def test_what_nobody_reaches_anything_of_is_left_to_the_table(ablation) -> None:
    none = tuple(one.model_copy(update={"value": 0.0}) for one in ablation.figures)
    assert scaled_metrics(ablation.model_copy(update={"figures": none})) == []


def test_a_radar_has_its_corners_at_the_shares(ablation) -> None:
    worse, words = radars(ablation, scaled_metrics(ablation))
    outside = worse.rings[-1][0]
    assert points(worse.base, worse.middle) == pytest.approx([outside] * 4, abs=0.1)
    shares = [0.5, 1.0, 1.0, 0.5]
    assert points(worse.own, worse.middle) == pytest.approx([outside * s for s in shares], abs=0.1)
    assert worse.own.endswith("Z")
    assert not words.own.endswith("Z")  # open at what it was not asked
    assert points(words.own, words.middle) == pytest.approx(
        [outside * s for s in (0.25, 0.5, 0.5)], abs=0.1
    )
    assert "told of history_reconstruction not measured" in words.alt


def test_two_figures_span_no_radar(ablation) -> None:
    assert radars(ablation, scaled_metrics(ablation)[:2]) == []


def test_bars_end_at_the_share_and_the_axis_holds_every_interval(ablation) -> None:
    hit, *_, told = variant_bars(ablation, scaled_metrics(ablation))
    ticks = {tick.text: tick.at for tick in hit.ticks}
    base, worse, words = hit.bars
    assert base.right == ticks["100%"]
    assert worse.right - hit.zero == pytest.approx((base.right - hit.zero) / 2, abs=0.1)
    assert base.high < hit.ticks[-1].at
    assert base.is_base
    assert not words.is_base
    assert told.bars[2].text == "–"
    assert hit.random == pytest.approx(hit.zero + 0.05 * (base.right - hit.zero), abs=0.1)
