"""Two files such as a user has; nothing here reads more than their size and time."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own_log(tmp_path: Path) -> dict[str, str]:
    """Return the options of ``csv`` that name the files."""
    texts = {"interactions": "user_id,item_id\nu0,a\n", "items": "item_id,title\na,A\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return {name: str(tmp_path / f"{name}.csv") for name in texts}
