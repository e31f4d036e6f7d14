"""User vectors for histories that no user had."""
