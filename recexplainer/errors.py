"""Every error that recexplainer raises on purpose, and the exit code each one ends with.

    RecxError                     1  our failure; says what happened and what to do next
    ├── PluginError               1  a plugin is broken, or two claim one name
    ├── StageError                1  a stage could not finish; what was computed is kept
    └── UserError                 2  something the user gave can be mended by the user
        ├── ConfigError           2  one or more settings are wrong; all are listed at once
        ├── DataError             2  a data file is wrong; names file and line
        ├── UnknownNameError      2  a name that nobody registered; nearest names first
        ├── CapabilityError       2  a combination that cannot work, with the reason
        ├── WishError             2  a wish that an explanation cannot be made to follow
        ├── MissingExtraError     2  an optional package is not installed
        └── RunFolderError        2  the folder is not a run, or not one that can do this

An interrupt (Ctrl-C) ends with 130 and leaves a run that the same command resumes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "CapabilityError",
    "ConfigError",
    "DataError",
    "MissingExtraError",
    "PluginError",
    "RecxError",
    "RunFolderError",
    "StageError",
    "UnknownNameError",
    "UserError",
    "WishError",
    "nearest",
]


class RecxError(Exception):
    """Root of the tree. Its text is one message for a person; no traceback is needed."""

    exit_code = 1


class PluginError(RecxError):
    """A plugin could not be loaded, or two parts were registered under one name."""


class StageError(RecxError):
    """A stage of a run failed. What earlier stages and its own journal hold is kept."""


class UserError(RecxError):
    """Something that the user gave is wrong and can be mended by the user."""

    exit_code = 2


class ConfigError(UserError):
    """All that is wrong with a configuration, each line with its dotted path.

    Args:
        problems: one line each, such as ``training.budget: must be above 0, got -1``.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"the configuration has {count}:", *(f"  {problem}" for problem in problems)]
        super().__init__("\n".join(lines))


class DataError(UserError):
    """A data file cannot be used.

    Args:
        message: what was found and what is accepted.
        path: the file.
        line: its 1-based line, where there is one.
    """

    def __init__(
        self, message: str, *, path: Path | str | None = None, line: int | None = None
    ) -> None:
        self.path, self.line = path, line
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{place}{message}")


class UnknownNameError(UserError):
    """A name that is not registered.

    Args:
        kind: what was looked for, in the singular, such as ``target``.
        given: the name as it was given.
        available: every accepted name.
        hint: the next command to type, where one helps.
    """

    def __init__(self, kind: str, given: str, available: Iterable[str], *, hint: str = "") -> None:
        self.kind, self.given = kind, given
        self.available = tuple(sorted(available))
        self.nearest = close = tuple(nearest(given, self.available))
        accepted = ", ".join([*close, *(name for name in self.available if name not in close)][:12])
        guess = f" Did you mean {close[0]!r}?" if close else ""
        more = f" and {len(self.available) - 12} more" if len(self.available) > 12 else ""
        tail = f" {hint}" if hint else ""
        known = f"Available: {accepted or 'none'}{more}."
        super().__init__(f"unknown {kind} {given!r}.{guess} {known}{tail}")


class CapabilityError(UserError):
    """Parts that exist but cannot work together, such as intention alignment without vectors."""


class WishError(UserError):
    """What is wished of an explanation's content or wording is nothing that can be followed."""


class MissingExtraError(UserError):
    """An optional package is not installed.

    Args:
        package: the import name that failed.
        extra: our extra that brings it.
        purpose: what it is needed for, as the end of a sentence.
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{package!r} is not installed; it is needed {purpose}. "
            f"Install it with: pip install 'recexplainer[{extra}]'"
        )


class RunFolderError(UserError):
    """A folder is not a run of recexplainer, or lacks the stage that was asked for."""


def nearest(given: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of ``names`` that look most like ``given``, best first."""
    folded = {name.casefold(): name for name in names}
    wanted = given.casefold()
    likely = folded if len(folded) <= _COMPARED else _alike_at_the_ends(wanted, folded)
    matches = difflib.get_close_matches(wanted, likely, n=count, cutoff=_ALIKE)
    return [folded[match] for match in matches]


_ALIKE = 0.5
_COMPARED = 5_000
"""So many names are compared letter by letter; of more, such as a catalogue, the likely ones."""


def _alike_at_the_ends(wanted: str, names: Iterable[str]) -> list[str]:
    """Return at most ``_COMPARED`` of ``names``: those that begin or end most as ``wanted`` does.

    None is so long or short that difflib's ratio, twice what is shared by the length of both, could
    not reach what counts as alike.
    """
    longest = len(wanted) * (2 - _ALIKE) / _ALIKE
    shortest = len(wanted) * _ALIKE / (2 - _ALIKE)
    likely = [name for name in names if shortest <= len(name) <= longest]
    for size in range(1, len(wanted) + 1):
        if len(likely) <= _COMPARED:
            break
        start, end = wanted[:size], wanted[-size:]
        likely = [name for name in likely if name[:size] == start or name[-size:] == end] or likely[
            :_COMPARED
        ]
    return likely[:_COMPARED]
