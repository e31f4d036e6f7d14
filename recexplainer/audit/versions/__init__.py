"""Two versions of a recommender, or of its data: what one does that the other does not."""
