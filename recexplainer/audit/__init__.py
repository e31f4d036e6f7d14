"""Audit: what a recommender leans on, for whom it works differently, what looks like a bug."""
