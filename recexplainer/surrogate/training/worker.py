"""Process of a training: ``python -m recexplainer.surrogate.training.worker FOLDER``.

It reads the training folder and nothing else: no plugin, no recommender, no configuration.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from recexplainer.errors import RecxError, UserError
from recexplainer.records import Progress, SilentProgress
from recexplainer.runs.memory import bound_product_caches
from recexplainer.runs.progress_lines import console_progress
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.surrogate.corpus.training_files import SETTINGS
from recexplainer.surrogate.training.parent_watch import not_outliving_its_starter

__all__ = ["main"]


def main() -> int:
    """Train in the folder that is named; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="recexplainer.surrogate.training.worker", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="a training folder, such as RUN/4-surrogate")
    parser.add_argument("--local_rank", help="what DeepSpeed's launcher adds; the environment says")
    folder: Path = parser.parse_args().folder
    first = int(os.environ.get("RANK", "0")) == 0
    progress: Progress = console_progress() if first else SilentProgress()
    bound_product_caches()
    try:
        with not_outliving_its_starter(), quiet_libraries():
            _train(folder, progress)
    except RecxError as error:
        if first or not isinstance(error, UserError):  # the user's mistake meets them all
            sys.stderr.write(f"recx: {error}\n")
        return error.exit_code
    return 0


def _train(folder: Path, progress: Progress) -> None:
    if not (folder / SETTINGS).is_file():
        raise UserError(f"{folder} is no training folder: it has no {SETTINGS}")
    from recexplainer.surrogate.training.session import read_report, train

    if read_report(folder) is None:
        train(folder, progress)
    else:
        progress.note(f"{folder} is trained already")


if __name__ == "__main__":
    sys.exit(main())
