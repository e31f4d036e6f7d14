"""The page about the command line holds what ``--help`` says, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from recexplainer.cli.main import recx

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
COMMANDS = recx.list_commands(None)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_page_shows_the_help_of(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    shown = CliRunner().invoke(recx, arguments, prog_name="recx", terminal_width=80)
    assert shown.exit_code == 0
    title = f"recx {command}".strip()
    assert f"## {title}\n\n```text\n{shown.output}```\n" in PAGE.read_text(encoding="utf-8")


def test_the_page_shows_nothing_else_as_help() -> None:
    blocks = re.findall(
        r"^```text\nUsage: recx ?([\w-]*) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert blocks == ["", *COMMANDS]
