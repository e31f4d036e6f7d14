"""Explanations of f's decisions: who writes them, what they claim, and whether it is true of f."""
