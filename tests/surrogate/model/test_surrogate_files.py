"""Folders of surrogates that this version cannot read are refused in one line with a way out."""

from __future__ import annotations

import pytest

from recexplainer.errors import RunFolderError
from recexplainer.surrogate.model.surrogate_files import load_surrogate


@pytest.mark.parametrize(
    "written",
    [
        *('{"backbone": "owner/model"}', '{"given": {"backbone": "a/b"}}'),
        *('{"given": {}, "found": {}}', '{"given": null}', "[1]", "null", "{", "\x00"),
    ],
)
def test_an_old_or_broken_reference_is_refused(tmp_path, written):
    (tmp_path / "backbone.json").write_text(written, encoding="utf-8")
    with pytest.raises(RunFolderError) as refused:
        load_surrogate(tmp_path)
    assert str(tmp_path / "backbone.json") in str(refused.value)
    assert "recx run" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_one_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match=r"holds no backbone\.json"):
        load_surrogate(tmp_path)
