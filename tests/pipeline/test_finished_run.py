"""What is asked of a run that is there is checked as a run is: all mistakes are one message."""

from __future__ import annotations

import pytest

from recexplainer.config import RunConfig, dump_config
from recexplainer.errors import ConfigError
from recexplainer.pipeline import judge_again
from recexplainer.runs.folder import RunFolder


def test_other_judges_are_refused_with_all_that_is_wrong_of_them(tmp_path, monkeypatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    RunFolder.create(tmp_path / "run").write_config(dump_config(RunConfig()))
    with pytest.raises(ConfigError) as refused:
        judge_again(tmp_path / "run", ["ofline", "chat:x"])
    unknown, keyless = refused.value.problems
    assert unknown.startswith("judging.judges: unknown judge 'ofline'")
    assert keyless.startswith("judging.judges: chat:x: the judge chat asks https://")
