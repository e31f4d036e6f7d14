"""The ``recx`` command. Every command is a thin module that is imported when it is called."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from recexplainer.cli.console_signs import replace_missing_signs
from recexplainer.errors import RecxError, nearest
from recexplainer.runs.memory import bound_product_caches
from recexplainer.runs.quiet import quiet_libraries

__all__ = ["main", "recx"]

_COMMANDS = {
    "run": ("recexplainer.cli.run", "Train a surrogate of a recommender and explain it; resumes."),
    "ablate": (
        "recexplainer.cli.ablate",
        "Say what each part of a run is worth: variants side by side.",
    ),
    "explain": ("recexplainer.cli.explain", "Ask a finished run: why this item for this user?"),
    "what-if": (
        "recexplainer.cli.what_if",
        "Ask a run: what would bring this item into the list?",
    ),
    "ask": ("recexplainer.cli.ask", "Ask a run's surrogate in free words; its answer is checked."),
    "serve": ("recexplainer.cli.serve", "Answer by HTTP: what is recommended, why, what if."),
    "explore": ("recexplainer.cli.explore", "Look into a run on a page that answers at once."),
    "audit": ("recexplainer.cli.audit", "Say what a run's recommender does overall."),
    "report": ("recexplainer.cli.show", "Write the report of a run again."),
    "compare": ("recexplainer.cli.compare", "Say what changed between two runs, or fail a build."),
    "paper": ("recexplainer.cli.paper", "Write the paper's tables with the rows of your runs."),
    "judge": ("recexplainer.cli.judge", "Have a judge grade a run's explanations."),
    "study": ("recexplainer.cli.study", "Have people grade a run's explanations."),
    "train": ("recexplainer.cli.train", "Train a run's surrogate alone, on one GPU or many."),
    "export": ("recexplainer.cli.share", "Write a run's surrogate into a folder to hand on."),
    "push": ("recexplainer.cli.share", "Upload a run's surrogate to the Hugging Face hub."),
    "controls": ("recexplainer.cli.controls", "Check explanations on shuffled recommenders."),
    "instructions": (
        "recexplainer.cli.instructions",
        "Measure whether explanations keep to an attribute.",
    ),
    "list": (
        "recexplainer.cli.list_parts",
        "List data sets, targets, tasks, explainers, judges...",
    ),
    "check": ("recexplainer.cli.check", "Run the contract tests of a registered part."),
    "init": ("recexplainer.cli.setup", "Write a configuration, or a plugin, to make your own."),
    "doctor": ("recexplainer.cli.setup", "Say what is installed and what works here."),
}

_OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""Failures that nobody's code is to blame for: a full or protected disk."""


class _LazyGroup(click.Group):
    """Knows every command's name and one line of help without importing it; overrides click's."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), _variable(cmd_name))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], _COMMANDS)
            guess = (
                f" Did you mean {close[0]!r}?" if close else f" There is: {', '.join(_COMMANDS)}."
            )
            ctx.fail(f"there is no command {args[0]!r}.{guess}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return result

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _variable(command: str) -> str:
    return f"{command.replace('-', '_')}_command"


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"recx {version('recexplainer')}")
        except PackageNotFoundError:  # run from a checkout
            click.echo("recx, not installed")
        ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def recx() -> None:
    """Explain why a recommender recommends: in words, and checked against the recommender."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run ``recx`` and end the process with one of the documented exit codes.

    0 done; 1 our failure; 2 the user's mistake; 3 a condition of ``compare --fail-if`` holds; 130
    interrupted, and the same command resumes.

    Args:
        args: the words after ``recx``; those of this process by default.
    """
    # Threads that wait for each other spin a while before they sleep. On cores that are shared,
    # GNU's default (milliseconds) holds other work up, and with it the thread that is waited for.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # read when torch is first imported
    bound_product_caches()
    for stream in (sys.stdout, sys.stderr):
        replace_missing_signs(stream)
    try:
        with quiet_libraries():
            code = recx.main(args=args, prog_name="recx", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = 2
    except click.ClickException as error:
        code = _say(_in_one_line(error), 2)
    except RecxError as error:
        code = _say(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _say("interrupted; the same command continues where it stopped", 130)
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        code = _say(f"{error}; the same command continues where it stopped", 1)
    sys.exit(code or 0)


def _say(message: str, code: int) -> int:
    click.echo(f"recx: {message}", err=True)
    return code


def _in_one_line(error: click.ClickException) -> str:
    """Return what click objects to, and where to read on."""
    message = error.format_message()
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        message = f"{error.message} Did you mean {error.possibilities[0]!r}?"
    context = error.ctx if isinstance(error, click.UsageError) else None
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} See: {context.command_path if context else 'recx'} --help"
