from __future__ import annotations

import pytest

from recexplainer.audit.finding import Finding
from recexplainer.report.charts.finding_bars import finding_chart


def test_bars_end_where_their_shares_lie() -> None:
    shares = [
        Finding(probe=str(f), chapter="parameter", sentence="", figure=f) for f in (0, 0.5, 1)
    ]
    chart = finding_chart(shares)
    ends = [bar.right for bar in chart.bars]
    assert ends[0] == chart.zero == chart.ticks[0].at
    assert ends[2] == chart.ticks[-1].at
    assert ends[1] == pytest.approx((ends[0] + ends[2]) / 2)
    assert all(bar.low is None and bar.control is None for bar in chart.bars)
    assert [bar.text for bar in chart.bars] == ["0%", "50%", "100%"]


def test_intervals_and_controls_lie_on_the_same_axis() -> None:
    found = Finding(
        probe="a", chapter="parameter", sentence="", figure=0.4, low=0.25, high=0.5, control=0.75
    )
    chart = finding_chart([found])
    bar, at = chart.bars[0], [tick.at for tick in chart.ticks]
    assert [bar.low, bar.high, bar.control] == at[1:4]
