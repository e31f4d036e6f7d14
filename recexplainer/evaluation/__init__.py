"""Fidelity: how often a subject answers as the target does, beside baselines."""

from recexplainer.evaluation.chat_subject import CHAT_NOTE, ChatSubject, affordable
from recexplainer.evaluation.fidelity import NO_CONTEXT, AnswerJournal, measure_fidelity
from recexplainer.evaluation.in_context import SHOTS, InContextSubject, Shots
from recexplainer.evaluation.scoring_subject import ScoringSubject
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
    "SHOTS",
    "AnswerJournal",
    "ChatSubject",
    "InContextSubject",
    "PopularitySubject",
    "RandomSubject",
    "ScoringSubject",
    "Shots",
    "SpeakerSubject",
    "Subject",
    "affordable",
    "measure_fidelity",
]
