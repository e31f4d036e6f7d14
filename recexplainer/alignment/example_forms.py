"""Recorder of examples: renders every form, counts, and hands rows to the writer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from recexplainer.alignment.corpus_files import TrainWriter, UserVectors
from recexplainer.alignment.modes import render_all
from recexplainer.records import HIDE_HISTORY, Catalogue, Context, Example, Form

__all__ = ["CorpusReport", "ExampleForms", "Recorder"]


class CorpusReport(BaseModel):
    """What a training corpus holds.

    Attributes:
        examples: task to the number of its examples, which is what the paper's Table 4 counts.
        rows: task to form to the number of conversations written; every wording is written once.
        contexts: how many contexts the target was asked about.
        notes: why tasks have nothing to offer, one sentence each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    examples: dict[str, int]
    rows: dict[str, dict[Form, int]]
    contexts: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleForms:
    """The forms that an example is written in.

    Attributes:
        forms: those of the alignment.
        combined_shares: task to the share of its examples that is written in the combined form
            where a form that hides the history's titles is written too; 1 for those not named.
        seed: of the choice of that share.
    """

    forms: Sequence[Form]
    combined_shares: Mapping[str, float]
    seed: int

    def of(self, example: Example) -> Sequence[Form]:
        """Return the forms of one example; whether it is combined depends on its id alone."""
        if example.names_history and len(self.forms) > 1:
            return [form for form in self.forms if form not in HIDE_HISTORY]
        share = self.combined_shares.get(example.task, 1.0)
        drawn = crc32(f"{self.seed}/{example.task}/{example.id}".encode()) / 2**32
        if HIDE_HISTORY.isdisjoint(self.forms) or drawn < share:
            return self.forms
        return [form for form in self.forms if form != "combined"]


class Recorder:
    """Takes examples of all tasks and keeps the counts of the report.

    Args:
        writer: where conversations go.
        contexts: what history slots count into.
        catalogue: the items.
        forms: the forms that examples are rendered in.
        vectors: numbers the contexts whose vectors are needed; None for targets without vectors.
    """

    def __init__(
        self,
        writer: TrainWriter,
        contexts: Sequence[Context],
        catalogue: Catalogue,
        forms: ExampleForms,
        vectors: UserVectors | None,
    ) -> None:
        self._writer = writer
        self._contexts = contexts
        self._catalogue = catalogue
        self._forms = forms
        self._vectors = vectors
        self._examples: Counter[str] = Counter()
        self._rows: defaultdict[str, Counter[Form]] = defaultdict(Counter)

    def take(self, examples: Iterable[Example]) -> None:
        """Render and write ``examples``."""
        for example in examples:
            self._examples[example.task] += 1
            forms = self._forms.of(example)
            liked = tuple((self._catalogue.row(item), share) for item, share in example.liked)
            shares = example.label_shares
            for rendered in render_all(example.turns, self._contexts, self._catalogue, forms):
                self._rows[example.task][rendered.form] += 1
                numbers = [self._number(row) for row in rendered.context_rows]
                labelled = rendered
                if liked or shares:
                    labelled = replace(rendered, liked=liked, label_shares=shares)
                self._writer.add(example.id, example.task, labelled, numbers)

    def ask_vectors(self) -> None:
        """Ask the target for the vectors of all examples taken since the last time."""
        if self._vectors is not None:
            self._vectors.ask()

    def report(self, contexts: int, notes: tuple[str, ...]) -> CorpusReport:
        """Return the counts so far, with what else the report holds."""
        rows = {task: dict(counts) for task, counts in self._rows.items()}
        return CorpusReport(
            examples=dict(self._examples), rows=rows, contexts=contexts, notes=notes
        )

    def _number(self, row: int) -> int:
        if self._vectors is None:
            raise AssertionError("forms with user vectors are refused for targets without them")
        return self._vectors.number(row)
