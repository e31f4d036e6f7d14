"""The one room that asks the target: scores, ranks, decisions, removals and edits.

Nobody else keeps a copy of a rule: which decision a rank is, where equal scores stand, below which
size a change of a score is noise, how random draws are seeded.
"""

from recexplainer.oracle.aim import Aim, aim_of
from recexplainer.oracle.crowd import Crowd
from recexplainer.oracle.decision import (
    LIKED_SHARE,
    REJECTED_SHARE,
    decided_rows,
    direction_of,
    leaning,
    sign_of,
)
from recexplainer.oracle.draws import case_rng, tie_order
from recexplainer.oracle.edited import EditAnswer, EditedHistories
from recexplainer.oracle.picks import Pick, picks_among
from recexplainer.oracle.pulls import (
    CAUSE_SHARE,
    Pulls,
    causes_among,
    longest_joint,
    pulls_of,
)
from recexplainer.oracle.questions import (
    Answer,
    Oracle,
    Question,
    oracle_of,
    parts_to_ask,
    question_only,
    question_without,
)
from recexplainer.oracle.removals import CaseRemovals, RemovalAnswers
from recexplainer.oracle.score_vectors import ScoreVectors
from recexplainer.oracle.standing import NOISE, Standing, held_outcome, standing_of

__all__ = [
    "CAUSE_SHARE",
    "LIKED_SHARE",
    "NOISE",
    "REJECTED_SHARE",
    "Aim",
    "Answer",
    "CaseRemovals",
    "Crowd",
    "EditAnswer",
    "EditedHistories",
    "Oracle",
    "Pick",
    "Pulls",
    "Question",
    "RemovalAnswers",
    "ScoreVectors",
    "Standing",
    "aim_of",
    "case_rng",
    "causes_among",
    "decided_rows",
    "direction_of",
    "held_outcome",
    "leaning",
    "longest_joint",
    "oracle_of",
    "parts_to_ask",
    "picks_among",
    "pulls_of",
    "question_only",
    "question_without",
    "sign_of",
    "standing_of",
    "tie_order",
]
