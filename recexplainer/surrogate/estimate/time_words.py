"""Duration of a training, in one line for people."""

from __future__ import annotations

from recexplainer.surrogate.estimate.step_timer import StepTimes
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["duration", "training_line"]

_UNITS = (("second", 1.0, 90.0), ("minute", 60.0, 5400.0), ("hour", 3600.0, 172_800.0))
_DAY = 86_400.0


def duration(seconds: float) -> str:
    """Return ``seconds`` to two digits, such as ``6 minutes`` or ``1.5 hours``."""
    fitting = ((name, size) for name, size, below in _UNITS if seconds < below)
    name, size = next(fitting, ("day", _DAY))
    count = two_digits(max(seconds / size, 1.0))
    return f"{count} {name}" + ("" if count == "1" else "s")


def two_digits(number: float) -> str:
    """Return a number to two digits, never in powers of ten."""
    return f"{float(f'{number:.2g}'):,g}"


def training_line(
    settings: SurrogateSettings, times: StepTimes, steps: int, per_pass: int, done: int = 0
) -> str:
    """Return how long the steps take that are left, and why they are as many.

    Args:
        settings: of the training.
        times: of steps on this machine.
        steps: of the whole training.
        per_pass: of one pass over the corpus.
        done: steps that were made before.
    """
    seconds, left = times.seconds(steps)[done:], steps - done
    each = float(seconds.mean()) if left else 0.0
    what = "the rest of the training" if done else "training"
    timed = f"{times.timed} of them timed" if times.timed else "parts of a few of them timed"
    many = "step" if left == 1 else "steps"
    line = f"{what} takes about {duration(left * each)} here: {left:,} {many} of "
    line += f"{two_digits(each)} s ({timed})"
    if settings.minutes is not None:
        passes = two_digits(steps / per_pass)
        fit = f"as many as fit training.minutes={settings.minutes:g}"
        line += f", {fit}: {passes} passes over the corpus"
    if steps >= 2 * per_pass and settings.recipe.whole:  # others see less than all there is
        line += "; alignment.questions would ask more, in place of the same again"
    return line
