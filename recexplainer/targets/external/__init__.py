"""Recommenders made elsewhere as targets."""
