"""Answers of a trained surrogate: free, from the catalogue, or by likelihood."""
