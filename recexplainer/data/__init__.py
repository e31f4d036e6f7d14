"""Data sets: readers, one preparation for all, the split, and storage."""
