"""Providers, which registering hooks return: named parts with options and capabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from recexplainer.errors import UserError
from recexplainer.plugins.capabilities import Capability, capabilities_of
from recexplainer.records import Figure

__all__ = ["CodeKind", "Kind", "NoOptions", "Options", "Provider", "named_files", "objections"]

CodeKind = Literal["dataset", "target", "task", "explainer", "judge"]
"""Parts that are code: each has a contract that ``recx check`` runs."""
Kind = Literal[CodeKind, "backbone"]
"""All parts; a backbone is data, a ``Recipe``."""
Part = TypeVar("Part", covariant=True)


class Options(BaseModel):
    """Base of every part's options: frozen, and unknown keys are errors found by ``plan()``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoOptions(Options):
    """For parts that take no options."""


def named_files(options: Options) -> Iterator[Path]:
    """Yield the files and folders that options of the type ``Path`` name."""
    return (value for _, value in options if isinstance(value, Path))


@dataclass(frozen=True)
class Provider(Generic[Part]):
    """What a registering hook returns: a name, and how to build the part behind it.

    Listing providers must cost nothing, so heavy imports belong inside ``build``.

    Args:
        name: how users ask for it; unique within its kind.
        build: called as ``build(options, kit)`` once per run; the kit is ``TargetKit``,
            ``TaskKit``, ``ExplainerKit`` or ``JudgeKit``, for backbones the section ``surrogate``
            of the configuration, and for data sets ``None``.
        summary: one line for ``recx list``.
        options: the class that validates the part's options.
        capabilities: each a ``Capability`` or its name, or a function that tells them from the
            options. Parts that rightly differ from the contract of their kind declare it here too:
            see ``recexplainer.testing.contracts.declarations``.
        argument: the option that is filled by what follows a colon in the name, for a part that
            stands for many: with ``"model"``, ``recbole:EASE`` is ``recbole`` with its option
            ``model`` set to ``EASE``. Empty for parts that go by their name alone.
        facts: what else ``recx list`` shows, column to value; targets tell ``history`` (how one
            that no user had is answered) and ``ml-100k`` (how long training takes there).
        ready: called with the options before a run that still needs the part, returns one line for
            each thing it lacks, such as a key in the environment or a column in the head of a file
            (``objections`` helps). It takes well under a second, and asks nobody on the network.
            That a file is missing is said without it.
        reads: called with the options, returns the files and folders that building the part reads;
            a stage is done again when they hold something else. By default all that options of the
            type ``Path`` name; a part that reads some files of a folder, or others than its
            options name, should say which. What is not there is passed over.
        head_notes: of a data set, called with the options for ``--dry-run``, returns what the first
            rows of its files show to be guessed, dropped or odd, one sentence each.
        figures: what the part measures, such as a task's grades: the report shows each figure's
            note beside its table.

    Raises:
        UnknownNameError: a capability is none.
    """

    name: str
    build: Callable[[Any, Any], Part]
    summary: str
    options: type[Options] = NoOptions
    capabilities: frozenset[str] | Callable[[Any], frozenset[str]] = frozenset()
    argument: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[Any], Iterable[str]] = lambda _options: ()
    reads: Callable[[Any], Iterable[Path]] = named_files
    head_notes: Callable[[Any], Iterable[str]] = lambda _options: ()
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a wrong capability as soon as it is declared."""
        if not callable(self.capabilities):
            capabilities_of(self.name, self.capabilities)

    def can(self, capability: Capability, options: Options) -> bool:
        """Whether the part declares ``capability`` when it is built with ``options``.

        Raises:
            UnknownNameError: what it declares with these options is no capability.
        """
        declared = self.capabilities
        if callable(declared):
            declared = capabilities_of(self.name, declared(options))
        return capability in declared


def objections(*looks: Callable[[], object]) -> Iterator[str]:
    """Yield what is wrong by each of ``looks``, once; for ``Provider.ready``.

    Args:
        looks: each looks at one thing, and raises a ``UserError`` about it where it is wrong.
    """
    said = set()
    for look in looks:
        try:
            look()
        except UserError as error:
            if str(error) not in said:
                said.add(str(error))
                yield str(error)
