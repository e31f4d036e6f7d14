"""The tables of scale say what was measured, and the made-up logs are what they claim."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest
import quote
import scale_table
from large_log import write_log
from pages import ROOT


def _run(size, seconds, memory):
    steps = dict.fromkeys(("read", "prepare", "store", "load", "split"), seconds / 5)
    kept = {"users": 7, "items": 8, "cpu_seconds": 1.0}
    return {"interactions": size, "seconds": steps, "peak_rss_mb": memory, **kept}


RESULT = {
    "machine": {"processor": "P", "cores": 2, "memory_gb": 8, "load_before": 0.5},
    "repeats": 3,
    "data": [_run(100_000, 1, 200), _run(1_000_000, 9, 240), _run(10_000_000, 100, 695)],
    "corpus": [
        {"contexts": 1_000, "items": 5_000, "rows": 4_000, "seconds": {"corpus": 2}}
        | {"before_mb": 100, "peak_rss_mb": 150}
    ],
}


def test_slopes_are_from_the_first_to_the_last():
    assert scale_table.slope([10, 100, 1000], [1, 7, 100]) == pytest.approx(1)
    assert scale_table.slope([10, 1000], [1, 10]) == pytest.approx(0.5)
    text = scale_table.data(RESULT)
    assert "to the power of 1.00 (" in text
    assert "by 50 MB per million" in text  # (695 - 200) / 9.9
    assert "the quickest of 3 runs" in text


def test_rows_are_as_wide_as_their_head_and_add_up():
    for text in (scale_table.data(RESULT), scale_table.corpus(RESULT)):
        assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1
    last = scale_table.data(RESULT).splitlines()[4]
    assert last.startswith("| 10,000,000 | 7 | 8 | 20.0 s |")
    assert last.endswith("| 100.0 s | 1.0 s | 695 MB |")
    # 1,000 x 5,000 scores of 4 bytes are 20 MB.
    assert "| 1,000 | 5,000 | 0.0 GB | 4,000 |" in scale_table.corpus(RESULT)


def test_ten_million_interactions_take_at_most_90_seconds_and_4_gb():
    """As they were measured; ``benchmarks/scale.py`` measures again."""
    result = json.loads((quote.RESULTS / "scale.json").read_text("utf-8"))
    largest = result["data"][-1]
    assert largest["interactions"] == 10_000_000
    assert largest["users"] > 190_000
    assert largest["items"] > 95_000
    assert sum(largest["seconds"].values()) <= 90
    assert largest["peak_rss_mb"] <= 4_000


def test_the_page_has_both_tables():
    page = (ROOT / "docs/explanation/scale.md").read_text("utf-8")
    for name in ("scale", "scale-corpus"):
        assert page.count(f"<!-- {name}:start -->") == page.count(f"<!-- {name}:end -->") == 1
        assert quote.blocks()[name] in page


def test_a_made_up_log_is_the_same_again_and_popular_by_a_power_law(tmp_path):
    size = 50_000
    assert write_log(tmp_path / "a", size, seed=4) == (1_000, 500)
    write_log(tmp_path / "b", size, seed=4)
    write_log(tmp_path / "c", size, seed=5)
    files = ("interactions.csv", "items.csv")
    first, same, other = ([(tmp_path / k / f).read_bytes() for f in files] for k in "abc")
    assert first == same
    assert first[0] != other[0]
    with (tmp_path / "a" / "interactions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "a" / "items.csv").open(encoding="utf-8") as file:
        items = list(csv.DictReader(file))
    assert len(rows) == size
    assert len({row["user_id"] for row in rows}) == 1_000
    assert min(Counter(row["user_id"] for row in rows).values()) >= 3
    times = [int(row["timestamp"]) for row in rows]
    assert times == sorted(times)
    taken = [count for _, count in Counter(row["item_id"] for row in rows).most_common()]
    assert taken[0] / taken[99] == pytest.approx(100**0.9, rel=0.25)
    titles = Counter(item["title"] for item in items)
    assert len(items) == 500
    assert 0.5 < len(titles) / 500 < 1
