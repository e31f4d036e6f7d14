"""The public surface for plugin authors: hooks, interfaces and the registry."""
