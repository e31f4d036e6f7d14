"""The pages and their code blocks, as a reader sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FILE = re.compile(r"# ([\w./-]+\.py)\n")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and where it begins."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that the reader saves it to, when it begins with one as a comment."""
        found = _FILE.match(self.text)
        return found[1] if found else None


def pages() -> list[Path]:
    """Return every page that is read, on the site or beside the code."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    beside = [ROOT / name for name in ("examples/README.md", "benchmarks/README.md")]
    beside.append(ROOT / "benchmarks" / "notes.md")
    return [*top, *beside, *sorted((ROOT / "docs").rglob("*.md"))]


def named(page: Path) -> str:
    """Return what a test of the page is called."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of ``page``, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text[: found.start()].count("\n") + 2)
        for found in _FENCE.finditer(text)
    ]
