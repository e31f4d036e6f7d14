"""What the rationale task teaches is true by construction; read and checked, it must prove so."""

from __future__ import annotations

import numpy as np

from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Asked, TaskKit
from recexplainer.records import Context, Explanation, ItemSlot


def _contexts(films, users: int) -> list[Context]:
    rng = np.random.default_rng(8)
    return [
        Context(f"u{user}", 8, tuple(rng.choice(films.ids, 8, replace=False)), "leave_one_out")
        for user in range(users)
    ]


def test_rationales_read_back_as_true_and_faithful(linear, films) -> None:
    linear.catalogue = films
    linear.weights = np.random.default_rng(2).normal(size=(len(films),) * 2).astype(np.float32)
    contexts = _contexts(films, 80)
    scores = linear.scores([context.history for context in contexts])
    for row, context in enumerate(contexts):
        scores[row, films.rows(context.history)] = -np.inf
    asked = Asked(contexts, range(len(contexts)), scores, linear, films)
    task = Rationale(RationaleOptions(what_if_share=1), TaskKit(films))
    reader = ClaimReader(films)
    cases, explanations = [], []
    for example in task.on_contexts(asked, np.random.default_rng(0)):
        context = contexts[example.question[0].content[1].context]
        item = next(part.item for part in example.question[0].content if isinstance(part, ItemSlot))
        case = make_case(Oracle(linear, films), context, item)
        reading = reader.read(example.turns[1].content[0].text, case)
        cases.append(case)
        explanations.append(
            Explanation(
                case=case.id,
                explainer="rationale",
                text=example.turns[1].content[0].text,
                decision=reading.decision,
                cited=reading.cited,
                claims=reading.claims,
            )
        )
    assert len(cases) == 160
    checked = check_explanations(explanations, cases, Oracle(linear, films), seed=0)
    for explanation in checked:
        assert explanation.check("decision_agreement") == 1.0, explanation.text
        untrue = [
            (claim.kind, claim.text, claim.detail) for claim in explanation.claims if not claim.real
        ]
        assert explanation.check("true_as_read") == 1.0, (explanation.text, untrue)
        assert explanation.check("hallucinated") in {0.0, None}, explanation.text
        assert explanation.check("grounding") in {1.0, None}, explanation.text
        assert (explanation.check("faithfulness_drop") or 0.0) >= 0.0, explanation.text
        assert explanation.check("counterfactual_validity") in {1.0, None}, explanation.text
        stated = " be recommended" in explanation.text or " be rejected" in explanation.text
        assert stated == (explanation.check("counterfactual_validity") is not None)
    assert sum(explanation.check("faithfulness_drop") is not None for explanation in checked) > 100
    what_ifs = [text for text in checked if text.check("counterfactual_validity") is not None]
    assert len(what_ifs) > 30
    assert {text.decision for text in what_ifs} == {"Yes", "No"}
