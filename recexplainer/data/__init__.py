"""Reads data sets, prepares every log alike, splits it, and stores it."""
