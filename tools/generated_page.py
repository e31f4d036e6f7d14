"""Pages made from the code: write one, or check that its file is current."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["one_line", "write_or_check"]


def one_line(text: str) -> str:
    """Return ``text`` as it can stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def write_or_check(path: Path, page: Callable[[], str], doc: str | None) -> None:
    """Write the page, or with ``--check`` exit with 1 where the file says something else.

    Args:
        path: the page's file.
        page: returns its text.
        doc: the calling script's docstring, whose first line is its help.
    """
    parser = argparse.ArgumentParser(description=(doc or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    written = page()
    if not parser.parse_args().check:
        path.write_text(written, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != written:
        sys.exit(f"{path} is out of date; run: python {sys.argv[0]}")
