"""Training from a folder: plan, trainer, processes."""
