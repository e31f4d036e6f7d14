"""Targets: recommenders of RecBole, models made elsewhere, and popularity."""
