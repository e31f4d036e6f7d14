"""Explanations of the target's decisions: writers, claims, checks and figures."""
