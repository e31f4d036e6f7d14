"""Tables of explainers over seeds: means and ends by hand, a dash where nothing was measured."""

from __future__ import annotations

import explainers_table
import first_words


def _run(dataset, gain, first):
    return {
        "dataset": dataset,
        "figures": {"leave_one_out": {"hybrid": {"simulation_gain": {"value": gain}}}},
        "shortlists": {name: {} for name in explainers_table.SHORTLISTS}
        | {"shortlist-random": {"recall@1": first}},
        "swapped": {"agreement": first},
    }


RESULT = {"runs": [_run("films", 0.1, 0.5), _run("films", 0.3, 0.7), _run("games", None, 0.4)]}


def _cells(text, start):
    (row,) = [row for row in text.splitlines() if row.startswith(f"| {start} |")]
    return [cell.strip() for cell in row.strip("|").split("|")][start.count("|") + 1 :]


def test_what_is_foretold_is_a_mean_over_seeds():
    told = explainers_table.foretold(RESULT)
    assert _cells(told, "`films`, hybrid")[0] == "0.20 (0.10 to 0.30)"
    assert set(_cells(told, "`games`, hybrid")) == {"–"}


def test_shortlists_stand_by_who_proposes():
    lists = explainers_table.shortlists(RESULT)
    assert _cells(lists, "`films` | chance")[2] == "0.60 (0.50 to 0.70)"
    assert _cells(lists, "`games` | chance")[2] == "0.40"
    assert set(_cells(lists, "`games` | similarity")) == {"–"}


def test_first_words_stand_by_log_and_length_of_training():
    rows = [
        {"log": "games", "seed": seed, "budget": budget} | dict.fromkeys(first_words.COLUMNS, value)
        for seed, budget, value in ((0, 1.0, 0.2), (1, 1.0, 0.4), (0, 4.0, 0.6))
    ]
    told = first_words.table({"runs": rows})
    assert set(_cells(told, "games, 1, 0, 1")) == {"0.30 (0.20–0.40)"}
    assert set(_cells(told, "games, 4, 0")) == {"0.60"}
