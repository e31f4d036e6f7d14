"""Truth of texts worded by a language model, before and after what does not hold is cut.

python benchmarks/told_wording.py RUN --url http://localhost:8000/v1 --model NAME [--cases 60]

Cases are the run's own, a Yes and a No of each user, in order. Every row of the result holds the
facts, what the model said, what is given, and what of either is untrue as a reader takes it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import describe_machine

import recexplainer
from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.settlement import settle_claims, untrue_words
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.decision_words import begins_with
from recexplainer.explanation.explainers.told import Telling, ToldExplainer, ToldOptions
from recexplainer.explanation.explainers.wording_request import is_english
from recexplainer.oracle import Oracle, oracle_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Case, Written

RESULT = Path(__file__).parent / "results" / "told_wording.json"
_AT_ONCE = 15


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the result as it grows."""
    asked = _asked(arguments)
    run = recexplainer.load(asked.run)
    cases = run.cases[asked.first : asked.first + asked.cases]
    kit = ExplainerKit(
        run.catalogue,
        run.target,
        popularity=np.zeros(len(run.catalogue), dtype=np.int64),  # which nothing here asks for
        histories={case.user: (*case.earlier, *case.history) for case in run.cases},
    )
    options = ToldOptions(
        model=asked.model,
        base_url=asked.url,
        timeout=asked.timeout,
        concurrency=asked.concurrency,
        max_tokens=asked.max_tokens,
        audience=asked.audience,
        language=asked.language,
        length=asked.length,
        cache_dir=asked.answers,
    )
    rows: list[dict[str, Any]] = []
    step = asked.concurrency
    for start in range(0, len(cases), step):
        rows += measured(
            ToldExplainer(options, kit), cases[start : start + step], kit, asked.language
        )
        result = {"machine": describe_machine(), "model": asked.model} | summary(rows)
        result |= {"language": asked.language, "audience": asked.audience, "rows": rows}
        asked.result.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print({name: value for name, value in result.items() if name != "rows"}, flush=True)


def measured(
    explainer: ToldExplainer, cases: Sequence[Case], kit: ExplainerKit, language: str = "English"
) -> list[dict[str, Any]]:
    """Return a row for each case; seconds are the batch's, shared evenly."""
    began = time.monotonic()
    told = list(explainer.tell(cases))
    seconds = (time.monotonic() - began) / len(cases)
    oracle, reader = oracle_of(kit), ClaimReader(kit.catalogue)
    return [
        _row(one, case, oracle, reader, language) | {"seconds": seconds}
        for one, case in zip(told, cases, strict=True)
    ]


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return counts of texts that are true as read before and after, of plain ones, and of cuts."""
    return {
        "texts": len(rows),
        "true_before": sum(not row["untrue_before"] for row in rows),
        "true_given": sum(not row["untrue_given"] for row in rows),
        "plain": sum(row["plain"] for row in rows),
        "shortened": sum(bool(row["cut"]) and not row["plain"] for row in rows),
        "sentences_cut": sum(row["cut"] for row in rows),
        "seconds_per_text": sum(row["seconds"] for row in rows) / max(1, len(rows)),
    }


def _row(
    one: Telling, case: Case, oracle: Oracle, reader: ClaimReader, language: str
) -> dict[str, Any]:
    before = one.facts.marks.show(str(one.said))
    decision, rest = begins_with(before, language)
    if decision is not None and not is_english(language):
        before = f"{decision}. {rest}"  # in the word that the reader knows, as in what is given

    def untrue(text: str) -> str:
        read = account_of(Written(case=case.id, explainer="told", text=text), case, reader)
        (settled,) = settle_claims([read], [case], oracle, seed=0)
        return untrue_words(settled, case)

    return {
        "case": case.id,
        "facts": one.facts.sentences,
        "said": str(one.said),
        "before": before,
        "untrue_before": untrue(before),
        "given": one.written.text,
        "untrue_given": untrue(one.written.text),
        "cut": one.written.left_out,
        "plain": one.plain,
    }


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--language", default="English")
    parser.add_argument("--audience", default="user")
    parser.add_argument("--length", default="medium")
    parser.add_argument("--max-tokens", type=int, default=200)
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--concurrency", type=int, default=_AT_ONCE)
    parser.add_argument("--answers", help="folder that keeps the answers")
    parser.add_argument("--result", type=Path, default=RESULT)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
