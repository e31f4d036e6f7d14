"""Look-up of models on the Hugging Face hub, without downloading them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Absence", "cached_folder", "look_up"]

_HEAD = "config.json"
"""Stands for the rest of a model."""


@dataclass(frozen=True)
class Absence:
    """Why a model cannot be had, and whether it is the hub that said so."""

    reason: str
    said_by_hub: bool = True


def cached_folder(model: str) -> Path | None:
    """Return the folder in which this machine keeps what it has of a hub's model, or None."""
    from huggingface_hub import errors, try_to_load_from_cache

    try:
        found = try_to_load_from_cache(model, _HEAD)
    except errors.HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def look_up(model: str) -> Absence | None:
    """Return why ``model`` cannot be had from the hub, or None where it can."""
    import httpx2
    from huggingface_hub import HfApi, errors, hf_hub_url

    log_in = "log in (hf auth login)"
    try:
        HfApi().get_hf_file_metadata(url=hf_hub_url(model, _HEAD))
    except errors.HFValidationError:
        return Absence(f"{model!r} is no hub id; give owner/model or a local folder")
    except errors.GatedRepoError:
        terms = f"{model!r} is for those who accepted its terms: do so on its page, and {log_in}"
        return Absence(terms)
    except errors.RepositoryNotFoundError:
        gone = f"the hub has no model {model!r}, or not for you; check the name, or {log_in}"
        return Absence(gone)
    except errors.RemoteEntryNotFoundError:
        return Absence(
            f"{model!r} on the hub is no language model: it has no {_HEAD}; of an adapter or of "
            f"GGUF files, fetch what you want (hf download {model}), and give its folder or file"
        )
    except (OSError, httpx2.HTTPError) as error:  # whatever else the hub or the network has
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        return Absence(
            f"{model!r} is not on this machine, and the hub cannot be reached ({reason}); fetch it "
            f"where it can, with: hf download {model}, and give its folder",
            said_by_hub=False,
        )
    return None
