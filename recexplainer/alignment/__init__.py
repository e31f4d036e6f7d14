"""Turns f's answers into a training corpus, and into questions that measure the surrogate."""
