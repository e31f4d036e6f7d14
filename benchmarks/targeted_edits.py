"""How often an edit of a history brings an item where it is wanted, and in how many questions.

Usage: python benchmarks/targeted_edits.py RUN RUN ... [--cases 40]   (runs up to their targets)

Items are drawn evenly from ranks 11 to 200 (to be pushed out: from 1 to 10) of users that are
measured. What is found is asked again by one call of the target for each history, and ranked here.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measuring import RESULTS, describe_machine, write_result

ALL = ("remove", "replace", "add")
ROWS = (
    ("top 10", ("remove",), "item"),
    ("top 10", ("replace",), "item"),
    ("top 10", ("add",), "item"),
    ("top 10", ALL, "item"),
    ("top 10", ("remove",), "attribute"),
    ("top 10", ALL, "attribute"),
    ("out of top 10", ("remove",), "item"),
    ("out of top 10", ALL, "item"),
    ("no", ALL, "item"),
)
"""Aim, changes that are allowed, and what is changed at a time."""
SHORT, LONGEST = 8, 5
"""Items of a history that is short enough to try every removal; changes at once."""


@dataclass(frozen=True)
class Drawn:
    """A question: a moment of a user, all that was had by then, and an item."""

    context: Any
    seen: tuple[str, ...]
    item: str


def main() -> None:
    """Ask, and keep what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--budget", type=int, default=200)
    parser.add_argument("--result", type=Path, default=RESULTS / "targeted_edits.json")
    given = parser.parse_args()
    machine = describe_machine()
    runs = []
    for run in given.runs:
        runs.append(measure(run, given.cases, given.budget))
        kept = {"machine": machine, "cases": given.cases, "budget": given.budget, "runs": runs}
        write_result(given.result, kept)


def table(result: Mapping[str, Any]) -> str:
    """Return the table and the paragraph that the documentation quotes.

    Args:
        result: what this script wrote.
    """
    by_data: dict[str, list[Mapping[str, Any]]] = {}
    for run in result["runs"]:
        by_data.setdefault(run["dataset"], []).append(run)
    heads = [f"{name}: found | changes | questions" for name in by_data]
    lines = [f"| aim | edits | {' | '.join(heads)} |", f"|---|---|{'---|---|---|' * len(by_data)}"]
    for place, (aim, kinds, by) in enumerate(ROWS):
        cells = [_cells([run["rows"][place] for run in runs]) for runs in by_data.values()]
        edits = "all" if kinds == ALL else ", ".join(kinds)
        lines.append(f"| {aim} | {edits}, by {by} | {' | '.join(cells)} |")
    for place, drawn in enumerate(("any items", "the same items")):
        cells = [_random_cells([run["random_edits"][place] for run in r]) for r in by_data.values()]
        lines.append(f"| top 10 | drawn at random, {drawn} | {' | '.join(cells)} |")
    rows = [row for run in result["runs"] for row in run["rows"]]
    short = [run["short_histories"] for run in result["runs"]]
    found, valid = sum(row["found"] for row in rows), sum(row["valid"] for row in rows)
    said, right = (
        sum(one[name] for one in short) for name in ("said_to_be_minimal", "minimal_and_right")
    )
    least, some = (
        sum(one[name] for one in short) for name in ("as_small_as_possible", "some_removal_does")
    )
    text = (
        f"{len(result['runs'])} runs of `{result['runs'][0]['target']}`, up to {result['cases']} "
        f"cases each and {result['budget']} questions a case; items at ranks 11 to 200, "
        f"to be pushed out from 1 to 10. Of {found:,} edits that were found, {valid:,} meet the "
        f"aim when the recommender is asked again. Where the last {SHORT} items are all the "
        f"history, removals were tried one by one: some removal does in {some} cases, a smallest "
        f"one was found in {least}, and of {said} said to be minimal {right} are."
    )
    return "\n".join([*lines, "", text])


def _cells(rows: Sequence[Mapping[str, Any]]) -> str:
    cases, found = (sum(row[name] for row in rows) for name in ("cases", "found"))
    size = sum(row["mean_size"] * row["found"] for row in rows) / max(1, found)
    asked = sum(row["mean_questions"] for row in rows) / len(rows)
    return f"{100 * found / cases:.0f} % | {size:.1f} | {asked:.0f}"


def _random_cells(rows: Sequence[Mapping[str, Any]]) -> str:
    share, size, asked = (
        sum(row[name] for row in rows) / len(rows)
        for name in ("share", "mean_size", "mean_questions")
    )
    return f"{100 * share:.0f} % | {size:.1f} | {asked:.0f}"


def measure(run: Path, count: int, budget: int) -> dict[str, Any]:
    """Return what was found on one run, by row, with two baselines and the small histories."""
    import torch

    from recexplainer.pipeline.after.finished_run import reopen
    from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry

    torch.set_num_threads(1)
    bench, _ = reopen(config_of_run(run), run, default_registry())
    told = {"run": run.name, "dataset": bench.log.name, "target": bench.plan.target.name}
    told |= {"seed": bench.config.seed, "items": len(bench.catalogue)}
    far = list(draw(bench, count, 11, 200))
    near = list(draw(bench, count, 1, 10))
    rows = []
    for aim, kinds, by in ROWS:
        row = searched(bench, near if aim.startswith("out") else far, aim, kinds, by, budget)
        rows.append(row)
        print(run.name, row, flush=True)
    told["random_edits"] = [random_edits(bench, far, budget, tried=tried) for tried in (None, 60)]
    told["short_histories"] = short_histories(bench, far, budget)
    print(told, flush=True)
    return {**told, "rows": rows}


def draw(bench: Any, count: int, first: int, last: int) -> Iterator[Drawn]:
    """Yield an item at a rank between the two for each of so many users."""
    rng = np.random.default_rng([bench.config.seed, first])
    contexts = bench.split.evaluated
    for place in rng.permutation(len(contexts))[:count]:
        context = contexts[place]
        seen = tuple(bench.seen(context))
        scores = bench.target.scores([context.history])[0].copy()
        scores[bench.catalogue.rows(seen)] = -np.inf
        row = np.argsort(-scores, kind="stable")[rng.integers(first, last + 1) - 1]
        yield Drawn(context, seen, bench.catalogue.ids[int(row)])


def searched(
    bench: Any, cases: Sequence[Drawn], aim: str, kinds: Sequence[str], by: str, budget: int
) -> dict[str, Any]:
    """Return how often the search finds an edit, what it takes, and how often it is minimal."""
    from recexplainer.errors import UserError
    from recexplainer.explanation.edits.question import Wish
    from recexplainer.pipeline.after.history_edit import edit_history
    from recexplainer.pipeline.after.moment import Moment

    answers, impossible = [], 0
    began = time.process_time()
    for one in cases:
        wish = Wish.read(aim, kinds, by, budget)
        try:
            title = bench.catalogue.title(one.item)  # an id may be another item's title
            told = edit_history(bench, Moment(one.context, one.seen), title, wish)
        except UserError:  # no item of the history has an attribute to change
            impossible += 1
            continue
        answers.append((one, told))
    took = time.process_time() - began
    wanted = [(one, told) for one, told in answers if not told.met]
    found = [(one, told) for one, told in wanted if told.found is not None]
    sizes = Counter(len(told.found.edit) for _, told in found)
    asked = sum(told.questions for _, told in wanted)
    return {
        "aim": aim,
        "kinds": list(kinds),
        "by": by,
        "cases": len(wanted) + impossible,
        "impossible": impossible,
        "found": len(found),
        "share": round(len(found) / max(1, len(wanted) + impossible), 3),
        "valid": sum(holds(bench, one, told.found.history, aim) for one, told in found),
        "sizes": {str(size): sizes[size] for size in sorted(sizes)},
        "mean_size": round(sum(len(t.found.edit) for _, t in found) / max(1, len(found)), 2),
        "minimal": sum(told.minimal for _, told in found),
        "irreducible": sum(told.irreducible for _, told in found),
        "mean_questions": round(asked / max(1, len(wanted)), 1),
        "most_questions": max((told.questions for _, told in wanted), default=0),
        "cpu_seconds_per_case": round(took / max(1, len(answers)), 3),
    }


def places_after(
    bench: Any, case: Drawn, histories: Sequence[Sequence[str]], *, rivals_stay: bool = False
) -> list[tuple[int, int]]:
    """Return the rank after each history, and of how many, ranked without the product's code.

    Args:
        bench: the run.
        case: the question.
        histories: what is read in its place.
        rivals_stay: whether what a history has anew still counts as a candidate.
    """
    own, places = bench.catalogue.row(case.item), []
    for history, scores in zip(histories, bench.target.scores(histories), strict=True):
        rival = np.ones(len(scores), dtype=bool)
        gone = case.seen if rivals_stay else (*case.seen, *history)
        rival[[own, *bench.catalogue.rows(gone)]] = False
        ahead = int(np.count_nonzero(scores[rival] > scores[own]))
        places.append((1 + ahead, 1 + int(rival.sum())))
    return places


def holds(bench: Any, case: Drawn, history: Sequence[str], aim: str) -> bool:
    """Return whether the aim is met after a history, asked anew."""
    ((rank, candidates),) = places_after(bench, case, [history])
    if aim == "no":
        return rank > candidates - candidates // 2
    return rank > 10 if aim.startswith("out") else rank <= 10


def random_edits(
    bench: Any, cases: Sequence[Drawn], budget: int, *, tried: int | None
) -> dict[str, Any]:
    """Return how often edits drawn at random do, as many of each size, the smallest first.

    Args:
        bench: the run.
        cases: the questions, of items that are to come into the first ten.
        budget: edits for each.
        tried: items to draw from, the same as the search's; None draws from all.
    """
    questions, sizes = 0, []
    for number, case in enumerate(cases):
        rng = np.random.default_rng([bench.config.seed, number])
        fresh = addable(bench, case)[:tried]
        edits = [
            random_edit(rng, case.context.history, fresh, 1 + turn * LONGEST // budget)
            for turn in range(budget - 1)
        ]
        places = places_after(bench, case, edits, rivals_stay=True)  # as strict as the search
        first = next((turn for turn, (rank, _) in enumerate(places) if rank <= 10), None)
        sizes += [] if first is None else [1 + first * LONGEST // budget]
        questions += budget if first is None else 2 + first  # one is about the history as it is
    return {
        "tried": tried,
        "share": round(len(sizes) / len(cases), 3),
        "mean_size": round(sum(sizes) / max(1, len(sizes)), 2),
        "mean_questions": round(questions / len(cases), 1),
    }


def random_edit(
    rng: np.random.Generator, history: Sequence[str], fresh: Sequence[str], size: int
) -> list[str]:
    """Return the history after so many random changes."""
    edited = list(history)
    for new in (fresh[k] for k in rng.permutation(len(fresh))[:size]):
        kind = ALL[rng.integers(3)] if len(edited) > 1 else "add"
        place = int(rng.integers(len(edited)))
        if kind == "remove":
            del edited[place]
        elif kind == "replace":
            edited[place] = new
        else:
            edited.append(new)
    return edited


def addable(bench: Any, case: Drawn) -> list[str]:
    """Return what the search may add, in its order."""
    from recexplainer.explanation.cases import make_case
    from recexplainer.explanation.edits.additions import Neighbours

    made = make_case(bench.oracle, case.context, case.item, excluded=case.seen)
    split, vectors = bench.split, bench.target.item_vectors()
    known = Neighbours(bench.catalogue, split.popularity, split.training.histories, vectors)
    return list(known.additions(made, nearest=True))


def short_histories(bench: Any, cases: Sequence[Drawn], budget: int) -> dict[str, Any]:
    """Return how removals from the last items compare with all there are, tried here one by one."""
    from dataclasses import replace

    from recexplainer.explanation.edits.question import Wish
    from recexplainer.pipeline.after.history_edit import edit_history
    from recexplainer.pipeline.after.moment import Moment

    counts: Counter[str] = Counter()
    for case in cases:
        history = case.context.history[-SHORT:]
        short = replace(case, context=replace(case.context, history=history))
        if len(history) < 2 or places_after(bench, short, [history])[0][0] <= 10:
            continue
        moment = Moment(short.context, short.seen)
        wish = Wish.read("top 10", ["remove"], "item", budget)
        told = edit_history(bench, moment, bench.catalogue.title(short.item), wish)
        smallest = fewest_removals(bench, short)
        size = len(told.found.edit) if told.found else None
        counts["cases"] += 1
        counts["some_removal_does"] += smallest is not None
        counts["found"] += size is not None
        counts["said_to_be_minimal"] += told.minimal
        counts["minimal_and_right"] += told.minimal and size == smallest
        counts["as_small_as_possible"] += size is not None and size == smallest
    return dict(counts)


def fewest_removals(bench: Any, case: Drawn) -> int | None:
    """Return the size of the smallest removal that brings the item into the first ten."""
    history = case.context.history
    for size in range(1, min(LONGEST, len(history) - 1) + 1):
        left = [list(kept) for kept in itertools.combinations(history, len(history) - size)]
        if any(rank <= 10 for rank, _ in places_after(bench, case, left)):
            return size
    return None


if __name__ == "__main__":
    main()
