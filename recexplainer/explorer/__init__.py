"""Explorer: an interactive page about a run, or about two side by side."""
