"""Measures whether a subject answers as f does, beside baselines that know nothing of f."""

from recexplainer.evaluation.fidelity import NO_CONTEXT, AnswerJournal, measure_fidelity
from recexplainer.evaluation.subjects import (
    MAX_NEW_TOKENS,
    PopularitySubject,
    RandomSubject,
    SpeakerSubject,
    Subject,
)

__all__ = [
    "MAX_NEW_TOKENS",
    "NO_CONTEXT",
    "AnswerJournal",
    "PopularitySubject",
    "RandomSubject",
    "SpeakerSubject",
    "Subject",
    "measure_fidelity",
]
