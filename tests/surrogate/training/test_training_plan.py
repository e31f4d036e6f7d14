"""How many steps a training makes is decided once, by what its settings ask for."""

import json

import numpy as np
import pytest

from recexplainer.errors import StageError, UserError
from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.estimate.step_timer import StepTimes
from recexplainer.surrogate.training import session as training
from recexplainer.surrogate.training import training_plan
from recexplainer.surrogate.training.training_plan import (
    choose_rows,
    choose_steps,
    halve_rows,
    keep_plan,
    keep_rows,
    keep_steps,
    read_plan,
)

TIMES = StepTimes(fixed=1.0, each=0.5, timed=2, positions=np.array([2, 2, 14]))
"""Of 2, 2 and 8 seconds: 4 on the mean."""
SLOWER = StepTimes(fixed=10.0, each=5.0, timed=2, positions=TIMES.positions)


def asking(settings, minutes):
    return settings.model_copy(update={"minutes": minutes})


@pytest.mark.parametrize(("minutes", "steps"), [(1.0, 15), (0.99, 14), (10.0, 150), (0.01, 1)])
def test_minutes_are_filled_with_steps(minutes, steps, settings):
    assert choose_steps(asking(settings, minutes), 3, TIMES) == steps


@pytest.mark.parametrize(("budget", "steps"), [(1.0, 7), (2.5, 18), (0.01, 1)])
def test_a_budget_is_rounded_up_whatever_steps_take(budget, steps, settings):
    asked = settings.model_copy(update={"budget": budget})
    assert choose_steps(asked, 7, TIMES) == choose_steps(asked, 7, SLOWER) == steps


def test_the_first_choice_is_kept(settings, tmp_path):
    asked = asking(settings, 1.0)
    assert keep_plan(tmp_path, asked).steps is None
    assert keep_steps(tmp_path, asked, 3, TIMES) == (15, 4.0)
    assert keep_steps(tmp_path, asked, 3, SLOWER) == (15, 4.0)
    assert json.loads((tmp_path / "plan.json").read_text())["steps"] == 15


def test_a_short_training_is_foretold_by_its_own_steps(settings, tmp_path):
    asked = settings.model_copy(update={"budget": 0.5})
    keep_plan(tmp_path, asked)
    assert keep_steps(tmp_path, asked, 3, TIMES) == (2, 2.0)


def test_another_device_is_planned_anew_but_for_the_steps(settings, tmp_path, monkeypatch):
    asked = asking(settings, 1.0)
    assert keep_plan(tmp_path, asked).device == "cpu"
    keep_steps(tmp_path, asked, 3, TIMES)
    monkeypatch.setattr(training_plan, "choose_device", lambda _: "cuda")
    assert read_plan(tmp_path, asked).device == "cuda"
    assert json.loads((tmp_path / "plan.json").read_text())["device"] == "cpu"  # only read
    moved = keep_plan(tmp_path, asked)
    assert (moved.device, moved.steps, moved.seconds_per_step) == ("cuda", 15, 4.0)
    assert json.loads((tmp_path / "plan.json").read_text())["device"] == "cuda"


def test_a_resumed_training_keeps_its_steps(corpus, settings, catalogue, tmp_path, monkeypatch):
    notes = []

    class Told(SilentProgress):
        def note(self, message):
            notes.append(message)
            if len(notes) == 1:  # the forecast, just before the first step
                raise KeyboardInterrupt

    asked = asking(settings, 0.4).model_copy(update={"threads": 1})
    prepare(corpus, tmp_path, asked, titles=catalogue.titles, progress=SilentProgress())
    monkeypatch.setattr(training, "time_steps", lambda *_: TIMES)
    with pytest.raises(KeyboardInterrupt):
        training.train(tmp_path, Told())
    monkeypatch.setattr(training, "time_steps", lambda *_: StepTimes(40.0, 0.0, 2, TIMES.positions))
    report = training.train(tmp_path, Told())
    assert (report.steps, report.minutes, report.foretold_seconds) == (6, 0.4, 24.0)
    assert report.passes == pytest.approx(6 / 7)
    assert report.curve[-1].step == 6
    # What is said now is what is seen now: 40 s whatever a step holds.
    assert notes[1].startswith("training takes about 4 minutes here: 6 steps of 40 s")


def test_as_many_at_once_as_fit_and_a_resumed_training_keeps_it(
    corpus, settings, catalogue, tmp_path, monkeypatch
):
    prepare(corpus, tmp_path, settings, titles=catalogue.titles, progress=SilentProgress())
    keep_plan(tmp_path, settings)
    monkeypatch.setattr(training_plan, "free_memory", lambda: 64e9)
    assert keep_rows(tmp_path, settings, processes=1) == 8  # the whole batch
    monkeypatch.setattr(training_plan, "free_memory", lambda: 1.0)
    assert keep_rows(tmp_path, settings, processes=1) == 8
    assert halve_rows(tmp_path, settings) == 4
    assert keep_rows(tmp_path, settings, processes=1) == 4
    assert [halve_rows(tmp_path, settings) for _ in range(3)] == [2, 1, 0]
    with pytest.raises(UserError, match=r"GB of it for one example of \d+ tokens"):
        choose_rows(tmp_path, settings, processes=1)


def test_memory_that_runs_out_is_said_and_halves_what_is_computed_at_once(
    corpus, settings, catalogue, tmp_path, monkeypatch
):
    prepare(corpus, tmp_path, settings, titles=catalogue.titles, progress=SilentProgress())
    monkeypatch.setattr(training, "time_steps", lambda *_: TIMES)

    def refuse(self, **_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr("recexplainer.surrogate.training.trainer.SharedTrainer.train", refuse)
    with pytest.raises(StageError, match="continues at the last checkpoint, with 4 examples"):
        training.train(tmp_path, SilentProgress())
    monkeypatch.undo()
    monkeypatch.setattr(training, "time_steps", lambda *_: TIMES)
    assert training.train(tmp_path, SilentProgress()).steps == 7
    assert keep_rows(tmp_path, settings, processes=1) == 4
