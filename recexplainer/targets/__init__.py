"""The recommenders that can be explained: RecBole's sequential models, and popularity."""
