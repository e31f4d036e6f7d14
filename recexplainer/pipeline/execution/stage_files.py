"""Names of the files that stages write and others read; each lies in its stage's folder."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ANSWERS",
    "CASES",
    "COUNTS",
    "EXAMPLES",
    "EXPLANATIONS",
    "FIT",
    "METRICS",
    "SCORE_VECTORS",
    "VERDICTS",
    "WEIGHTS",
]

METRICS: Final = "metrics.jsonl"
"""What a stage measured: of the target, fidelity, explanations and verdicts."""
WEIGHTS: Final = "weights"
"""The folder that the target saved itself in."""
FIT: Final = "fit.json"
"""How the target was trained."""
COUNTS: Final = "counts.jsonl"
"""How many examples the corpus holds."""
SCORE_VECTORS: Final = "score_vectors.npz"
"""The items' vectors, where they were found in the target's scores."""
EXAMPLES: Final = "examples.jsonl"
"""The measured questions with the target's answers."""
ANSWERS: Final = "answers.jsonl"
"""All answers to these, each with its grades."""
CASES: Final = "cases.jsonl"
"""What is explained."""
EXPLANATIONS: Final = "explanations.jsonl"
"""All texts, read and checked."""
VERDICTS: Final = "verdicts.jsonl"
"""The judges' grades."""
