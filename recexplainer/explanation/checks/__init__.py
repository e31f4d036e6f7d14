"""Whether what a text claims is true: put to the data and to the target."""
