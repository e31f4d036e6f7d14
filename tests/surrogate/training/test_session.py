"""Training learns, and a run that was cut short ends where an uninterrupted one does."""

import json
import resource
import shutil
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from recexplainer.errors import StageError
from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.training_folder import prepare, read_settings, read_vectors
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.session import train


class Bar:
    """Counts, and runs ``at_step[n]`` when step ``n`` is reached."""

    def __init__(self, at_step, sizes, done):
        self.at_step, self.sizes, self.done = at_step, sizes, done

    def advance(self, steps=1, **fields):
        self.done += steps
        if self.done in self.at_step:
            self.at_step[self.done]()


class Watching:
    """A progress whose bars and notes the test can read."""

    def __init__(self, at_step=None, at_end=lambda: None):
        self.at_step, self.at_end, self.bars, self.notes = at_step or {}, at_end, {}, []

    @contextmanager
    def bar(self, label, total, *, sizes=None, done=0):
        self.bars[label] = Bar(self.at_step, sizes, done)
        yield self.bars[label]
        assert self.bars[label].done == total
        self.at_end()

    def note(self, message):
        self.notes.append(message)


def interrupt():
    raise KeyboardInterrupt


def weights(folder):
    return load_file(folder / "model" / "model.safetensors")


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]


def losses(folder):
    return [(point["step"], point["loss"]) for point in log(folder)]


@pytest.fixture(scope="module")
def short(settings):
    """Two and a half passes over 50 examples: 18 steps of 8, checkpointed after every one."""
    return settings.model_copy(update={"budget": 2.5, "save_every_seconds": 1e-6, "threads": 1})


@pytest.fixture
def prepared(corpus, short, catalogue, tmp_path):
    folder = tmp_path / "training"
    folder.mkdir()
    prepare(corpus, folder, short, titles=catalogue.titles, progress=SilentProgress())
    return folder


@pytest.fixture(scope="module")
def uninterrupted(corpus, short, catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    watching = Watching()
    prepare(corpus, folder, short, titles=catalogue.titles, progress=watching)
    return folder, train(folder, watching), watching


def test_prepare_encodes_every_example(uninterrupted, corpus):
    folder, report, watching = uninterrupted
    encoded = EncodedCorpus.load(folder / "encoded.safetensors")
    assert len(encoded) == report.examples == watching.bars["encoding the corpus"].done == 50
    assert report.tokens == len(encoded.ids)
    assert encoded.contexts.tolist() == list(range(30)) + list(range(20))
    assert SurrogateSettings.model_validate_json((folder / "settings.json").read_text()).seed == 3


def test_prepare_does_nothing_twice(prepared, corpus, short):
    before = {path: path.stat().st_mtime_ns for path in prepared.rglob("*")}
    changed = short.model_copy(update={"seed": 99})
    prepare(corpus, prepared, changed, titles=["other"], progress=SilentProgress())
    assert {path: path.stat().st_mtime_ns for path in prepared.rglob("*")} == before


def test_what_changes_no_result_is_taken_up_again(prepared, corpus, short):
    """A resume may ask for more threads, or for checkpoints more often; not for another result."""
    wanted = {"threads": 2, "save_every_seconds": 7.0, "micro_batch_size": 4}
    changed = short.model_copy(update={**wanted, "learning_rate": 0.5})
    encoded = (prepared / "encoded.safetensors").stat().st_mtime_ns
    prepare(corpus, prepared, changed, titles=["other"], progress=SilentProgress())
    assert read_settings(prepared) == short.model_copy(update=wanted)
    assert (prepared / "encoded.safetensors").stat().st_mtime_ns == encoded


def test_prepare_repeats_what_was_cut_short(prepared, corpus, short, catalogue):
    before = (prepared / "initial" / "model.safetensors").read_bytes()
    (prepared / "settings.json").unlink()
    (prepared / "encoded.safetensors").write_bytes(b"torn")
    prepare(corpus, prepared, short, titles=catalogue.titles, progress=SilentProgress())
    assert len(EncodedCorpus.load(prepared / "encoded.safetensors")) == 50
    assert (prepared / "initial" / "model.safetensors").read_bytes() == before


def test_loss_falls_and_the_curve_is_logged(uninterrupted):
    folder, report, _ = uninterrupted
    curve = [point.loss for point in report.curve]
    assert [point.step for point in report.curve] == list(range(1, 19))
    assert np.mean(curve[-3:]) < 0.6 * np.mean(curve[:3])
    assert losses(folder) == [(point.step, point.loss) for point in report.curve]


def test_the_report_counts_right(uninterrupted, short):
    folder, report, _ = uninterrupted
    trained = weights(folder)
    shapes = {name: array.size for name, array in trained.items()}
    constant = sum(size for name, size in shapes.items() if name.endswith(("mean", "deviation")))
    assert report.parameters == report.trainable == sum(shapes.values()) - constant
    assert (report.steps, report.device, report.precision) == (18, "cpu", "float32")
    assert not (folder / "checkpoints").exists()


def test_projectors_standardize_with_the_corpus_vectors(uninterrupted, vectors):
    folder, _, _ = uninterrupted
    for stage in ("initial", "model"):
        trained = load_file(folder / stage / "model.safetensors")
        for kind, array in zip(("user", "item"), vectors, strict=True):
            mean = trained[f"{kind}_projector.mean"]
            np.testing.assert_allclose(mean, array.mean(0), rtol=1e-3, atol=1e-4)
            deviation = trained[f"{kind}_projector.deviation"]
            np.testing.assert_allclose(deviation, array.std(0, ddof=1), rtol=1e-3)


@pytest.mark.parametrize("step", [1, 10])
def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(
    step, prepared, corpus, uninterrupted, caplog
):
    whole, _, _ = uninterrupted
    with pytest.raises(KeyboardInterrupt):
        train(prepared, Watching({step: interrupt}))
    resumed = Watching()
    report = train(prepared, resumed)
    assert resumed.notes[1:] == ([f"training continues at step {step - 1}"] if step > 1 else [])
    assert "missing keys" not in caplog.text  # of a head that is the embedding
    expected, found = weights(whole), weights(prepared)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)
    assert losses(prepared) == losses(whole)
    assert len(report.curve) == 18
    seconds = [point["seconds"] for point in log(prepared)]
    assert seconds == sorted(seconds)


def test_a_checkpoint_cut_short_by_a_kill_is_passed_over(prepared, corpus, uninterrupted):
    with pytest.raises(KeyboardInterrupt):
        train(prepared, Watching({6: interrupt}))
    (complete,) = (prepared / "checkpoints").iterdir()
    torn = complete.with_name("checkpoint-6")
    shutil.copytree(complete, torn)
    (torn / "trainer_state.json").unlink()  # what the trainer writes last
    (torn / "model.safetensors").write_bytes(b"torn")
    with (prepared / "log.jsonl").open("a") as lines:
        lines.write('{"step": 6, "exa')
    train(prepared, SilentProgress())
    expected, found = weights(uninterrupted[0]), weights(prepared)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)
    assert losses(prepared) == losses(uninterrupted[0])


@pytest.mark.parametrize(("kept", "what"), [(5, "a checkpoint"), (17, "the trained surrogate")])
def test_a_full_disk_is_one_line_and_loses_nothing(kept, what, prepared, corpus, uninterrupted):
    """No file may grow past a few KB from then on, as on a disk that has no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, hard))

    filling = Watching({6: fill}) if kept == 5 else Watching(at_end=fill)
    try:
        with pytest.raises(StageError, match=rf"^{what} could not be written into .*\(") as told:
            train(prepared, filling)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(told.value)
    assert "the same command continues" in str(told.value)
    resumed = Watching()
    assert len(train(prepared, resumed).curve) == 18
    assert resumed.notes[1:] == [f"training continues at step {kept}"]
    expected, found = weights(uninterrupted[0]), weights(prepared)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


@pytest.mark.slow
def test_a_killed_process_is_continued(prepared, corpus, uninterrupted):
    script = """
        import os, signal, sys
        from contextlib import contextmanager
        from pathlib import Path
        from recexplainer.surrogate.training.session import train

        class Killing:
            done = 0
            def advance(self, steps=1, **fields):
                self.done += steps
                if self.done == 9:
                    os.kill(os.getpid(), signal.SIGKILL)
            @contextmanager
            def bar(self, label, total, **_):
                yield self
            def note(self, message):
                pass

        train(Path(sys.argv[1]), Killing())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(prepared)]
    killed = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
    assert killed.returncode == -9
    resumed = Watching()
    train(prepared, resumed)
    assert resumed.notes[1:] == ["training continues at step 8"]
    expected, found = weights(uninterrupted[0]), weights(prepared)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


def test_threads_are_given_back(prepared, corpus):
    before = torch.get_num_threads()
    path = prepared / "settings.json"
    wanted = json.loads(path.read_text()) | {"threads": before + 1, "budget": 0.1}
    path.write_text(json.dumps(wanted))
    during = []
    train(prepared, Watching({1: lambda: during.append(torch.get_num_threads())}))
    assert (during, torch.get_num_threads()) == ([before + 1], before)


def test_a_corpus_without_vectors_trains(corpus, short, catalogue, tmp_path):
    """Behavior alignment of a target that has none."""
    bare = tmp_path / "corpus"
    shutil.copytree(corpus / "train", bare / "train")
    assert read_vectors(bare) == (None, None)
    folder = tmp_path / "training"
    folder.mkdir()
    less = short.model_copy(update={"budget": 0.3, "save_every_seconds": 60.0})
    prepare(bare, folder, less, titles=catalogue.titles, progress=SilentProgress())
    report = train(folder, SilentProgress())
    assert report.steps == 3  # 0.3 of 7 batches, rounded up
    assert (folder / "model" / "model.safetensors").exists()


def test_vectors_are_read_by_their_names(tmp_path):
    given = {"user": np.ones((2, 3), np.float32), "item": np.zeros((4, 3), np.float32)}
    save_file(given, tmp_path / "vectors.safetensors")
    user, item = read_vectors(tmp_path)
    assert (user.shape, item.shape) == ((2, 3), (4, 3))


def test_without_users_vectors_only_titles_start_from_vectors(
    corpus, short, catalogue, vectors, tmp_path
):
    """Behavior alignment: a mean of no users' vectors would be no number."""
    shutil.copytree(corpus, tmp_path / "corpus")
    place = tmp_path / "corpus" / "vectors.safetensors"
    save_file({"user": vectors[0][:0], "item": vectors[1]}, place)
    prepare(
        tmp_path / "corpus",
        tmp_path / "training",
        short,
        titles=catalogue.titles,
        progress=SilentProgress(),
    )
    initial, _ = load_surrogate(tmp_path / "training" / "initial")
    started, encoder = load_surrogate(tmp_path / "training" / "start")
    moved = {
        name
        for name, weight in started.state_dict().items()
        if not torch.equal(weight, initial.state_dict()[name])
    }
    assert moved == {name for name in moved if "embed_tokens" in name or "lm_head" in name}
    assert all(torch.isfinite(weight).all() for weight in started.state_dict().values())
    first = [ids[0] for ids in encoder.words(catalogue.titles)]
    alone = [row for row, token in enumerate(first) if first.count(token) == 1]
    tokens = [first[row] for row in alone]
    weights = [one.get_input_embeddings().weight[tokens] for one in (initial, started)]
    alike = [_products(weight.detach().numpy()) for weight in weights]
    own = _products(vectors[1][alone])
    assert np.corrcoef(alike[1], own)[0, 1] > 0.9
    assert np.corrcoef(alike[0], own)[0, 1] < 0.5


def _products(vectors):
    """Return those of all pairs."""
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
