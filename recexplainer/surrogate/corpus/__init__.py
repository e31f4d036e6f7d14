"""Corpus as training reads it: settings, conversations, batches."""
