"""Training of the network that estimates pulls, from samples of the target's answers."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recexplainer.records import Progress
from recexplainer.runs.artifacts import read_arrays
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK, PULLS
from recexplainer.surrogate.corpus.training_folder import read_item_vectors
from recexplainer.surrogate.model.cpu_threads import on_threads
from recexplainer.surrogate.model.pull_network import NO_ITEM, PullNetwork, PullSize
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["train_pulls"]

_PASSES = 6
"""Over the samples; of a training with a smaller budget as much less, and one at least."""
_BATCH = 64
_ALIKE = 16 * _BATCH
"""Histories of like lengths are batched within so many."""
_LEARNING_RATE, _WARMUP = 2e-3, 50
_SHARPNESS = 3.0
"""How many times as likely to be named a title is, as a power of e, that pulls as far as the
strongest beside one that does not pull; where training starts."""
_KEPT_APART = 20
"""Every twentieth context is kept out, to tell how well the network knows others."""


class Samples(NamedTuple):
    """Pulls that the target's answers show; see ``alignment.pull_samples``.

    Attributes:
        histories: ``(N, L)``, rows of items.
        items: ``(N, K)``, rows of items.
        shares: ``(N, K, L)``.
    """

    histories: Tensor
    items: Tensor
    shares: Tensor

    @property
    def missing(self) -> Tensor:
        """Return where there is no title, ``(N, 1, L)``."""
        return (self.histories == NO_ITEM)[:, None]

    def at(self, rows: Tensor) -> Samples:
        """Return those of some contexts, without places that are empty in all of them."""
        histories = self.histories[rows]
        start = int((histories != NO_ITEM).any(0).nonzero()[0])
        shares = self.shares[rows][:, :, start:].float()
        return Samples(histories[:, start:], self.items[rows], shares)


def train_pulls(folder: Path, settings: SurrogateSettings, progress: Progress) -> None:
    """Train the network of a training folder, where there are samples and it has none yet.

    By default it takes about a minute. It is always computed on the CPU in float32, and made anew
    when it was interrupted.

    Args:
        folder: the training folder.
        settings: of the training.
        progress: where to report.
    """
    vectors = read_item_vectors(folder)
    if vectors is None or not (folder / PULLS).exists() or (folder / PULL_NETWORK).exists():
        return
    found = read_arrays(folder / PULLS)
    samples = Samples(*(torch.from_numpy(found[name]) for name in Samples._fields))
    samples = samples._replace(histories=samples.histories.long(), items=samples.items.long())
    rows = torch.arange(len(samples.histories))
    apart = rows % _KEPT_APART == _KEPT_APART - 1
    with torch.random.fork_rng(devices=()), on_threads(settings.threads):
        torch.manual_seed(settings.seed)
        table = torch.from_numpy(np.array(vectors, np.float32))
        network = PullNetwork(PullSize(d_rec=table.shape[1], ages=samples.histories.shape[1]))
        network.standardize_by(table)
        passes = max(1, round(_PASSES * min(1.0, settings.budget)))
        _fit(network, samples, rows[~apart], table, passes, progress)
        if apart.any():
            progress.note(_told(network.eval(), samples, rows[apart], table))
    network.save(folder / PULL_NETWORK)


def _fit(
    network: PullNetwork,
    samples: Samples,
    rows: Tensor,
    table: Tensor,
    passes: int,
    progress: Progress,
) -> None:
    sharpness = nn.Parameter(torch.tensor(_SHARPNESS))
    optimizer = torch.optim.AdamW([*network.parameters(), sharpness], lr=_LEARNING_RATE)
    batches = [one for _ in range(passes) for one in _batches(samples, rows)]
    steps = len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / _WARMUP, 1 - step / steps)
    )
    with progress.bar("learning which titles pull", steps) as bar:
        for batch in batches:
            own = samples.at(batch)
            loss = pull_loss(network(own.histories, own.items, table), own, sharpness)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            bar.advance(loss=f"{loss.item():.3f}")


def _batches(samples: Samples, rows: Tensor) -> list[Tensor]:
    """Return the rows in batches of like lengths, in random order."""
    lengths = (samples.histories != NO_ITEM).sum(1)
    drawn = torch.split(rows[torch.randperm(len(rows))], _ALIKE)
    batches = [one for own in drawn for one in torch.split(own[lengths[own].argsort()], _BATCH)]
    return [batches[place] for place in torch.randperm(len(batches)).tolist()]


def pull_loss(pulls: Tensor, samples: Samples, sharpness: Tensor) -> Tensor:
    """Return the mean loss of estimated pulls ``(B, K, L)``.

    Squared errors of the shares, and of both directions: the cross-entropy to the title that pulls
    that way furthest, less twice the share that a title named by these odds pulls on average.

    Args:
        pulls: of the network.
        samples: of the same B contexts.
        sharpness: times which pulls are the logits of being named.
    """
    missing = samples.missing.expand_as(pulls)
    squared = (pulls - samples.shares).square().masked_fill(missing, 0.0)
    loss = 2 * squared.sum() / (~missing).sum()
    for sign in (1.0, -1.0):
        toward = (sign * samples.shares).masked_fill(missing, -torch.inf)
        furthest, strongest = toward.max(-1)
        some = furthest > 0
        if not some.any():
            continue
        logits = (sign * sharpness * pulls).masked_fill(missing, -torch.inf)[some]
        gained = (toward[some] / furthest[some][:, None]).clamp(-1, 1)
        odds = logits.softmax(-1)
        named = (odds * gained).sum(-1).mean()
        loss = loss + functional.cross_entropy(logits, strongest[some]) - 2 * named
    return loss


@torch.no_grad()
def _told(network: PullNetwork, samples: Samples, rows: Tensor, table: Tensor) -> str:
    """Return in words how often the network finds the title that pulls furthest up."""
    right: list[Tensor] = []
    for batch in torch.split(rows, _BATCH):
        own = samples.at(batch)
        pulls = network(own.histories, own.items, table).masked_fill(own.missing, -torch.inf)
        furthest, strongest = own.shares.masked_fill(own.missing, -torch.inf).max(-1)
        right.append((pulls.argmax(-1) == strongest)[furthest > 0])
    found = torch.cat(right)
    return (
        f"of {len(found):,} questions kept apart, the title that lifts the item's score most is "
        f"known in {100 * float(found.float().mean()):.0f} %"
    )
