"""Check of a read sentence against the figures of its finding: numbers, directions and names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.sentence_pattern import Read
from recexplainer.records import Catalogue

__all__ = ["contradictions", "value_of"]

_SIGNS = {
    "more than": 1,
    "more often than": 1,
    "pull their own like into the list": 1,
    "bring more of their own like into the list": 1,
    "less than": -1,
    "less often than": -1,
    "push their own like out of the list": -1,
    "not measurably more or less than": 0,
    "not measurably more often than": 0,
    "do not measurably change how many of their like are listed": 0,
}
_RATE = 0.05
_FIELDS = ("figure", "low", "high", "control", "n")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def value_of(found: Finding, name: str) -> float | None:
    """Return a figure of a finding by the name of a slot; None where it has none."""
    value = getattr(found, name) if name in _FIELDS else found.others.get(name)
    return None if value is None else float(value)


def contradictions(found: Finding, read: Read, catalogue: Catalogue) -> Iterator[str]:
    """Yield what a sentence says that the finding's figures, or the catalogue, do not bear out."""
    for name, amount in read.amounts.items():
        value = value_of(found, name)
        if value is None or not amount.holds(value):
            yield f"{name} is not {value}"
    if not _inside(found):
        yield "figure is outside its interval"
    yield from _directions(found, read)
    yield from _endings(found, read)
    yield from _tenths(found, read)
    yield from _names(found, read, catalogue)


def _inside(found: Finding) -> bool:
    """Return whether the figure lies in its interval, if it has both."""
    if found.low is None or found.high is None or found.figure is None:
        return True
    return found.low - 1e-9 <= found.figure <= found.high + 1e-9


def _directions(found: Finding, read: Read) -> Iterator[str]:
    """Yield which words of direction are wrong."""
    told = read.words
    if "apart" in told and _SIGNS[told["apart"]] != _sign(found):
        yield f"{told['apart']!r} is not what the interval says"
    if "extra" in told:
        low, high = found.others["extra_low"], found.others["extra_high"]
        if _SIGNS[told["extra"]] != int(low > 0) - int(high < 0):
            yield f"{told['extra']!r} is not what the interval says"
    if "beside" in told and not told["beside"].startswith(_beside(found)):
        yield f"{told['beside']!r} is not what the figures say"
    if "side" in told and {"after": 1.0, "before": -1.0}[told["side"]] != found.others.get("shift"):
        yield f"{told['side']!r} is not the side"
    if "sure" in told:
        apart = (
            found.low is not None and found.high is not None and not found.low <= 0 <= found.high
        )
        if found.alarm == told["sure"].startswith("no") or (found.alarm and not apart):
            yield f"{told['sure']!r} does not fit whether it was confirmed"


def _endings(found: Finding, read: Read) -> Iterator[str]:
    """Yield which words of alarm, of all or of none are wrong."""
    told = read.words
    if "alarm" in told and bool(told["alarm"]) != found.alarm:
        yield "the ending does not fit whether it is an alarm"
    if "quiet" in told and bool(told["quiet"]) == found.alarm:
        yield "the ending does not fit whether it is an alarm"
    if "little" in told and not (found.high is not None and found.high < 0.05):
        yield "it is not hardly anything"
    figure = found.figure
    if "all_figure" in told and figure != (0.0 if found.unit == "count" else 1.0):
        yield f"{told['all_figure']!r} is not all"
    if "none_figure" in told and figure != 0.0:
        yield f"{told['none_figure']!r} is not none"
    if "some_figure" in told and not figure:
        yield f"{told['some_figure']!r} has none"


def _sign(found: Finding) -> int | None:
    """Return 1 if the figure is measurably above its control, -1 if below, 0 if neither.

    A difference that was measured user by user, or tested, is the one that counts.
    """
    low, high = value_of(found, "gain_low"), value_of(found, "gain_high")
    whole, figure = found.others.get("whole"), found.figure
    zero = 0.0
    if low is None or high is None:
        low, high, zero = found.low, found.high, found.control or 0.0
    if low is None or high is None or found.others.get("p", 0.0) > _RATE:
        return 0 if found.others.get("p", 0.0) > _RATE else None
    sign = int(low > zero) - int(high < zero)
    if "seed_low" in found.others and figure is not None:
        # By trainings as well as by users: it has to lie beyond all that a seed alone changes.
        least, most = found.others["seed_low"], found.others["seed_high"]
        return sign if (sign > 0 and figure > most) or (sign < 0 and figure < least) else 0
    moved = None if whole is None or figure is None else figure - whole
    if moved is not None and "interactions" not in found.others:
        moved = -moved  # its items were taken out rather than added
    return 0 if moved is not None and sign * moved <= 0 else sign


def _beside(found: Finding) -> str:
    """Return how the control does beside the figure, as words begin."""
    if found.control is None or found.figure is None or found.control <= found.figure:
        return "no better"
    return "better" if found.alarm else "not clearly better"


def _tenths(found: Finding, read: Read) -> Iterator[str]:
    """Yield which lists of tenths are not those whose intervals lie on that side."""
    for name, sign in (("more", 1), ("less", -1)):
        if name in read.texts:
            told = [int(one) for one in re.findall(r"\d+", read.texts[name])]
            if told != [place for place in range(1, 11) if _side(found, place) == sign]:
                yield f"{read.texts[name]!r} is not where there is {name}"


def _side(found: Finding, place: int) -> int:
    """Return on which side of what was taken a tenth's interval lies; 0 on both."""
    taken = found.others[f"taken_{place}"]
    low, high = found.others[f"list_{place}_low"], found.others[f"list_{place}_high"]
    return int(low > taken) - int(high < taken)


def _names(found: Finding, read: Read, catalogue: Catalogue) -> Iterator[str]:
    """Yield which names are not those of the finding."""
    texts = read.texts
    if "attribute" in texts:
        name, value = texts["attribute"], read.names["value"]
        if value not in catalogue.attribute_values.get(name, ()):
            yield f"no item has {name} {value!r}"
        if found.named != (f"{name}: {value}",):
            yield f"it is not about {name} {value!r}"
    if "title" in read.names and (read.names["title"],) != found.named:
        yield f"it is not about {read.names['title']!r}"
    if "titles" in texts:
        parts = _QUOTED.finditer(texts["titles"])
        if tuple(ast.literal_eval(part.group()) for part in parts) != found.named:
            yield "it is not about these items"
    own = {"control_words": found.control_words, "measure": found.probe}
    own |= dict.fromkeys(("segment", "path", "what"), "".join(found.named))
    for name in own.keys() & texts.keys():
        if texts[name] != own[name]:
            yield f"{texts[name]!r} is not the {name}"
