"""Estimates of how far titles pull, told to those who word an explanation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from recexplainer.records import Catalogue
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK
from recexplainer.surrogate.generation.taught_sentences import Asked
from recexplainer.surrogate.model.pull_network import PullNetwork, right_aligned

__all__ = ["EstimatedPulls"]


class EstimatedPulls:
    """Asks the network for the pulls of histories' items; the target is not asked.

    Args:
        network: the estimating one.
        catalogue: the items.
        item_vectors: ``(I, d_rec)``, those it has learned from.
    """

    def __init__(
        self, network: PullNetwork, catalogue: Catalogue, item_vectors: NDArray[np.float32]
    ) -> None:
        self._network, self._catalogue = network, catalogue
        self._vectors = torch.from_numpy(np.array(item_vectors, np.float32))

    @classmethod
    def of(
        cls, folder: Path, catalogue: Catalogue, item_vectors: NDArray[np.float32] | None
    ) -> Self | None:
        """Return the estimates of a surrogate's folder; None where it has learned none.

        Raises:
            RunFolderError: the network's file is damaged.
        """
        path = folder / PULL_NETWORK
        if item_vectors is None or not path.exists():
            return None
        return cls(PullNetwork.load(path), catalogue, item_vectors)

    def with_vectors(self, item_vectors: NDArray[np.float32]) -> EstimatedPulls:
        """Return what the same network estimates from other vectors, ``(I, d_rec)``."""
        return EstimatedPulls(self._network, self._catalogue, item_vectors)

    def told(self, asked: Sequence[Asked]) -> list[Asked]:
        """Return the questions with what is estimated of their histories' items.

        A question without a history is left as it is.
        """
        told = list(asked)
        rows = [row for row, one in enumerate(asked) if one.about.history]
        if not rows:
            return told
        histories = [self._catalogue.rows(asked[row].about.history) for row in rows]
        items = torch.tensor([[self._catalogue.row(asked[row].about.item)] for row in rows])
        aligned = right_aligned(histories, max(map(len, histories)))
        with torch.no_grad():
            pulls = self._network(aligned, items, self._vectors)[:, 0].tolist()
        for row, own in zip(rows, pulls, strict=True):
            about = asked[row].about
            at_places = defaultdict(list)
            for item, pull in zip(about.history, own[-len(about.history) :], strict=True):
                at_places[item].append(pull)
            estimated = {item: fmean(found) for item, found in at_places.items()}
            told[row] = asked[row]._replace(about=about._replace(pulls=estimated))
        return told
