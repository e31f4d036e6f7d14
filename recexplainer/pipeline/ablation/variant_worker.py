"""Process of one run of an ablation: ``python -m ... FOLDER COMMAND [STAGE]``.

It ends when the process that started it is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from recexplainer.errors import RecxError
from recexplainer.surrogate.training.parent_watch import not_outliving_its_starter

if TYPE_CHECKING:
    from recexplainer.runs.steps import StageName

__all__ = ["INTERRUPTED", "main"]

INTERRUPTED = 130


def main(args: Sequence[str]) -> int:
    """Do the run whose configuration is in the folder, and return the exit code.

    Args:
        args: the run folder, how the ablation was asked for, and the stage to stop before.
    """
    folder, command, *until = args
    with not_outliving_its_starter():
        from recexplainer.pipeline.execution.installed_parts import config_of_run
        from recexplainer.pipeline.execution.run_loop import run
        from recexplainer.runs.progress_lines import PlainProgress

        try:
            run(
                config_of_run(Path(folder)),
                Path(folder),
                until=cast("StageName", until[0] if until else None),
                progress=PlainProgress(sys.stderr),
                command=command,
            )
        except RecxError as error:
            sys.stderr.write(f"recx: {error}\n")
            return error.exit_code
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
