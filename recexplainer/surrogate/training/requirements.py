"""Requirements of a training that this machine lacks, all found before anything loads.

PyTorch is loaded only where a setting leaves something to ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recexplainer.errors import MissingExtraError, UserError
from recexplainer.plugins.providers import objections
from recexplainer.surrogate.model.quantization import require_quantization
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.zero_stages import choose_parallel, require_deepspeed

__all__ = ["require_device", "training_lacks"]


def training_lacks(
    settings: SurrogateSettings, processes: int, *, here: int, begun: Path | None = None
) -> Iterator[str]:
    """Yield one line for each thing that a training lacks.

    Args:
        settings: what is to be trained.
        processes: how many share it, on all hosts together.
        here: how many of them this machine is known to run.
        begun: the training folder, where its newest checkpoint is to be continued.
    """
    yield from objections(
        lambda: require_device(settings.device),
        lambda: _named("training.parallel", require_deepspeed, settings.parallel),
        lambda: _named("surrogate.quantization", require_quantization, settings.quantization),
        lambda: _named("training.tracker", _require_tracker, settings.tracker),
        lambda: _require_precision(settings),
        lambda: _require_devices(settings.device, here),
        lambda: _require_readable(settings, processes, begun),
    )


def require_device(wanted: str) -> None:
    """Refuse CUDA where there is none.

    Args:
        wanted: the setting ``surrogate.device``.

    Raises:
        UserError: no CUDA device is visible.
    """
    if wanted == "cuda":
        from recexplainer.surrogate.model.compute_type import choose_device

        choose_device(wanted)


def _named(setting: str, require: Callable[[Any], None], value: object) -> None:
    """Call ``require`` with the value of ``setting``; what it objects to begins with its name."""
    try:
        require(value)
    except UserError as error:
        raise UserError(f"{setting}: {error}") from error


def _require_tracker(tracker: str | None) -> None:
    if tracker and find_spec(tracker) is None:
        raise MissingExtraError(tracker, tracker, f"for training.tracker={tracker}")


def _require_precision(settings: SurrogateSettings) -> None:
    if settings.precision == "float16":
        from recexplainer.surrogate.model.compute_type import choose_device, choose_precision

        choose_precision(settings.precision, choose_device(settings.device))


def _require_devices(device: str, processes: int) -> None:
    """Refuse more processes than GPUs, where they are trained on."""
    if processes < 2 or device == "cpu":
        return
    import torch

    from recexplainer.surrogate.model.compute_type import choose_device

    visible = torch.cuda.device_count()
    if choose_device(device) == "cuda" and processes > visible:
        raise UserError(
            f"training.processes: --nproc {processes} needs as many GPUs, and {visible} can be "
            f"seen here; give --nproc {visible}, or surrogate.device=cpu"
        )


def _require_readable(settings: SurrogateSettings, processes: int, folder: Path | None) -> None:
    """Refuse to continue a checkpoint of other processes; deletes none that is incomplete."""
    if folder is None or not (folder / "checkpoints").is_dir():
        return
    from recexplainer.surrogate.model.compute_type import choose_device
    from recexplainer.surrogate.training.checkpoints import check_readable, complete_checkpoint

    try:
        parallel = choose_parallel(settings, processes, choose_device(settings.device))
    except UserError:  # which is reported by what looks for it
        return
    check_readable(complete_checkpoint(folder), processes, parallel)
