"""Reads the texts of runs as a person would, and asks the recommender whether they are true.

It shares nothing with the product's own reading and checking: texts are read by the few words
below, and every cited item is removed by itself through ``recexplainer.load``.

Usage: python benchmarks/true_as_read.py runs/first [RUN...]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measuring import RESULTS, write_result

import recexplainer

UP = r"\bowes?\b|\bspeaks? for\b|\blifted\b|\braised? by\b|\bsupports?\b|\bcosts? it\b"
DOWN = (
    r"\blowered\b|\bspeaks? against\b|\bheld back\b|\bobjections?\b|\bweight against\b"
    r"|\bhelps? it\b|\bloses? by\b"
)
STATED = (
    r"\brests?\b.* on\b|\bbecause of\b|\bmost similar to\b|\bmost popular items of the history\b"
)
"""Words by which titles are named as causes of a higher score, of a lower one, of the decision."""
JOINTLY = {r"^together, .*\braise its score\b": 1, r"^together, .*\blower its score\b": -1}
"""Words by which titles are said to do together what none does by itself."""
SUPERLATIVE = r"\bstrongest\b|\babove all\b|\bmost\b(?! similar| popular| often| frequent)"
NO_CAUSE = {
    r"\bno (?:single|one) title .*\braises\b|\bany single item .*\bnever lowers\b": 1,
    r"\bno (?:single|one) title .*\blowers\b|\bany single item .*\bnever raises\b": -1,
    r"\bno (?:single|one) title .*\b(?:carries|to blame)\b": 0,
}
"""Words by which a text says that no item by itself pulls its way; 0 is the stated decision's."""

_TITLE = re.compile(r"“([^”]*)”")
_MASK = re.compile(r"\x02(\d+)\x03")
_BREAK = re.compile(r"(?<=[.!?])\s+")
_NOISE = 1e-5
_SCORES_AT_ONCE = 2**24
_HISTORIES_AT_ONCE = 512
_HOW = ("cited", "together", "strongest", "all_strongest", "no_cause", "none_alone")


@dataclass(frozen=True)
class Sentence:
    """What one sentence says of causes.

    Attributes:
        way: 1 where the named items are said to raise the score, -1 where they lower it.
        titles: those named as causes, in order, without the item itself; empty where the sentence
            says that there is no cause.
        superlative: whether the first one is said to count most.
        jointly: whether they are said to act together only.
    """

    way: int
    titles: tuple[str, ...]
    superlative: bool
    jointly: bool = False


class Asked:
    """A run's target, asked about many histories in bounded batches, each once."""

    def __init__(self, run: Any) -> None:
        self._target, self._catalogue = run.target, run.catalogue
        self._known: dict[tuple[tuple[str, ...], str], tuple[float, float]] = {}

    def ask(self, questions: Iterable[tuple[tuple[str, ...], str]]) -> None:
        """Learn the score of each (history, item), and how far all items' scores are spread."""
        items: dict[tuple[str, ...], set[str]] = {}
        for history, item in questions:
            items.setdefault(history, set()).add(item)
        histories = list(items)
        size = max(1, min(_HISTORIES_AT_ONCE, _SCORES_AT_ONCE // len(self._catalogue)))
        for start in range(0, len(histories), size):
            batch = histories[start : start + size]
            scores = np.asarray(self._target.scores(batch), dtype=np.float64)
            for history, row in zip(batch, scores, strict=True):
                spread = float(row.std())
                for item in items[history]:
                    self._known[history, item] = float(row[self._catalogue.row(item)]), spread

    def fall(self, case: Any, removed: Sequence[str]) -> float:
        """Return by how much the score falls without ``removed``; 0 where that is rounding."""
        whole, spread = self._known[tuple(case.history), case.item]
        without, _ = self._known[without_items(case, removed), case.item]
        fall = whole - without
        return fall if abs(fall) > _NOISE * max(spread, abs(whole)) else 0.0


def without_items(case: Any, removed: Iterable[str]) -> tuple[str, ...]:
    """Return the case's history without some items."""
    gone = set(removed)
    return tuple(item for item in case.history if item not in gone)


def read(text: str, item_title: str) -> list[Sentence]:
    """Return what the sentences of a text say of causes; other sentences are passed over."""
    titles: list[str] = _TITLE.findall(text)
    numbers = iter(range(len(titles)))
    masked = _TITLE.sub(lambda _: f"\x02{next(numbers)}\x03", text)
    stated = {"yes": 1, "no": -1}.get(re.split(r"\W", text.strip().lower(), maxsplit=1)[0], 0)
    found = (_sentence(one, titles, item_title, stated) for one in _BREAK.split(masked))
    return [one for one in found if one is not None]


def _sentence(words: str, titles: list[str], item_title: str, stated: int) -> Sentence | None:
    for pattern, way in NO_CAUSE.items():
        if re.search(pattern, words, re.IGNORECASE):
            return Sentence(way or stated, (), superlative=False)
    named = [titles[int(number)] for number in _MASK.findall(words)]
    named = [title for title in dict.fromkeys(named) if title != item_title]
    for pattern, way in JOINTLY.items():
        if named and re.search(pattern, words.strip(), re.IGNORECASE):
            return Sentence(way, tuple(named), superlative=False, jointly=True)
    ways = ((DOWN, -1), (UP, 1), (STATED, stated))
    for pattern, way in ways:
        if named and re.search(pattern, words, re.IGNORECASE):
            return Sentence(way, tuple(named), bool(re.search(SUPERLATIVE, words, re.IGNORECASE)))
    return None


def given(run: Any) -> set[tuple[str, str]]:
    """Return case and explainer of each text that a reader is shown; the rule is the run's."""
    return {(one.case, one.explainer) for one in run.given}


def held(asked: Asked, case: Any, sentence: Sentence, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what of a sentence is so, by name; ``cited`` has one answer for each title.

    A title that is not in the history moves nothing, so it is no cause.
    """
    pulls = {item: sentence.way * asked.fall(case, [item]) for item in case.history}
    pulled = any(pull > 0 for pull in pulls.values())
    if not sentence.titles:
        return {"no_cause": not pulled}
    cited = [ids.get(title, "") for title in sentence.titles]
    own = [pulls.get(item, 0.0) for item in cited]
    others = [pull for item, pull in pulls.items() if item not in cited]
    together = sentence.way * asked.fall(case, [item for item in cited if item in pulls])
    if sentence.jointly:
        return {"together": together > 0, "none_alone": not any(pull > 0 for pull in own)}
    answers: dict[str, Any] = {
        "cited": [pull > 0 for pull in own],
        "together": together > 0,
        "nothing_pulls": not pulled,
    }
    if sentence.superlative:
        # Whether it pulls that way at all is asked of every cited item, above.
        answers["strongest"] = own[0] >= max(pulls.values(), default=0.0)
        answers["all_strongest"] = min(own) >= max(others, default=min(own))
    return answers


def measure(run: Any) -> dict[str, Any]:
    """Return, per explainer, the shares of given and of all texts that are so as they are read."""
    cases = {case.id: case for case in run.cases}
    ids = {title: item for item, title in zip(run.catalogue.ids, run.catalogue.titles, strict=True)}
    texts = {
        (one.case, one.explainer): read(one.text, run.catalogue.title(cases[one.case].item))
        for one in run.explanations
    }
    asked = Asked(run)
    asked.ask(_questions(cases, texts, ids))
    answers = {
        key: [held(asked, cases[key[0]], sentence, ids) for sentence in sentences]
        for key, sentences in texts.items()
    }
    shown, result = given(run), {}
    for explainer in dict.fromkeys(explainer for _, explainer in texts):
        own = {key: found for key, found in answers.items() if key[1] == explainer}
        told = [found for key, found in own.items() if key in shown]
        result[explainer] = {
            "texts": len(own),
            "given": len(told),
            "share_given": round(len(told) / len(own), 4),
            "of_given": shares(told),
            "of_all": shares(list(own.values())),
        }
    return result


def _questions(
    cases: Mapping[str, Any],
    texts: Mapping[tuple[str, str], Sequence[Sentence]],
    ids: Mapping[str, str],
) -> Iterator[tuple[tuple[str, ...], str]]:
    for case in cases.values():
        yield tuple(case.history), case.item
        for item in case.history:
            yield without_items(case, [item]), case.item
    for (name, _), sentences in texts.items():
        case = cases[name]
        for sentence in sentences:
            cited = [ids.get(title, "") for title in sentence.titles]
            yield without_items(case, cited), case.item


def shares(texts: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the share of each kind of answer that is yes, with its count.

    Args:
        texts: of each text, what of its sentences is so (``held``).
    """
    by_kind: dict[str, list[bool]] = {name: [] for name in _HOW}
    for answers in (answers for sentences in texts for answers in sentences):
        for name in _HOW:
            found = answers.get(name, [])
            by_kind[name] += found if isinstance(found, list) else [found]
    naming = [[one for one in text if "cited" in one] for text in texts]
    naming = [text for text in naming if text]
    speaking = [text for text in texts if text]
    by_kind["nothing_pulls"] = [any(one["nothing_pulls"] for one in text) for text in naming]
    by_kind["true_as_read"] = [all(map(_true, text)) for text in speaking]
    return {name: _share(answers) for name, answers in by_kind.items()}


def _true(answers: Mapping[str, Any]) -> bool:
    """Whether all that a sentence says is so."""
    said = {name: answers[name] for name in _HOW if name in answers and name != "all_strongest"}
    return all(all(one) if isinstance(one, list) else one for one in said.values())


def _share(answers: Sequence[bool]) -> dict[str, Any]:
    share = round(float(np.mean(answers)), 4) if answers else None
    return {"share": share, "n": len(answers)}


def table(result: Mapping[str, Any]) -> str:
    """Return the figures of one run as lines."""
    names = [*_HOW, "nothing_pulls", "true_as_read"]
    lines = [" ".join([f"{'':<24}{'texts':>6}", *(f"{name:>14}" for name in names)])]
    for explainer, found in result.items():
        for which, count in (("given", found["given"]), ("all", found["texts"])):
            cells = (_cell(found[f"of_{which}"][name]) for name in names)
            lines.append(" ".join([f"{f'{explainer}, {which}':<24}{count:>6}", *cells]))
    return "\n".join(lines)


def _cell(share: Mapping[str, Any]) -> str:
    return f"{'–' if share['share'] is None else format(share['share'], '.3f'):>14}"


def main() -> None:
    """Measure the runs, print the shares and keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--result", type=Path, default=RESULTS / "true_as_read.json")
    asked = parser.parse_args()
    results = {}
    for folder in asked.runs:
        results[folder.name] = measure(recexplainer.load(folder))
        print(f"{folder.name}\n{table(results[folder.name])}\n")
    write_result(asked.result, results)


if __name__ == "__main__":
    main()
