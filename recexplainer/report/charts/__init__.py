"""Charts: where points and bars lie, in the units of their SVG."""
