"""Surrogate: a language model that is taught to decide, and to speak, as the target does."""
