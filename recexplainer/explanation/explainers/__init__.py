"""Who writes explanations: each is registered through the hooks."""
