"""Output on consoles that lack a sign: it is replaced, and never ends a command.

What a console takes is told by the encoding of the stream, such as cp1252 or gbk; a sign that it
lacks is written by others that stand for it, and where there are none, as a question mark.
"""

from __future__ import annotations

import codecs
import io
from typing import Any, Final

__all__ = ["replace_missing_signs"]

_REPLACED: Final = "recx-signs"
_ASCII: Final = "recx-ascii"

_STAND_INS: Final = {
    "✓": "+",
    "✗": "x",
    "·": "-",
    "•": "-",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "←": "<-",
    "…": "...",
    "±": "+/-",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
}


def replace_missing_signs(stream: Any) -> None:
    """Have ``stream`` replace the signs that its encoding lacks; a stream that is no file is left.

    ASCII gets another name, since click writes UTF-8 where a stream is called so.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return
    codecs.register_error(_REPLACED, _stand_in)
    if codecs.lookup(stream.encoding).name != "ascii":
        stream.reconfigure(errors=_REPLACED)
        return
    codecs.register(_plain_ascii)
    stream.reconfigure(encoding=_ASCII, errors=_REPLACED)


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what is written in place of the first sign of ``error``, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign, after = error.object[error.start], error.start + 1
    if "\udc80" <= sign <= "\udcff":  # a byte of a file's name that is no text
        return bytes([ord(sign) - 0xDC00]), after
    return _STAND_INS.get(sign, "?"), after


def _plain_ascii(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != _ASCII:
        return None
    found = codecs.lookup("ascii")
    return codecs.CodecInfo(
        name=_ASCII,
        encode=found.encode,
        decode=found.decode,
        incrementalencoder=found.incrementalencoder,
        incrementaldecoder=found.incrementaldecoder,
        streamwriter=found.streamwriter,
        streamreader=found.streamreader,
    )
