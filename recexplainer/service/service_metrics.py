"""Metrics of the service itself, in the format of Prometheus."""

from __future__ import annotations

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from recexplainer.service.served_run import ServedRun

__all__ = ["ServiceMetrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class ServiceMetrics:
    """Counts and times of requests, queues and caches.

    Args:
        served: whose queues and caches are looked at.
        paths: those that are told apart; all others are ``other``.
    """

    def __init__(self, served: ServedRun, paths: frozenset[str]) -> None:
        self._paths, self._registry = paths, CollectorRegistry()
        one = self._registry
        self._requests = Counter("recx_requests", "Answers.", ("path", "status"), registry=one)
        self._seconds = Histogram(
            "recx_request_seconds", "Time to the answer.", ("path",), registry=one, buckets=_SECONDS
        )
        self._instead = Counter(
            "recx_told_instead",
            "Recommender's accounts in place of a language model's text.",
            ("reason",),
            registry=one,
        )
        served.told_instead = lambda reason: self._instead.labels(reason).inc()
        waiting = Gauge("recx_waiting", "Questions in a queue.", ("lane",), registry=one)
        kept = Gauge("recx_cached_answers", "Answers in a cache.", ("lane",), registry=one)
        hits = Gauge("recx_cache_hits", "Answers from a cache so far.", ("lane",), registry=one)
        for name, lane in served.lanes.items():
            waiting.labels(name).set_function(partial(getattr, lane, "waiting"))
            kept.labels(name).set_function(partial(getattr, lane, "kept_count"))
            hits.labels(name).set_function(partial(getattr, lane, "hits"))

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count an answer."""
        name = path if path in self._paths else "other"
        self._requests.labels(name, str(status)).inc()
        self._seconds.labels(name).observe(seconds)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self._registry)
