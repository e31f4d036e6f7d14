"""ALS and BPR of the implicit library as targets of recexplainer, with ALS's own contributions."""
