"""Checks of claims against the data and the target."""
