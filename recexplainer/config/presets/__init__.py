"""Settings that belong together, one YAML file each: what ``--preset NAME`` starts from."""

from __future__ import annotations

from importlib.resources import files

from recexplainer.errors import UnknownNameError

__all__ = ["preset_names", "preset_text"]


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets."""
    found = (entry.name for entry in files(__name__).iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in found))


def preset_text(name: str) -> str:
    """Return a preset as YAML with comments, in sections of ``RunConfig``.

    Raises:
        UnknownNameError: there is no such preset.
    """
    if name not in preset_names():
        raise UnknownNameError("preset", name, preset_names())
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
