"""Time to explain by `occlusion` and to check 500 cases of a run, the target asked live.

Usage: python benchmarks/explanation_checks.py runs/benchmarks/seed-0   (a run up to its target)
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import RESULTS, describe_machine, write_result


def main() -> None:
    """Explain, check, and keep how long it took and what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--exact-up-to", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--result", type=Path, default=RESULTS / "explanation_checks.json")
    given = parser.parse_args()
    machine = describe_machine()
    measured = measure(given.run, given.cases, given.exact_up_to, given.threads)
    for name, value in measured.items():
        print(f"{name}: {value}")
    write_result(given.result, {"machine": machine, **measured})


def measure(run: Path, count: int, exact_up_to: int, threads: int) -> dict[str, Any]:
    """Return the seconds, what the target was asked, and how many items change its decisions."""
    import torch

    from recexplainer.explanation.cases import draw_cases
    from recexplainer.explanation.checks.checker import check_explanations
    from recexplainer.explanation.explainers.occlusion import OcclusionExplainer, OcclusionOptions
    from recexplainer.oracle import Oracle
    from recexplainer.pipeline.after.finished_run import reopen
    from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
    from recexplainer.plugins.interfaces import ExplainerKit
    from recexplainer.runs.memory import reuse_memory

    torch.set_num_threads(threads)
    reuse_memory()  # as a run does before it explains
    bench, _ = reopen(config_of_run(run), run, default_registry())
    items, target = bench.catalogue, bench.target
    users, seed = -(-count // 2), bench.config.seed
    cases = draw_cases(bench.oracle, bench.evaluated, bench.seen, users=users, seed=seed)[:count]
    asked = count_questions(target)
    began = time.perf_counter()
    options = OcclusionOptions(exact_up_to=exact_up_to)
    kit = ExplainerKit(items, target, bench.split.popularity, seed=seed)
    explanations = list(OcclusionExplainer(options, kit).explain(cases))
    explained, questions = time.perf_counter(), asked["histories"]
    checked = check_explanations(explanations, cases, Oracle(target, items), seed=seed)
    ended = time.perf_counter()
    claims = [claim for one in checked for claim in one.claims if claim.kind == "counterfactual"]
    sizes = Counter(len(claim.items) for claim in claims)
    return {
        "target": bench.plan.target.name,
        "cases": len(cases),
        "exact_up_to": exact_up_to,
        "threads": threads,
        "seconds": round(ended - began, 1),
        "seconds_explaining": round(explained - began, 1),
        "seconds_checking": round(ended - explained, 1),
        "questions_explaining": questions,
        "questions_checking": asked["histories"] - questions,
        "items_removed": {str(size): sizes[size] for size in sorted(sizes)},
        "none_found": len(cases) - len(claims),
        "surely_fewest": len(claims) - sum("fewer may do" in one.text for one in checked),
        "what_ifs_that_hold": sum(claim.real for claim in claims),
    }


def told(result: Mapping[str, Any]) -> str:
    """Return the paragraph that the documentation quotes.

    Args:
        result: what this script wrote.
    """
    sizes = result["items_removed"].items()
    found = ", ".join(f"{count} cases by {size}" for size, count in sizes)
    machine = result["machine"]
    threads = "1 thread" if result["threads"] == 1 else f"{result['threads']} threads"
    return (
        f"On MovieLens-100K with `{result['target']}`, {result['cases']} cases take "
        f"{result['seconds_explaining']:.0f} s to explain and {result['seconds_checking']:.0f} s "
        f"to check ({threads}, {machine['cores']} cores of {machine['processor']}): "
        f"{result['questions_explaining']:,} and "
        f"{result['questions_checking']:,} histories put to f. Its decision is undone in {found} "
        f"titles, {result['surely_fewest']} of these surely the fewest; in {result['none_found']} "
        "no removal of up to five was found."
    )


def count_questions(target: Any) -> Counter[str]:
    """Return a count of the histories that ``target`` is asked about from now on."""
    asked: Counter[str] = Counter()
    answer = target.scores

    def scores(histories: Sequence[Sequence[str]]) -> Any:
        asked["histories"] += len(histories)
        return answer(histories)

    target.scores = scores
    return asked


if __name__ == "__main__":
    main()
