"""Service: a run behind HTTP, with a queue, a cache and deadlines."""
