"""What a text claims: read from its words alone."""
