"""What alignment leaves of a pretrained backbone's general ability, on instructions held out.

python benchmarks/general_ability.py RUN [RUN ...] --instructions FILE

Each row is a model that reads the same conversations: the backbone as it came, which the first run
keeps beside its surrogate, and the surrogate of each run. No run may have trained on FILE; give
those with task 5 (`instruction_following`) another part of the same data.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ability_table import table
from measuring import RESULTS, describe_machine, write_result

import recexplainer
from recexplainer.alignment.conversations import read_conversations
from recexplainer.alignment.modes import render
from recexplainer.records import Rendered
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.model.surrogate_model import IGNORED

_LONGEST = 1_000
"""Letters of a conversation that is read."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every model, keep the figures with all answers, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--instructions", required=True, type=Path, help="JSONL with messages")
    parser.add_argument("--conversations", type=int, default=150, help="read at most")
    parser.add_argument("--answers", type=int, default=20, help="questions to be answered")
    parser.add_argument("--new-tokens", type=int, default=80, help="at most, of an answer")
    parser.add_argument("--precision", default="float32", help="in which weights are held")
    parser.add_argument("--result", type=Path, default=RESULTS / "general_ability.json")
    asked = parser.parse_args(arguments)
    catalogue = recexplainer.load(asked.runs[0]).catalogue
    titles = tuple(catalogue.titles)
    conversations = [
        rendered
        for turns in read_conversations(asked.instructions, _LONGEST)[: asked.conversations]
        if (rendered := render(turns, (), catalogue, "behavior"))
    ]
    folders = {"untouched": asked.runs[0] / "4-surrogate" / "initial"}
    folders |= {run.name: run / "4-surrogate" / "model" for run in asked.runs}
    rows: dict[str, dict[str, Any]] = {}
    for name, folder in folders.items():
        ability = Ability(folder, asked.precision)
        rows[name] = ability.perplexity(conversations)
        answers = ability.answers(conversations[: asked.answers], asked.new_tokens)
        begun = sum(row["said"].startswith(titles) for row in answers)
        rows[name] |= {"answered_with_a_title": begun, "answers": answers}
    result = {"machine": describe_machine(), "rows": rows}
    write_result(asked.result, result)
    print(table(result))


class Ability:
    """One model that reads and answers conversations.

    Args:
        folder: of a surrogate, trained or not.
        precision: the type in which its weights are held.
    """

    def __init__(self, folder: Path, precision: str) -> None:
        self._model, self._encoder = load_surrogate(folder, precision=precision)

    @torch.inference_mode()
    def perplexity(self, conversations: Sequence[Rendered]) -> dict[str, Any]:
        """Return the perplexity of what assistants say, their end tokens included."""
        total, count = 0.0, 0
        for one in self._encoder.conversations(conversations):
            ids = torch.tensor([one.ids])
            labels = ids.masked_fill(~torch.tensor([one.labelled]), IGNORED)
            tokens = int((labels[:, 1:] != IGNORED).sum())
            total += float(self._model(input_ids=ids, labels=labels).loss) * tokens
            count += tokens
        figures = {"conversations": len(conversations), "tokens": count}
        return figures | {"perplexity": round(math.exp(total / count), 2)}

    @torch.inference_mode()
    def answers(self, conversations: Sequence[Rendered], most: int) -> list[dict[str, str]]:
        """Return the likeliest answers to the conversations' first questions."""
        rows = []
        for one in conversations:
            question, given = one.turns[0].text, one.turns[1].text
            (ids,) = self._encoder.questions([Rendered(one.turns[:1], (), (), "behavior")])
            written = self._model.generate(
                input_ids=torch.tensor([ids]),
                attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                max_new_tokens=most,
                do_sample=False,
                eos_token_id=self._encoder.end_id,
                pad_token_id=self._encoder.end_id,
            )[0, len(ids) :]
            said = self._encoder.tokenizer.decode(written, skip_special_tokens=True).strip()
            rows.append({"question": question, "given": given, "said": said})
        return rows


if __name__ == "__main__":
    main()
