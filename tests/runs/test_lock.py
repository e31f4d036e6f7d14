import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recexplainer.errors import RunFolderError
from recexplainer.runs.folder import RunFolder

HOLDER = """
import sys, time
from pathlib import Path
from recexplainer.runs.folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_second_process_is_told_who_holds_the_folder_until_that_one_dies(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(
                RunFolderError, match=rf"another process \(pid {holder.pid}\) is working"
            ),
            RunFolder(tmp_path).lock(),
        ):
            pytest.fail("two processes hold one folder")
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    with RunFolder(tmp_path).lock():  # what the dead process left does not matter
        pass


def test_a_lock_is_given_back_and_excludes_the_same_process_too(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with (
        run.lock(),
        pytest.raises(RunFolderError, match=rf"pid {os.getpid()}"),
        RunFolder(tmp_path).lock(),
    ):
        pytest.fail("the folder was held twice")
    with pytest.raises(ZeroDivisionError), run.lock():
        _ = 1 / 0
    with run.lock():
        pass
