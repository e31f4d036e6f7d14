"""Thoughts and control tokens in what a chat model sends, which are no part of its answer."""

from __future__ import annotations

import re

__all__ = ["spoken"]

_NAMES = "think|thinking|thought|thoughts|reasoning|reflection|analysis"
_OPENED = re.compile(rf"(?:<|\[|◁)(?:{_NAMES})(?:>|\]|▷)", re.IGNORECASE)
_CLOSED = re.compile(rf"(?:<|\[|◁)/(?:{_NAMES})(?:>|\]|▷)", re.IGNORECASE)
_FINAL_CHANNEL = re.compile(r"<\|channel\|>\s*final\s*<\|message\|>", re.IGNORECASE)
_CHANNEL = re.compile(r"<\|channel\|>", re.IGNORECASE)
_SIGN = r"(?:<\|[a-z0-9_]{1,40}\|>|</?s>|<(?:eos|bos|end_of_turn|start_of_turn)>)"
_AROUND = re.compile(rf"^(?:\s*{_SIGN})+|(?:{_SIGN}\s*)+$", re.IGNORECASE)


def spoken(text: str) -> str:
    """Return what a model says once it has thought, without the control tokens around it.

    A thought that is not closed takes all after it, as nothing is said yet; one that is not opened
    takes all before it, since some chat templates open it themselves. Only what the text begins
    with is a thought: words in its middle may be quoted.

    Args:
        text: as it came, such as ``<think>Hm.</think>Yes.<|im_end|>``.
    """
    text = _without_channels(text).strip()
    closed = list(_CLOSED.finditer(text))
    opened = _OPENED.match(text)
    if opened and not closed:
        return ""
    if closed and (opened or not _OPENED.search(text)):
        text = text[_end_of_thought(text, closed) :]
    return _AROUND.sub("", text.strip()).strip()


def _end_of_thought(text: str, closed: list[re.Match[str]]) -> int:
    """Return where the thoughts that ``text`` begins with end: several may follow each other."""
    end = closed[0].end()
    for one in closed[1:]:
        if not _OPENED.match(text[end:].lstrip()):
            break
        end = one.end()
    return end


def _without_channels(text: str) -> str:
    """Return what stands in the last channel called final; none of it while there is no such."""
    final = list(_FINAL_CHANNEL.finditer(text))
    if final:
        return text[final[-1].end() :]
    return "" if _CHANNEL.search(text) else text
