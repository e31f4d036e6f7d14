"""A pretrained text encoder beside bags of words: who wrote a text, and what it tells of the score.

The texts of a finished run are read by both; see ``explanations.text_encoder``.

Usage: python benchmarks/text_encoder.py RUN --encoder FOLDER
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from measuring import RESULTS, describe_machine, write_result

import recexplainer
from recexplainer.explanation.figures.distinction import wording_metrics
from recexplainer.explanation.figures.text_encoder import TextEncoder
from recexplainer.runs.progress_lines import console_progress


def main() -> None:
    """Measure, keep the figures, and print them as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--encoder", required=True, help="a folder, or a hub id")
    parser.add_argument("--result", type=Path, default=RESULTS / "text_encoder.json")
    asked = parser.parse_args()
    run = recexplainer.load(asked.run)
    began = time.perf_counter()
    encode = TextEncoder(asked.encoder, console_progress())
    encode([one.text for one in run.explanations])
    seconds = time.perf_counter() - began
    # Users of both splits together: what a reader of words can tell does not hang on the split.
    cases = [case.model_copy(update={"split": "all"}) for case in run.cases]
    figures: dict[str, dict[str, list[float | None]]] = {}
    for metric in wording_metrics(run.explanations, cases, 0, encode):
        bounds = [metric.value, metric.low, metric.high]
        rounded = [None if value is None else round(value, 3) for value in bounds]
        figures.setdefault(metric.subject, {})[metric.metric] = rounded
    texts = {"texts": len(run.explanations), "seconds_to_read": round(seconds, 1)}
    write_result(asked.result, {"machine": describe_machine(), **texts, "figures": figures})
    print(texts)
    for subject, own in figures.items():
        print(subject, own)


if __name__ == "__main__":
    main()
