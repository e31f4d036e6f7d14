"""Training folder: all that training reads, so that a copy of it trains anywhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.numpy import load_file

from recexplainer.records import Progress
from recexplainer.runs.artifacts import read_json, write_json, write_text
from recexplainer.surrogate.corpus.conversation_files import sample_texts
from recexplainer.surrogate.corpus.encoded_corpus import Counts, Encodings, encoder_name
from recexplainer.surrogate.corpus.training_files import ENCODED, INITIAL, PULLS, SETTINGS
from recexplainer.surrogate.corpus.truncation import Fitter
from recexplainer.surrogate.model.surrogate_files import save_surrogate
from recexplainer.surrogate.model.tiny_weights import start_from_vectors
from recexplainer.surrogate.model.title_projectors import start_among_titles
from recexplainer.surrogate.model.training_settings import SPEED_SETTINGS, SurrogateSettings
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

__all__ = ["prepare", "read_counts", "read_item_vectors", "read_settings", "read_vectors"]

_VECTORS, _COUNTS = "vectors.safetensors", "counts.json"


def prepare(
    corpus: Path,
    folder: Path,
    settings: SurrogateSettings,
    *,
    titles: Sequence[str],
    values: Iterable[str] = (),
    progress: Progress,
) -> None:
    """Write all that ``train`` reads into ``folder``.

    Where that was done before, only the settings that change no result are written again.

    Args:
        corpus: the alignment stage's folder: ``train`` (Arrow) and, where there are vectors,
            ``vectors.safetensors``, and ``pulls.npz`` where it was asked for; what has been encoded
            is kept in its ``encoded``.
        folder: the training folder.
        settings: what to train.
        titles: the catalogue's, in its order.
        values: the items' attribute values; with the titles, the tiny tokenizer's words.
        progress: where to report.
    """
    if (folder / SETTINGS).exists():
        _change_speed(folder, settings)
        return
    user_vectors, item_vectors = read_vectors(corpus)
    model, encoder = build_surrogate(
        settings,
        titles=[*titles, *values],
        texts=sample_texts(corpus, settings.seed),
        user_vectors=user_vectors,
        item_vectors=item_vectors,
    )
    save_surrogate(model, encoder, folder / INITIAL, settings.recipe)
    placed = read_item_vectors(corpus) if settings.recipe.head_start else None
    if placed is not None:
        start_from_vectors(model, encoder.words(titles), user_vectors, placed)
        save_surrogate(model, encoder, folder / "start", settings.recipe)
    elif settings.recipe.published and settings.projectors == "titles" and user_vectors is not None:
        start_among_titles(model, encoder.words(titles), item_vectors)
        save_surrogate(model, encoder, folder / "start", settings.recipe)
    fitter = Fitter(encoder, model.config.context)
    name = encoder_name(folder / INITIAL)
    encodings = Encodings(corpus, name, fitter, settings.seed, titles)
    encoded, counts = encodings.first(settings.reach(len(encodings)), progress)
    encoded.save(folder / ENCODED)
    write_json(folder / _COUNTS, asdict(counts))
    for name in (_VECTORS, PULLS):
        _take(corpus / name, folder / name)
    _write_settings(folder, settings)


def read_vectors(folder: Path) -> tuple[Any, Any]:
    """Return ``(user (N, d_rec), item (I, d_rec))`` of a folder, or ``(None, None)``.

    Nor are there any where no prompt asks for a user's, as in behavior alignment.
    """
    path = folder / _VECTORS
    if not path.exists():
        return None, None
    vectors = load_file(path)
    return (vectors["user"], vectors["item"]) if len(vectors["user"]) else (None, None)


def read_item_vectors(folder: Path) -> Any:
    """Return ``(I, d_rec)`` of a folder, also where no prompt asks for vectors; None without.

    The users' vectors, which are many more, stay on disk.
    """
    path = folder / _VECTORS
    if not path.exists():
        return None
    with safe_open(path, "np") as vectors:
        return vectors.get_tensor("item")


def read_settings(folder: Path) -> SurrogateSettings:
    """Return what is to be trained in ``folder``."""
    return SurrogateSettings.model_validate_json((folder / SETTINGS).read_text(encoding="utf-8"))


def read_counts(folder: Path) -> Counts:
    """Return how many examples were shortened to fit the context, and how many are not there."""
    return Counts(**read_json(folder / _COUNTS))


def _write_settings(folder: Path, settings: SurrogateSettings) -> None:
    write_text(folder / SETTINGS, settings.model_dump_json(indent=2))


def _change_speed(folder: Path, settings: SurrogateSettings) -> None:
    """Keep what decides the result, and take over how fast and in how much memory it comes."""
    kept = read_settings(folder)
    changed = {name: getattr(settings, name) for name in SPEED_SETTINGS}
    if changed != {name: getattr(kept, name) for name in SPEED_SETTINGS}:
        _write_settings(folder, kept.model_copy(update=changed))


def _take(source: Path, place: Path) -> None:
    """Put a file of the corpus beside what is trained on it, without a second copy if it can."""
    place.unlink(missing_ok=True)
    if not source.exists():
        return
    with suppress(OSError):  # another file system, or one without links
        os.link(source, place)
        return
    shutil.copyfile(source, place)
