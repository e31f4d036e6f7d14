"""One run: preflight, stages, report."""
