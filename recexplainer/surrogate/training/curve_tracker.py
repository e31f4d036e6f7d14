"""Tracker copy of the training curve, on request; ``log.jsonl`` always holds it."""

from __future__ import annotations

from pathlib import Path

from transformers import TrainerCallback

__all__ = ["tracker_callbacks"]


def tracker_callbacks(tracker: str | None, folder: Path) -> list[TrainerCallback]:
    """Return the transformers callbacks that feed ``tracker``; none for None.

    Args:
        tracker: which one. TensorBoard's events go into ``folder / "tensorboard"``; ``wandb`` and
            ``mlflow`` find project, address and key in the environment variables of their own.
        folder: the training folder.
    """
    if tracker == "tensorboard":
        from torch.utils.tensorboard import SummaryWriter
        from transformers.integrations import TensorBoardCallback

        return [TensorBoardCallback(SummaryWriter(str(folder / "tensorboard")))]
    if tracker == "wandb":
        from transformers.integrations import WandbCallback

        return [WandbCallback()]
    if tracker == "mlflow":
        from transformers.integrations import MLflowCallback

        return [MLflowCallback()]
    return []
