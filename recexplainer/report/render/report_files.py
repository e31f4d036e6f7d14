"""Reports on disk: ``report.json`` is the report, ``report.md`` and ``report.html`` show it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from recexplainer.errors import RunFolderError
from recexplainer.report.model import SCHEMA_VERSION, Report
from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown

__all__ = ["load_report", "write_report"]

_JSON = "report.json"


def write_report(report: Report, folder: Path) -> None:
    """Write ``report.json``, ``report.md`` and ``report.html`` into ``folder``, each by rename.

    All three are made before the first is written, so that a failure leaves the old ones in place.
    """
    texts = {
        _JSON: report.model_dump_json(indent=2) + "\n",
        "report.md": render_markdown(report),
        "report.html": render_html(report),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _replace(folder / name, text)


def load_report(folder: Path) -> Report:
    """Return what ``write_report`` wrote into ``folder``.

    Raises:
        RunFolderError: there is no report, or it cannot be read; says what to do next.
    """
    path = folder / _JSON
    again = f"Build it with: recx report {folder}"
    if not folder.is_dir():
        raise RunFolderError(f"{folder} is not a folder. Give the folder of a run.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunFolderError(f"{folder} holds no {_JSON}. {again}") from None
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path} cannot be read: {error}. {again}") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise RunFolderError(
            f"{path} has schema_version {version!r}; this version of recexplainer reads "
            f"{SCHEMA_VERSION}. {again}"
        )
    try:
        return Report.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RunFolderError(
            f"{path} is not a report: {place}: {first['msg']} "
            f"({error.error_count()} problems in all). {again}"
        ) from error


def _replace(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
