"""Reported figures of checked explanations."""
