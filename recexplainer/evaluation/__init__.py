"""Fidelity: how often a subject answers as the target does, beside baselines."""

from recexplainer.evaluation.chat_subject import CHAT_NOTE, ChatSubject, affordable
from recexplainer.evaluation.fidelity import NO_CONTEXT, AnswerJournal, measure_fidelity
from recexplainer.evaluation.subjects import (
    MAX_NEW_TOKENS,
    PopularitySubject,
    RandomSubject,
    SpeakerSubject,
    Subject,
)

__all__ = [
    "CHAT_NOTE",
    "MAX_NEW_TOKENS",
    "NO_CONTEXT",
    "AnswerJournal",
    "ChatSubject",
    "PopularitySubject",
    "RandomSubject",
    "SpeakerSubject",
    "Subject",
    "affordable",
    "measure_fidelity",
]
