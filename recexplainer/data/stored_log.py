"""A log as a folder of JSON lines, quick to load and readable by eye."""

from __future__ import annotations

from pathlib import Path

from recexplainer.errors import RunFolderError
from recexplainer.records import Catalogue, InteractionLog, Item
from recexplainer.runs.artifacts import each_in_jsonl, read_json, write_json, write_jsonl

__all__ = ["load_log", "save_log"]

_ITEMS, _HISTORIES, _LOG = "items.jsonl", "histories.jsonl", "log.json"
_USERS = "users.jsonl"
"""Only where something is known of users; apart, so that it can be left out of what is shared."""


def save_log(log: InteractionLog, folder: Path) -> None:
    """Write ``log`` into ``folder``, making it if need be; a file appears whole or not at all.

    ``log.json`` is written last and removed first: where it is, the rest belongs to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _LOG).unlink(missing_ok=True)
    items = ([item.id, item.title, dict(item.attributes)] for item in log.catalogue)
    write_jsonl(folder / _ITEMS, items)
    write_jsonl(folder / _HISTORIES, ([user, *seen] for user, seen in log.histories.items()))
    (folder / _USERS).unlink(missing_ok=True)
    if log.users:
        write_jsonl(folder / _USERS, ([user, dict(known)] for user, known in log.users.items()))
    write_json(folder / _LOG, {"name": log.name, "notes": log.notes})


def load_log(folder: Path) -> InteractionLog:
    """Return what ``save_log`` wrote into ``folder``.

    Raises:
        RunFolderError: there is no log in ``folder``, or a file was changed by hand.
    """
    if not (folder / _LOG).is_file():
        message = f"{folder} holds no stored log (no {_LOG}); run the dataset stage again"
        raise RunFolderError(message)
    head = read_json(folder / _LOG)
    items = [
        Item(item, title, {name: tuple(values) for name, values in attributes.items()})
        for item, title, attributes in each_in_jsonl(folder / _ITEMS)
    ]
    same = {item.id: item.id for item in items}  # one string object per item, not per interaction
    histories = {
        user: tuple(same.get(item, item) for item in seen)
        for user, *seen in each_in_jsonl(folder / _HISTORIES)
    }
    path = folder / _USERS
    users = dict(each_in_jsonl(path)) if path.is_file() else {}
    notes = tuple(head["notes"])
    return InteractionLog(head["name"], Catalogue(items), histories, notes, users=users)
