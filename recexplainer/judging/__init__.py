"""Judges: graders of explanations from 1 to 4, and the ratings from their grades.

What is exported here, a judge of your own that asks a language model can use too.
"""

from recexplainer.judging.prompt import instructions, known_grade, question
from recexplainer.judging.rating_reader import read_rating

__all__ = ["instructions", "known_grade", "question", "read_rating"]
