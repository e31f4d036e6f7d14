"""Training loop of RecBole's models: step, validate, keep the best, stop."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from statistics import fmean

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FitReport
from recexplainer.records import Progress
from recexplainer.targets.recbole.families import TrainingOptions
from recexplainer.targets.recbole.recbole_shim import tamed

__all__ = ["limited_to", "seeded", "train"]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from ``seed`` inside the block, and leave all global generators as they were.

    Some of RecBole's models draw from those of numpy and Python rather than from torch's.
    """
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)


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
    losses: Callable[[], Iterable[Tensor]],
    validate: Callable[[], float],
    options: TrainingOptions,
    progress: Progress,
    measure: str = "ndcg@10",
) -> FitReport:
    """Train until validation stops improving; the model ends with its best weights.

    Args:
        model: from ``build_model``; ends in evaluation mode, whatever happens.
        losses: yields the loss of each batch of one epoch, with the weights as they then are.
        validate: returns how good the model is as it is, in [0, 1].
        options: step size, and when to stop.
        progress: told of every epoch.
        measure: what ``validate`` returns, by name.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    best, best_epoch, best_weights, waited, found = -1.0, 0, _copy(model), 0, 0.0
    with tamed(), progress.bar(f"Training {type(model).__name__}", options.max_epochs) as bar:
        for epoch in range(1, options.max_epochs + 1):
            loss = _train_epoch(model, losses, optimizer)
            due = epoch % options.validate_every == 0 or epoch == options.max_epochs
            found = validate() if due else found
            bar.advance(1, epoch=str(epoch), loss=f"{loss:.3f}", **{measure: f"{found:.4f}"})
            if due and found > best:
                best, best_epoch, best_weights, waited = found, epoch, _copy(model), 0
            elif due:
                waited += 1
            if waited >= options.patience:
                break
    if epoch < options.max_epochs:
        progress.note(
            f"stopped after epoch {epoch}: validation was best after epoch {best_epoch} "
            f"({measure} {best:.4f}), whose weights are kept"
        )
    model.load_state_dict(best_weights)
    return FitReport(epochs=epoch, best_epoch=best_epoch, validation={measure: best})


def _train_epoch(
    model: nn.Module, losses: Callable[[], Iterable[Tensor]], optimizer: torch.optim.Optimizer
) -> float:
    """Take one step per loss, and return their mean."""
    seen = []
    model.train()
    try:
        for loss in losses():
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            seen.append(loss.item())
    finally:
        model.eval()
    return fmean(seen)


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
