"""Ablation: variants of a base configuration, run side by side."""
