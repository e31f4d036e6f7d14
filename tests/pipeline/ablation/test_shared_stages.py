"""What one run has done, another takes over whole, or not at all."""

from __future__ import annotations

import shutil

import pytest

from recexplainer.pipeline.ablation.shared_stages import take_over
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import Stage


def stages(path) -> list[Stage]:
    folder = RunFolder(path)
    first = folder.stage("dataset", version="1", settings={"a": 1})
    return [first, folder.stage("target", version="1", settings={}, inputs=[first])]


def done(stage: Stage, text: str) -> Stage:
    stage.run(lambda folder: (folder / "log.txt").write_text(text))
    return stage


def test_only_what_is_done_elsewhere_and_not_here_is_taken_over(tmp_path) -> None:
    theirs, own = stages(tmp_path / "a"), stages(tmp_path / "b")
    done(theirs[0], "theirs")
    theirs[1].begin()
    assert take_over(own, theirs) == own[:1]
    assert own[0].done
    assert not own[1].done
    assert not own[1].started
    assert (own[0].folder / "log.txt").read_text() == "theirs"
    (own[0].folder / "log.txt").write_text("own")
    assert (theirs[0].folder / "log.txt").read_text() == "theirs"  # a copy and no link
    assert take_over(own, theirs) == []
    assert (own[0].folder / "log.txt").read_text() == "own"


def test_what_was_begun_here_gives_way_to_what_is_done(tmp_path) -> None:
    theirs, own = stages(tmp_path / "a"), stages(tmp_path / "b")
    done(theirs[0], "theirs")
    own[0].begin()
    (own[0].folder / "half.txt").write_text("")
    take_over(own, theirs)
    assert own[0].done
    assert not (own[0].folder / "half.txt").exists()


def test_a_copy_that_is_cut_short_leaves_nothing_that_counts(tmp_path, monkeypatch) -> None:
    theirs, own = stages(tmp_path / "a"), stages(tmp_path / "b")
    done(theirs[0], "theirs")

    def killed(source, folder) -> None:
        folder.mkdir(parents=True)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", killed)
        with pytest.raises(KeyboardInterrupt):
            take_over(own, theirs)
    assert not own[0].done
    take_over(own, theirs)
    assert own[0].done
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["1-dataset"]
