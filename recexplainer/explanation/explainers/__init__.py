"""Explainers, each registered through the hooks."""
