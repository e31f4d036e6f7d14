"""How many users a second are asked what the target would recommend, beside one user at a time.

Usage: python benchmarks/retrieval.py runs/benchmarks/seed-0    # writes results/retrieval.json

The same surrogate, questions and beams, one thread. The loops that it is compared with hand the
model one question, with the cache of ``generate``, as it is or padded on the left.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from measuring import RESULTS, describe_machine, write_result

from recexplainer.alignment.modes import render
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.records import Context, Turn

BEAMS, NEW_TOKENS = 5, 150
TASK = "next_item_retrieval"
Question = tuple[Turn, ...]


@dataclass(frozen=True)
class Loop:
    """One user at a time.

    Args:
        speaker: the surrogate, of which the model, tokenizer and vectors are used.
        contexts: whose histories the questions show.
        constrained: allow titles of the catalogue only.
    """

    speaker: Any
    contexts: Sequence[Context]
    constrained: bool

    def tokens(self, question: Question) -> list[int]:
        """Return the question's token ids."""
        ids: list[int]
        (ids,) = self.speaker.encoder.questions([self._rendered(question)])
        return ids

    def answer(self, question: Question, length: int) -> tuple[str, ...]:
        """Return the beams' texts; the question is padded to ``length`` tokens on the left."""
        speaker, ids = self.speaker, self.tokens(question)
        missing = max(0, length - len(ids))
        rendered = self._rendered(question)
        histories = [self.contexts[row].history for row in rendered.context_rows]
        given = {
            "input_ids": torch.tensor([[speaker._pad] * missing + ids]),  # noqa: SLF001
            "attention_mask": torch.tensor([[0] * missing + [1] * len(ids)]),
        }
        if speaker.user_vectors is not None:
            rows = list(rendered.item_rows)
            given["user_vectors"] = torch.from_numpy(speaker.user_vectors(histories))[None]
            given["item_vectors"] = torch.from_numpy(speaker.item_vectors[rows])[None]
        start = given["input_ids"].shape[1]
        decoding: dict[str, Any] = {"max_new_tokens": NEW_TOKENS}
        if self.constrained:
            decoding = {
                "max_new_tokens": speaker.trie.depth,
                "prefix_allowed_tokens_fn": speaker.trie.allowed_after(start),
            }
        with torch.no_grad():
            generated = speaker.model.generate(
                **given, **decoding, num_beams=BEAMS, num_return_sequences=BEAMS, do_sample=False,
                length_penalty=0.0, pad_token_id=speaker._pad,  # noqa: SLF001
                eos_token_id=speaker.encoder.end_id,
            )  # fmt: skip
        return tuple(speaker.tokenizer.batch_decode(generated[:, start:], skip_special_tokens=True))

    def _rendered(self, question: Question) -> Any:
        speaker = self.speaker
        return render(question, self.contexts, speaker.catalogue, speaker.form)


def measure(bench: Any, users: int, alone: int, constrained: bool) -> dict[str, Any]:
    """Return users per second, ours and one at a time, and how many answers agree."""
    speaker, contexts = bench.speaker, bench.evaluated
    asked = [example.question for example in bench.examples if example.task == TASK]
    loop = Loop(speaker, contexts, constrained)
    lengths = [len(loop.tokens(question)) for question in asked]
    wish = {"beams": BEAMS, "constrained": constrained, "max_new_tokens": NEW_TOKENS}
    speaker.answer(asked[:2], contexts, **wish)  # the first call is slow
    began = time.perf_counter()
    ours = speaker.answer(asked[:users], contexts, **wish)
    rates = {"ours": min(users, len(asked)) / (time.perf_counter() - began)}
    same = 0
    for name, length in (("as it is", 0), ("longest", max(lengths)), ("1024", 1024)):
        began = time.perf_counter()
        found = [loop.answer(question, length) for question in asked[:alone]]
        rates[name] = alone / (time.perf_counter() - began)
        same += sum(one == other for one, other in zip(found, ours, strict=False))
        print(f"{name}: {rates[name]:.2f} users/s, ours {rates['ours']:.2f}", flush=True)
    return {
        "users_per_second": {name: round(rate, 2) for name, rate in rates.items()},
        "longest_question": max(lengths),
        "mean_question": round(sum(lengths) / len(lengths), 1),
        "same_answers": round(same / (3 * alone), 3),
    }


def main() -> None:
    """Measure free and constrained decoding, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="a finished run of the tiny surrogate")
    parser.add_argument("--users", type=int, default=512, help="how many we answer")
    parser.add_argument("--alone", type=int, default=24, help="how many are asked one at a time")
    parser.add_argument("--result", type=Path, default=RESULTS / "retrieval.json")
    given = parser.parse_args()
    torch.set_num_threads(1)
    result: dict[str, Any] = {"machine": describe_machine(), "beams": BEAMS}
    result |= {"users": given.users, "alone": given.alone}
    bench, _ = reopen(config_of_run(given.run), given.run, default_registry())
    result["batch"] = bench.config.fidelity.batch_size
    for name, constrained in (("constrained", True), ("free", False)):
        result[name] = measure(bench, given.users, given.alone, constrained)
    write_result(given.result, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
