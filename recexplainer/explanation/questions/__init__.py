"""Questions in free words: what is asked, and what of an answer holds on the target."""
