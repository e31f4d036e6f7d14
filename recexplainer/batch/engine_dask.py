"""Engine ``dask``: Dask's workers make the shards, here or anywhere that they see the same files.

A worker has one shard at a time, given to it by its address. When the address is gone, it is known
of which shard it died, and no other shard is blamed.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from recexplainer.batch.engine import Engine, Lost
from recexplainer.batch.shard_files import ShardRecord
from recexplainer.batch.shard_work import Work
from recexplainer.errors import MissingExtraError, StageError, UserError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DaskEngine"]

_DEATHS = 3
_POLL_SECONDS = 0.5
_PATIENCE_SECONDS = 120.0


class DaskEngine(Engine):
    """Works by a Dask cluster: one of this machine, or the one at an address.

    Args:
        address: of a scheduler, ``HOST:PORT``; None starts workers on this machine.
        workers: how many to start here.
    """

    def __init__(self, address: str | None = None, workers: int = 2) -> None:
        self._address, self._wanted = address, workers
        self._cluster: Any = None
        self._client: Client

    def __enter__(self) -> Self:
        try:
            import distributed
        except ImportError:
            raise MissingExtraError("distributed", "batch", "for --engine dask") from None
        if self._address is None:
            self._cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=self._wanted,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=None,
                silence_logs=50,
            )
        place = self._cluster or f"tcp://{self._address}"
        try:
            self._client = distributed.Client(place)  # type: ignore[no-untyped-call]
        except OSError:
            raise UserError(
                f"no Dask scheduler answers at {self._address}. Start one with: dask scheduler"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()  # type: ignore[no-untyped-call]
        if self._cluster is not None:
            self._cluster.close()

    @property
    def workers(self) -> int:
        """How many are there now, or are being started."""
        return max(1, len(self._live()))

    def trial(self, work: Work, shard: int, count: int) -> tuple[float, float]:
        """See ``Engine``."""
        self._client.wait_for_workers(1, timeout=_PATIENCE_SECONDS)
        future = self._client.submit(work.trial, shard, count, pure=False)
        found: tuple[float, float] = future.result()
        return found

    def each(self, work: Work, shards: Sequence[int]) -> Iterator[ShardRecord | Lost]:
        """See ``Engine``; a shard that three workers died of is set aside."""
        waiting, deaths = deque(shards), Counter[int]()
        running: dict[str, tuple[Any, int]] = {}
        seen = time.monotonic()
        while waiting or running:
            live = self._live()
            seen = time.monotonic() if live else seen
            if time.monotonic() - seen > _PATIENCE_SECONDS:
                raise StageError(
                    f"no Dask worker was there for {_PATIENCE_SECONDS:.0f} seconds; start some, "
                    "then run the same command again: it resumes"
                )
            for address in [one for one in running if self._ended(*running[one], one in live)]:
                future, shard = running.pop(address)
                record = _result(future) or work.job.folder.done(shard)
                future.release()
                if record is not None:
                    yield record
                    continue
                deaths[shard] += 1
                if deaths[shard] < _DEATHS:
                    waiting.append(shard)
                else:
                    yield Lost(shard, deaths[shard])
            for address in live:
                if waiting and address not in running:
                    shard = waiting.popleft()
                    running[address] = self._begun(work, shard, address), shard
            self._pause([future for future, _ in running.values()])

    def _live(self) -> frozenset[str]:
        return frozenset(self._client.nthreads())  # type: ignore[no-untyped-call]

    def _begun(self, work: Work, shard: int, address: str) -> Any:
        return self._client.submit(
            work.make, shard, pure=False, workers=[address], allow_other_workers=False
        )

    @staticmethod
    def _ended(future: Any, _: int, alive: bool) -> bool:
        return bool(future.done()) or not alive

    def _pause(self, futures: Sequence[Any]) -> None:
        """Wait for a shard to end, a moment at most. Raises StageError if the scheduler is gone."""
        import distributed

        if not futures:
            time.sleep(_POLL_SECONDS)
            return
        try:
            distributed.wait(futures, timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        except TimeoutError:
            return
        except distributed.CancelledError:
            if self._client.status == "running":  # a worker is gone, and is looked after
                return
            where = f" at {self._address}" if self._address else ""
            raise StageError(
                f"the Dask scheduler{where} is gone; start one, then run the same command again: "
                "it resumes"
            ) from None


def _result(future: Any) -> ShardRecord | None:
    """Return what a worker sent; None where it died, its error raised where it lived.

    Raises:
        Exception: whatever the worker raised.
    """
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    if future.status not in {"finished", "error"}:
        future.cancel()
        return None
    try:
        record: ShardRecord = future.result(timeout=_PATIENCE_SECONDS)
    except (KilledWorker, CancelledError, TimeoutError):
        return None
    return record
