"""What trains ends when what started it is gone; hosts are checked before they are asked."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from recexplainer.errors import DataError, UserError
from recexplainer.surrogate.training.host_list import check_reachable, read_hosts
from recexplainer.surrogate.training.launcher import Launch

ROOT = Path(__file__).parents[3]
WORKER = """
    import sys, time
    from pathlib import Path
    from recexplainer.surrogate.training.parent_watch import not_outliving_its_starter

    with not_outliving_its_starter():
        Path(sys.argv[1]).touch()
        time.sleep(60)
"""
LAUNCHER = """
    import subprocess, sys, time

    subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]])
    time.sleep(60)
"""
STARTER = """
    import subprocess, sys
    from recexplainer.surrogate.training.parent_watch import environment_of_workers

    subprocess.run([sys.executable, *sys.argv[1:]], env=environment_of_workers())
"""


@pytest.fixture
def chain(tmp_path, monkeypatch):
    """Start ``recx``, a launcher that takes no notice of anything, and a worker below it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ready = tmp_path / "ready"
    starter, launcher, worker = (textwrap.dedent(each) for each in (STARTER, LAUNCHER, WORKER))
    command = [sys.executable, "-c", starter, "-c", launcher, worker, str(ready)]
    top = subprocess.Popen(command)
    until = time.monotonic() + 30
    while not ready.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    below = psutil.Process(top.pid).children(recursive=True)
    assert len(below) == 2
    yield top, *below
    for process in (top, *below):
        if psutil.pid_exists(process.pid):
            process.kill()
    top.wait()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_ends_with_the_command_above_its_launcher(sent, chain):
    """The dead command is not reaped, as by a shell that is busy."""
    top, launcher, worker = chain
    os.kill(top.pid, sent)
    worker.wait(timeout=10)
    assert launcher.is_running()  # so it was the worker that saw it


def test_a_worker_ends_with_its_launcher(chain):
    _, launcher, worker = chain
    launcher.kill()
    worker.wait(timeout=10)


def test_a_launcher_that_a_person_started_may_outlive_its_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ready = tmp_path / "ready"
    launcher, worker = (textwrap.dedent(each) for each in (LAUNCHER, WORKER))
    terminal = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
    top = subprocess.Popen([sys.executable, "-c", terminal, "-c", launcher, worker, str(ready)])
    while not ready.exists():
        time.sleep(0.02)
    below = psutil.Process(top.pid).children(recursive=True)
    top.kill()
    top.wait()
    time.sleep(1.5)
    assert all(process.is_running() for process in below)
    for process in below:
        process.kill()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.slow
def test_a_stopped_command_leaves_no_process_behind(sent, tmp_path, monkeypatch):
    """The real command line and the real launcher, stopped while its workers import."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "settings.json").write_text('{"device": "cpu"}')
    command = [sys.executable, "-m", "recexplainer", "train", str(tmp_path), "--nproc", "2"]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    below = []
    while sum("recexplainer.surrogate.training.worker" in " ".join(each) for each in below) < 3:
        assert running.poll() is None
        time.sleep(0.1)
        started = psutil.Process(running.pid).children(recursive=True)
        below = [process.cmdline() for process in started]
    running.send_signal(sent)
    assert running.wait(timeout=60) != 0
    _, alive = psutil.wait_procs(started, timeout=40)
    assert not alive


# ── hosts ────────────────────────────────────────────────────────────────────────────────────────


def test_hosts_are_read_in_their_order(tmp_path):
    path = tmp_path / "hosts"
    path.write_text("# ours\nnode2 slots=8\n\n  node1   slots=4 # slower\n")
    assert list(read_hosts(path).items()) == [("node2", 8), ("node1", 4)]
    assert Launch(processes=4, launcher="deepspeed", hostfile=path).world == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node1 slots=8\nnode2\n", r"hosts:2: 'node2' is not like 'node1 slots=8'"),
        ("node1 slots=many\n", r"hosts:1: "),
        ("node1 slots=8\nnode1 slots=8\n", r"hosts:2: node1 was listed before"),
        ("# nobody\n", r"hosts: no host is listed"),
    ],
)
def test_a_line_that_names_no_host_is_named(text, said, tmp_path):
    (tmp_path / "hosts").write_text(text)
    with pytest.raises(DataError, match=said):
        read_hosts(tmp_path / "hosts")


def test_hosts_that_cannot_be_reached_are_refused_first(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="--nproc 9 is more than the 8 slots of node2"):
        check_reachable({"node1": 16, "node2": 8}, 9)
    (tmp_path / "ssh").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_reachable({"node1": 8}, 8)
    with pytest.raises(UserError, match=r"'pdsh', which is not installed here"):
        check_reachable({"node1": 8, "node2": 8}, 8)
