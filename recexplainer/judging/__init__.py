"""Judges: who grades an explanation from 1 to 4, and what the grades come to."""
