"""Trains a sequential model of RecBole: every position predicts the item that came next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from recexplainer.plugins.interfaces import FitReport
from recexplainer.records import Progress
from recexplainer.targets.families import SequentialOptions

__all__ = ["limited_to", "seeded", "train"]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from ``seed`` inside the block, and leave torch's global generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """Compute with ``threads`` CPU threads inside the block, and as before after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(
    model: nn.Module,
    windows: Tensor,
    validate: Callable[[], float],
    options: SequentialOptions,
    progress: Progress,
) -> FitReport:
    """Train until validation stops improving; the model ends with its best weights.

    Args:
        model: from ``build_model``; ends in evaluation mode, whatever happens.
        windows: ``(N, T + 1)`` ids, as ``cut_windows`` makes them.
        validate: returns NDCG@10 of the model as it is.
        options: step size, batch size and when to stop.
        progress: told of every epoch.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    best, best_epoch, best_weights = -1.0, 0, _copy(model)
    with progress.bar(f"Training {options.model}", options.max_epochs) as bar:
        for epoch in range(1, options.max_epochs + 1):
            loss = _train_epoch(model, windows, optimizer, options.batch_size)
            ndcg = validate()
            bar.advance(1, epoch=str(epoch), loss=f"{loss:.3f}", **{"ndcg@10": f"{ndcg:.4f}"})
            if ndcg > best:
                best, best_epoch, best_weights = ndcg, epoch, _copy(model)
            if epoch - best_epoch >= options.patience:
                break
    model.load_state_dict(best_weights)
    return FitReport(epochs=epoch, best_epoch=best_epoch, validation={"ndcg@10": best})


def _train_epoch(
    model: nn.Module, windows: Tensor, optimizer: torch.optim.Optimizer, batch_size: int
) -> float:
    """Pass over all windows once, in a new order, and return the mean loss per batch."""
    losses = []
    model.train()
    try:
        order = torch.randperm(len(windows))
        for start in range(0, len(order), batch_size):
            loss = _next_item_loss(model, windows[order[start : start + batch_size]])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(loss.item())
    finally:
        model.eval()
    return sum(losses) / len(losses)


def _next_item_loss(model: nn.Module, batch: Tensor) -> Tensor:
    """Return the cross-entropy over all items, at every position that an item follows."""
    read, following = batch[:, :-1], batch[:, 1:]
    real = following > 0
    outputs = model(read, torch.ones(len(read), dtype=torch.long))[real]
    logits = outputs @ model.get_parameter("item_embedding.weight")[1:].T
    return cross_entropy(logits, following[real] - 1)


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
