"""Decision words of languages: how a text that the reader does not know says Yes or No first."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["begins_with", "decision_word"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "czech": ("Ano", "Ne"),
    "danish": ("Ja", "Nej"),
    "dutch": ("Ja", "Nee"),
    "finnish": ("Kyllä", "Ei"),
    "french": ("Oui", "Non"),
    "german": ("Ja", "Nein"),
    "greek": ("Ναι", "Όχι"),
    "hungarian": ("Igen", "Nem"),
    "italian": ("Sì", "No"),
    "norwegian": ("Ja", "Nei"),
    "polish": ("Tak", "Nie"),
    "portuguese": ("Sim", "Não"),
    "romanian": ("Da", "Nu"),
    "russian": ("Да", "Нет"),
    "spanish": ("Sí", "No"),
    "swedish": ("Ja", "Nej"),
    "turkish": ("Evet", "Hayır"),
    "ukrainian": ("Так", "Ні"),
}
"""Language to its words for Yes and No."""
_ENGLISH = ("Yes", "No")
_BEGUN = re.compile(r"\A[\W_]*(?P<word>[^\W_]+)[\s*_]*[.:,;!–—-][\s*_.:,;!–—-]*")
"""The mark is needed: in many languages the word for No also is the one for *not*."""


def decision_word(decision: str | None, language: str) -> str:
    """Return the word that a text in ``language`` begins with; in English where ours is not known.

    Args:
        decision: Yes or No; None is undecided.
        language: its English name.
    """
    if decision is None:
        return "Undecided"
    return _words(language)[_ENGLISH.index(decision)]


def begins_with(said: str, language: str) -> tuple[str | None, str]:
    """Return the decision that a text states first, and what follows it.

    Args:
        said: the text.
        language: that it is in; English words count in any.

    Returns:
        Yes, No or Undecided, and the rest; None, and the whole text, where it begins otherwise.
    """
    begun = _BEGUN.match(said)
    if begun is None:
        return None, said
    word, rest = begun["word"].casefold(), said[begun.end() :]
    for known in (_words(language), _ENGLISH):
        for decision, own in zip(_ENGLISH, known, strict=True):
            if word == own.casefold():
                return decision, rest
    return ("Undecided", rest) if word == "undecided" else (None, said)


def _words(language: str) -> tuple[str, str]:
    return _WORDS.get(language.strip().casefold(), _ENGLISH)
