"""Where a surrogate should win, each beside what does the same without one.

Usage: python benchmarks/surrogate_worth.py RUN... [--parts users cost forms instructed asked]

    users       users the surrogate never learned from, beside those it did; texts of the run
    cost        CPU seconds and target questions per case, for every explainer of the run
    forms       the same questions with titles alone, vectors alone, both, and another user's vector
    instructed  told "only" one attribute, how many texts say something true of it
    asked       `recx ask`: how many questions are answered, and how many answers hold

A run is one with several explainers, as for ``explainers_table.py``. Results of parts that are not
asked for are kept.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import RESULTS, describe_machine, write_result

import recexplainer
from recexplainer.errors import UserError
from recexplainer.explanation.explainers.instructed import AttributeTalk
from recexplainer.explanation.explainers.writer import Writer, context
from recexplainer.oracle import Oracle, pulls_of
from recexplainer.pipeline.after import live_question
from recexplainer.pipeline.after.moment import Moment
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.records import Case, Text, Turn
from recexplainer.records.question_texts import decision_prompt

COUNTS = {"users": 1000, "cost": 30, "forms": 200, "instructed": 100, "asked": 50}
"""How many cases each part takes, all where there are fewer."""


class Counted:
    """A target that counts the histories it scores."""

    def __init__(self, target: Any) -> None:
        self.whole, self.histories = target, 0

    def scores(self, histories: Sequence[Sequence[str]]) -> Any:
        """Return what the target does."""
        self.histories += len(histories)
        return self.whole.scores(histories)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


def cost(bench: Any, cases: list[Case]) -> dict[str, Any]:
    """Return what one text costs each explainer, on a target that remembers nothing yet."""
    found = {}
    for part in bench.plan.explainers:
        list(bench.explain(part, cases[:1], None))  # what is loaded once
        counted = Counted(bench.target)
        bench.__dict__["target"], bench.__dict__["oracle"] = (
            counted,
            Oracle(counted, bench.catalogue),
        )
        bench.__dict__.pop("_remembering", None)
        began, wall = time.process_time(), time.perf_counter()
        list(bench.explain(part, cases, None))
        found[part.name] = {
            "cpu_seconds": round((time.process_time() - began) / len(cases), 4),
            "wall_seconds": round((time.perf_counter() - wall) / len(cases), 4),
            "questions": round(counted.histories / len(cases), 1),
        }
        bench.__dict__["target"] = counted.whole
    bench.__dict__["oracle"] = Oracle(bench.target, bench.catalogue)
    return {"cases": len(cases), "explainers": found}


def users(bench: Any, cases: list[Case]) -> list[dict[str, Any]]:
    """Return by explainer and split how true the run's own texts about ``cases`` are."""
    pulls = dict(zip((case.id for case in cases), pulls_of(bench.oracle, cases), strict=True))
    groups = defaultdict(list)
    for text in bench.explanations():
        if text.case in pulls:
            groups[text.explainer, pulls[text.case].case.split].append(text)
    return [
        {
            "explainer": explainer,
            "split": split,
            "texts": len(texts),
            "decides_alike": _mean([text.check("decision_agreement") for text in texts]),
            "strongest_first": _mean(
                [first_is_strongest(text, pulls[text.case]) for text in texts]
            ),
            "drop": _mean([text.check("faithfulness_drop") for text in texts]),
        }
        for (explainer, split), texts in sorted(groups.items())
    ]


def forms(bench: Any, cases: list[Case]) -> dict[str, Any]:
    """Return how often a surrogate decides and gives a cause as the target, by what it is given."""
    from recexplainer.pipeline.execution.speakers import build_speaker
    from recexplainer.surrogate.corpus.training_files import TRAINED

    contexts = [context(case) for case in cases]
    others = {
        case.history: next(o.history for o in (*cases[k + 1 :], *cases) if o.user != case.user)
        for k, case in enumerate(cases)
    }
    vectors = bench.target.user_vectors
    swapped = lambda histories: vectors([others[tuple(one)] for one in histories])  # noqa: E731
    found = {}
    pulls = pulls_of(bench.oracle, cases)
    for name, form in (
        ("titles alone", "behavior"),
        ("vector alone", "named"),
        ("both", "combined"),
        ("vector alone, another user's", "named"),
        ("both, another user's vector", "combined"),
    ):
        speaker = build_speaker(bench, "worth", TRAINED, form)
        if form != "behavior" and "another" in name:
            speaker.user_vectors = swapped
        if form == "behavior":
            speaker.user_vectors = None
        asked = [(Turn("user", decision_prompt(k, case.item)),) for k, case in enumerate(cases)]
        weights = speaker.likelihoods(asked, contexts, [("Yes", "No")] * len(cases))
        decided = ["Yes" if one[0] > one[1] else "No" for one in weights]
        agree = [said == case.decision for said, case in zip(decided, cases, strict=True)]
        writer = Writer(speaker, bench.reader, "worth", max_new_tokens=96, truthful=False)
        texts = writer.write(cases, None)
        first = [first_is_strongest(text, pull) for text, pull in zip(texts, pulls, strict=True)]
        found[name] = {"decides_alike": _mean(agree), "strongest_first": _mean(first)}
    return {"cases": len(cases), "forms": found}


def first_is_strongest(text: Any, pulls: Any) -> bool | None:
    """Return whether the first cited title pulls furthest; None where no title pulls that way."""
    strongest = pulls.strongest()
    return None if not strongest else text.cited[:1] == (strongest[0],)


def instructed(bench: Any, cases: list[Case]) -> dict[str, Any]:
    """Return how many texts, told to keep to an attribute, say something true of it."""
    attribute = next(iter(bench.catalogue.attribute_values))
    talk, found = AttributeTalk(bench.catalogue), {}
    for part in bench.instructable:
        for told in (f"only {attribute}", None):
            texts = list(bench.explain(part, cases, told))
            true = [
                any(
                    claim.kind == "attribute"
                    and claim.real
                    and attribute in bench.reader.attributes_of(claim.text)
                    for claim in text.claims
                )
                for text in texts
            ]
            kept = [all(attribute in one for one in talk.mentions(text)) for text in texts]
            both = [one and other for one, other in zip(true, kept, strict=True)]
            found[f"{part.name}, {told or 'not told'}"] = {
                "says_true": _mean(true),
                "says_true_and_nothing_else": _mean(both),
            }
    return {"cases": len(cases), "attribute": attribute, "explainers": found}


def questions(bench: Any, case: Case, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Yield a question of each kind about one user."""
    title = bench.catalogue.title
    unseen = [x for x in bench.catalogue.ids if x not in {*case.history, *case.earlier}]
    three = [f"“{title(x)}”" for x in rng.choice(unseen, 3, replace=False)]
    attribute, values = next(iter(bench.catalogue.attribute_values.items()))
    item, gone = f"“{title(case.item)}”", f"“{title(rng.choice(case.history))}”"
    yield "liking", f"Would the user like {item}?"
    yield "why", f"Why {item}, or why not?"
    yield "order", f"Which of {three[0]}, {three[1]} and {three[2]} would come first?"
    yield "next", "What does it recommend next?"
    yield "taste", f"Which {attribute} does the user like?"
    yield "relevance", f"Did the {attribute} {rng.choice(values[:5])} matter for {item}?"
    yield "removal", f"What if {gone} were removed, would {item} be recommended?"
    yield "none", "Tell me something about the weather."


class Guessing:
    """Answers each question at random, in the form of an answer to it; looks at nothing."""

    name = "at random"

    def __init__(self, bench: Any, seed: int) -> None:
        self._catalogue, self._rng = bench.catalogue, np.random.default_rng(seed)

    def answer(self, asked: Sequence[Any], contexts: Sequence[Any], **how: Any) -> list[Any]:
        """Return an answer per question."""
        return [
            (self._say(turns[-1].content, one, how),)
            for turns, one in zip(asked, contexts, strict=True)
        ]

    def orders(
        self,
        asked: Sequence[Any],  # noqa: ARG002
        contexts: Sequence[Any],  # noqa: ARG002
        offered: Sequence[Any],
        **how: Any,  # noqa: ARG002
    ) -> list[Orders]:
        """Return a random order of each offer."""
        title, rng = self._catalogue.title, self._rng
        orders = ["; ".join(title(x) for x in rng.permutation(own)) for own in offered]
        return [Orders(order, order) for order in orders]

    def _say(self, prompt: Any, context: Any, how: dict[str, Any]) -> str:
        title, rng = self._catalogue.title, self._rng
        if how["constrained"]:
            unseen = [x for x in self._catalogue.ids if x not in context.history]
            return title(str(rng.choice(unseen)))
        decision = str(rng.choice(["Yes", "No"]))
        if not any("explain" in part.text for part in prompt if isinstance(part, Text)):
            return decision
        values = next(iter(self._catalogue.attribute_values.values()))
        cause = title(str(rng.choice(context.history)))
        verb = "lifted" if decision == "Yes" else "held back"
        value = rng.choice(values)
        return f"{decision}. It is {verb} most by “{cause}”. The history leans to {value}."


def asked(bench: Any, cases: list[Case], seed: int = 0) -> dict[str, Any]:
    """Return what became of questions of each kind, the surrogate's beside answers at random."""
    rng, told = np.random.default_rng(seed), defaultdict(lambda: defaultdict(Counter))
    benches = [_SpokenFor(bench, one) for one in (bench.speaker, Guessing(bench, seed))]
    for count, case in enumerate(cases, 1):
        moment = Moment(context(case), (*case.earlier, *case.history))
        for kind, question in questions(bench, case, rng):
            for name, own in zip(("surrogate", "at random"), benches, strict=True):
                told[name][kind][_became(own, moment, question, kind)] += 1
        found = {"users": count, "speakers": told}
        print(json.dumps(found), flush=True)  # of a long measurement what there is so far
    return json.loads(json.dumps(found))


def _became(bench: Any, moment: Any, question: str, kind: str) -> str:
    try:
        answered = live_question.ask(bench, moment, question)
    except UserError:
        return "refused"
    if answered.kind != kind:
        return f"understood as {answered.kind}"
    return {True: "holds", False: "does not hold", None: "not checked"}[answered.holds]


class _SpokenFor:
    """A bench whose speaker is another."""

    def __init__(self, bench: Any, speaker: Any) -> None:
        self._bench, self.speaker = bench, speaker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench, name)


def _mean(values: Sequence[bool | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _sample(bench: Any, count: int) -> list[Case]:
    cases = [case for case in bench.cases() if case.decision]
    rng = np.random.default_rng(0)
    return [cases[k] for k in sorted(rng.permutation(len(cases))[:count])]


def main() -> None:
    """Measure the parts that are asked for, and keep the others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--parts", nargs="+", default=list(COUNTS), choices=COUNTS)
    parser.add_argument("--most", type=int, default=1000, help="the most cases of any part")
    parser.add_argument("--result", type=Path, default=RESULTS / "surrogate_worth.json")
    given = parser.parse_args()
    kept = json.loads(given.result.read_text("utf-8")) if given.result.exists() else {"runs": {}}
    kept["machine"] = describe_machine() | {"shared": True}
    measure = {part: globals()[part] for part in COUNTS}
    for path in given.runs:
        bench = recexplainer.load(path)._bench  # noqa: SLF001  # its parts, to put others in place
        report = json.loads((path / "report.json").read_text("utf-8"))
        own = kept["runs"].setdefault(path.name, {"dataset": report["run"]["dataset"]["name"]})
        for part in given.parts:
            cases = _sample(bench, min(COUNTS[part], given.most))
            own[part] = measure[part](bench, cases)
            print(path.name, part, json.dumps(own[part]), flush=True)
            write_result(given.result, kept)


if __name__ == "__main__":
    main()
