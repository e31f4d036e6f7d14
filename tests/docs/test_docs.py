"""What the pages show works: code runs, commands parse, links lead somewhere."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import sys
from pathlib import Path

import click
import pytest
import write_metrics
import write_reference
from pages import ROOT, blocks, named, pages

import recexplainer
from recexplainer.cli.main import recx
from recexplainer.plugins import hookspecs

NOT_RUN = "# not run"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _python(page):
    found = [block for block in blocks(page) if block.language == "python"]
    return [block for block in found if not block.text.startswith(NOT_RUN)]


@pytest.mark.parametrize("page", [page for page in pages() if _python(page)], ids=named)
def test_python_blocks_run_in_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    names = {"__name__": "__docs__"}
    for block in _python(page):
        if block.file:  # the reader saves it, and later blocks import it
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
            monkeypatch.setitem(sys.modules, Path(block.file).stem, None)  # so that it is undone
            del sys.modules[Path(block.file).stem]
            continue
        # Blank lines in front make a traceback name the page's own line.
        code = compile("\n" * (block.line - 1) + block.text, named(page), "exec")
        exec(code, names)  # noqa: S102  # our own pages


def _commands():
    """Yield page, line and text of every shown ``recx`` command, continued lines joined."""
    for page in pages():
        for block in blocks(page):
            if block.language not in {"", "sh", "bash", "console"}:
                continue
            joined = re.sub(r"\s*\\\n\s*|\n {4,}", " ", block.text)
            for text in joined.splitlines():
                words = re.sub(r"^\s*(\$ )?(\.venv/bin/)?", "", text)
                if words.startswith("recx "):
                    yield pytest.param(words, id=f"{named(page)}: {words}")


@pytest.mark.parametrize("text", list(_commands()))
def test_commands_parse(text):
    name, *words = shlex.split(text, comments=True)[1:]
    if name.startswith("-"):
        assert name in {option for one in recx.params for option in one.opts} | {"--help", "-h"}
        return
    context = click.Context(recx, **recx.context_settings)
    command = recx.get_command(context, name)
    assert command is not None, f"there is no command {name}"
    if "..." in text or "[" in text.partition("--set")[0]:  # a synopsis
        known = {option for one in command.params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", text)) <= known
    else:
        command.make_context(name, words, parent=context)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_within_the_repository_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:|#", link)]
    # docs/contributing.md and docs/changelog.md are drawn into the site from the top folder.
    missing = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("page", pages(), ids=named)
def test_tests_and_benchmarks_that_a_page_names_are_there(page):
    tutorial = "docs/tutorial/write-a-plugin.md"  # whose reader writes tests/test_next_up.py
    paths = set(re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)`", page.read_text("utf-8")))
    missing = {path for path in paths if not (ROOT / path).exists()}
    assert missing == ({"tests/test_next_up.py"} if named(page) == tutorial else set())


def test_every_hook_is_documented_with_its_signature():
    page = (ROOT / "docs" / "reference" / "hooks.md").read_text("utf-8")
    hooks = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("recx_")}
    assert hooks
    for name, hook in hooks.items():
        signature = str(inspect.signature(hook)).replace("'", "")
        assert f"`{name}{signature}`" in page


def test_every_exported_name_is_in_the_python_reference():
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    table = page[page.index("## `recexplainer`") : page.index(":::")]
    named_there = set(re.findall(r"\[`(\w+)`\]", table))
    assert named_there == set(recexplainer._HOMES)


def test_the_configuration_reference_is_up_to_date():
    assert write_reference.PAGE.read_text("utf-8") == write_reference.page()


def test_the_metric_reference_is_up_to_date():
    message = "run: python tools/write_metrics.py"
    assert write_metrics.PAGE.read_text("utf-8") == write_metrics.page(), message


def test_every_decision_and_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    shown = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in shown if page not in navigation} == set()


def test_the_first_page_is_read_in_a_minute():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.split()) <= 700


def test_the_glossary_explains_every_word_once_in_one_sentence():
    page = (ROOT / "docs" / "reference" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", page, re.MULTILINE)
    assert len(rows) == len(dict(rows)) >= 25
    assert all(meaning.endswith(".") and ". " not in meaning for _, meaning in rows)


@pytest.mark.parametrize("note", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=named)
def test_a_decision_fits_one_screen(note):
    assert len(note.read_text("utf-8").splitlines()) <= 45


def _defined(path):
    """The names that a module defines: functions, classes, methods and constants."""
    tree = ast.parse(path.read_text("utf-8"))
    named_there = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [one for node in assigned for one in getattr(node, "targets", None) or [node.target]]
    return named_there | {target.id for target in targets if isinstance(target, ast.Name)}


def test_files_that_onboarding_names_are_there():
    page = (ROOT / "docs" / "onboarding.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", page))
    assert len(named) > 15
    roots = (ROOT, ROOT / "recexplainer")
    assert {name for name in named if not any((root / name).is_file() for root in roots)} == set()


def test_what_onboarding_says_where_to_change_is_there():
    page = (ROOT / "docs" / "onboarding.md").read_text("utf-8")
    table = page[page.index("## Where do I change") : page.index("## Reading order")]
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 7
    for row in rows:
        _, _, there, tests, _ = row.split("|")
        places = re.findall(r"`([\w.]+)`[\w\s()`:;,]*? in `([\w./]+)`", there)
        assert places, row
        for name, place in places:
            path = ROOT / "recexplainer" / place
            assert name in _defined(path) if path.is_file() else (path / name).is_file(), row
        assert all((ROOT / folder).is_dir() for folder in re.findall("`(.+?)`", tests)), row
