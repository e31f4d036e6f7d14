"""Claims of a text, read from its words alone."""
