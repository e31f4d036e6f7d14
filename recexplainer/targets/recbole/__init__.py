"""RecBole's models as targets, and how they are trained."""
