"""All that ``no_side_effects`` watches is seen when it changes, and only then."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from recexplainer.testing import no_side_effects
from recexplainer.testing.contracts import side_effects

torch = pytest.importorskip("torch")


def _elsewhere():
    Path("elsewhere").mkdir()
    os.chdir("elsewhere")


def _filter():
    warnings.simplefilter("ignore")


OFFENDERS = {
    "the root logger": lambda: logging.getLogger().addHandler(logging.NullHandler()),
    "sys.argv": lambda: sys.argv.append("--epochs=7"),
    "environment variables": lambda: os.environ.update(OFFENDER="1"),
    "torch's settings (anomaly, grad, dtype, deterministic)": lambda: torch.set_grad_enabled(False),
    "the working directory": _elsewhere,
    "files in the working directory": lambda: Path("log.txt").touch(),
    "Python's random state": lambda: random.seed(0),
    "numpy's random state": lambda: np.random.seed(3),
    "torch's random state or thread count": lambda: torch.manual_seed(0),
    "the filters of warnings": _filter,
}
ALSO = {
    "logging is disabled": lambda: logging.disable(logging.INFO),
    "one thread": lambda: torch.set_num_threads(1),
    "anomalies": lambda: torch.autograd.set_detect_anomaly(True),
    "a dtype": lambda: torch.set_default_dtype(torch.float64),
}


@pytest.fixture(autouse=True)
def process_restored(monkeypatch, tmp_path):
    """Undo what the offenders do, so that no other test sees it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    handlers, seeds = list(logging.getLogger().handlers), (random.getstate(), np.random.get_state())
    threads = torch.get_num_threads()
    with torch.random.fork_rng(), warnings.catch_warnings():
        yield
    monkeypatch.undo()
    logging.getLogger().handlers[:] = handlers
    logging.disable(logging.NOTSET)
    random.setstate(seeds[0])
    np.random.set_state(seeds[1])
    os.environ.pop("OFFENDER", None)
    torch.set_num_threads(threads)
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.autograd.set_detect_anomaly(False)


def test_every_watched_thing_has_an_offender():
    assert set(OFFENDERS) == set(side_effects.WATCHED)


@pytest.mark.parametrize("name", OFFENDERS)
def test_a_change_is_told_by_its_name_and_how_to_mend_it(name):
    with pytest.raises(pytest.fail.Exception, match="to mend it: ") as told, no_side_effects("f()"):
        OFFENDERS[name]()
    assert str(told.value).startswith(f"f() changed {name}\n")


@pytest.mark.parametrize("name", ALSO)
def test_other_ways_to_change_the_same_are_seen_too(name):
    with pytest.raises(pytest.fail.Exception, match="changed"), no_side_effects("f()"):
        ALSO[name]()


@pytest.mark.parametrize("name", ["Python's random state", "the filters of warnings"])
def test_doing_the_same_once_more_is_seen(name):
    OFFENDERS[name]()
    with pytest.raises(pytest.fail.Exception, match=name), no_side_effects("f()"):
        OFFENDERS[name]()


def test_what_was_done_before_is_seen_since_the_start():
    start = side_effects.lasting_state()
    OFFENDERS["environment variables"]()
    with (
        pytest.raises(pytest.fail.Exception, match="environment variables"),
        no_side_effects("f()", since=start),
    ):
        OFFENDERS["environment variables"]()


def test_what_is_undone_in_time_is_no_side_effect():
    before = random.getstate(), torch.get_num_threads(), list(warnings.filters)
    with no_side_effects("f()"):
        state, threads = random.getstate(), torch.get_num_threads()
        random.seed(0)
        random.setstate(state)
        torch.set_num_threads(1)
        torch.set_num_threads(threads)
        with torch.random.fork_rng(), warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
    assert before == (random.getstate(), torch.get_num_threads(), list(warnings.filters))


def test_settings_of_a_torch_that_the_part_imports_itself_are_held_against_fresh_ones():
    """In a fresh process: what torch was like before is known without having loaded it."""
    code = (
        "from recexplainer.testing.contracts import side_effects\n"
        "before = side_effects._torch_settings()\n"
        "import torch\n"
        "assert before == side_effects._torch_settings()\n"
    )
    root = Path(side_effects.__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
