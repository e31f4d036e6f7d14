"""The surrogate as a speaker: batched, left-padded answers, free or from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import LogitsProcessor, LogitsProcessorList

from recexplainer.errors import UserError
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.plugins.wording_interface import Wording
from recexplainer.records import Catalogue, Context, Form, Rendered, Turn
from recexplainer.runs.memory import release_memory
from recexplainer.surrogate.corpus.truncation import Fitter
from recexplainer.surrogate.generation.answer_rows import write_in_rounds, write_together
from recexplainer.surrogate.generation.answer_wish import Allowed, Wish, decoding_of
from recexplainer.surrogate.generation.estimated_pulls import EstimatedPulls
from recexplainer.surrogate.generation.explanation_guards import ExplanationGuards
from recexplainer.surrogate.generation.likelihood import log_probabilities, pad_answers
from recexplainer.surrogate.generation.offered_orders import FreeAndKept, OfferedOrders
from recexplainer.surrogate.generation.question_inputs import (
    UserVectors,
    check_width,
    pad_left,
    slot_vectors,
    split_opening,
)
from recexplainer.surrogate.generation.title_trie import NothingTwice, TitleTrie
from recexplainer.surrogate.generation.token_draws import GumbelNoise, row_seeds
from recexplainer.surrogate.model.surrogate_files import load_surrogate

__all__ = ["Renderer", "SurrogateSpeaker"]

Renderer = Callable[[Sequence[Turn], Sequence[Context], Catalogue, Form], Rendered | None]


class SurrogateSpeaker:
    """Answers questions with a surrogate read from a folder (see ``plugins.interfaces.Speaker``).

    Args:
        name: how it is called in tables.
        folder: what ``save_surrogate`` wrote.
        form: the form in which it is asked.
        catalogue: the items, for prompts and for constrained answers.
        render: writes a question in a form.
        user_vectors: the target's vectors of histories; None in the behavior form.
        item_vectors: ``(I, d_rec)``, for prompts and for estimates of pulls; None where neither
            needs them.
        batch_size: questions answered at once.
        device: ``cpu`` or ``cuda``.
        precision: the compute type; a pretrained backbone's weights are held in it.
        seed: of sampled answers.
        wording: the sentences that it was taught to explain in, which it is kept to.
    """

    def __init__(  # noqa: PLR0913  # named parts, put together in one place
        self,
        name: str,
        folder: Path,
        *,
        form: Form,
        catalogue: Catalogue,
        render: Renderer,
        user_vectors: UserVectors | None = None,
        item_vectors: NDArray[np.float32] | None = None,
        batch_size: int = 128,
        device: str = "cpu",
        precision: str = "float32",
        seed: int = 0,
        wording: Wording | None = None,
    ) -> None:
        self.name, self.form, self.catalogue = name, form, catalogue
        self.render, self.user_vectors, self.item_vectors = render, user_vectors, item_vectors
        self.batch_size, self.device, self.seed = batch_size, device, seed
        self.model, self.encoder = load_surrogate(folder, precision=precision)
        if user_vectors is not None and item_vectors is not None:
            check_width(item_vectors, self.model.config.item_dim)
        self.model.to(device)
        self.tokenizer = self.encoder.tokenizer
        self.fitter = Fitter(self.encoder, self.model.config.context)
        again = self.model.config.said_again
        pulls = EstimatedPulls.of(folder, catalogue, item_vectors)
        self.guards = ExplanationGuards(self.encoder, catalogue, form, again, wording, pulls)
        self._end = self.encoder.end_id
        pad = self.tokenizer.pad_token_id
        self._pad = self._end if pad is None else pad

    def with_vectors(
        self, user_vectors: UserVectors, item_vectors: NDArray[np.float32]
    ) -> SurrogateSpeaker:
        """Return the same speaker, its weights shared, with other vectors, ``(B or I, d_rec)``."""
        other = copy(self)
        other.user_vectors, other.item_vectors = user_vectors, item_vectors
        other.guards = self.guards.with_vectors(item_vectors)
        return other

    @cached_property
    def trie(self) -> TitleTrie:
        """What constrained answers walk along."""
        return TitleTrie(self.encoder.words(self.catalogue.titles), self._end)

    def answer(  # noqa: PLR0913  # the interface's
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        *,
        max_new_tokens: int,
        beams: int = 1,
        constrained: bool = False,
        distinct: bool = False,
        quoting: bool = False,
        temperature: float = 0.0,
        top_p: float = 1.0,
    ) -> list[tuple[str, ...]]:
        """Return ``beams`` texts per question, best first; see ``Speaker.answer``.

        A question that does not fit the context is answered with empty texts.
        """
        most = self.trie.depth if constrained else max_new_tokens
        wish = Wish(most, beams, constrained, distinct, temperature, top_p)
        answers = [("",) * beams] * len(questions)
        ahead = [""] * len(questions)
        if quoting:
            pairs = [self.guards.going_on(question) for question in questions]
            questions, ahead = [asked for asked, _ in pairs], [said for _, said in pairs]
        for rows, batch in self._batches(questions, contexts, most):
            start = batch["input_ids"].shape[1]
            about = [questions[row] for row in rows]
            guard = self.guards.of(about, contexts, start, wish) if quoting else None
            walk = self.trie.allowed_after(start) if constrained else None
            texts = self._write(batch, wish, guard, walk)
            for place, row in enumerate(rows):
                own = texts[place * beams : (place + 1) * beams]
                if ahead[row]:
                    own = [f"{ahead[row]}{text.lstrip()}" for text in own]
                answers[row] = tuple(text.rstrip() if quoting else text for text in own)
        release_memory(young=True)
        return answers

    def orders(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        offered: Sequence[Sequence[str]],
        *,
        max_new_tokens: int,
    ) -> list[Orders]:
        """Return each question's order, free and kept to the offer; see ``Speaker.orders``."""
        titles = ([self.catalogue.title(item) for item in own] for own in offered)
        walks = [OfferedOrders(own, self.encoder) for own in titles]
        most = max((max_new_tokens, *(walk.longest() for walk in walks)))
        answers = dict.fromkeys(range(len(questions)), Orders("", ""))
        for rows, batch in self._batches(questions, contexts, most):
            found = self._write_orders(batch, [walks[row] for row in rows], max_new_tokens)
            answers.update(zip(rows, found, strict=True))
        release_memory(young=True)
        return list(answers.values())

    def _write_orders(
        self, batch: dict[str, Any], walks: Sequence[OfferedOrders], max_new_tokens: int
    ) -> list[Orders]:
        """Return B orders; question and cache are shared by the free and the kept one."""
        start, free = batch["input_ids"].shape[1], Wish(max_new_tokens, distinct=True)
        guard = FreeAndKept(start, self._guards(start, free), walks, max_new_tokens, self._end)
        longest = max((max_new_tokens, *(walk.longest() for walk in walks)))
        given = self._decoding(Wish(longest), None)
        texts = self._said(
            write_together(self.model, batch, LogitsProcessorList([guard]), given, 2)
        )
        return list(map(Orders, texts[::2], texts[1::2]))

    def _write(
        self,
        batch: dict[str, Any],
        wish: Wish,
        guard: LogitsProcessor | None = None,
        allowed: Allowed | None = None,
    ) -> list[str]:
        """Return ``B * beams`` texts, those of a question one after another."""
        processors = self._guards(batch["input_ids"].shape[1], wish)
        if guard is not None:
            processors.append(guard)
        if wish.temperature > 0:
            seeds = row_seeds(batch, wish.beams, self.seed)
            processors.append(GumbelNoise(seeds, wish.temperature, wish.top_p))
        decoding = self._decoding(wish, allowed)
        by_row = guard is not None or allowed is not None or wish.temperature > 0
        if by_row or wish.beams > 1:  # what knows rows by their number needs all of them
            return self._said(write_together(self.model, batch, processors, decoding, wish.beams))
        return self._said(write_in_rounds(self.model, batch, processors, decoding))

    def _guards(self, start: int, wish: Wish) -> LogitsProcessorList:
        """Return what keeps free answers after ``start`` tokens from what is not wished."""
        again = self.model.config.said_again if wish.distinct else []
        return LogitsProcessorList([NothingTwice(start, [self._end, *again])] if again else [])

    def _said(self, tokens: torch.Tensor) -> list[str]:
        texts: list[str] = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return texts

    def longest(self, texts: Sequence[str]) -> int:
        """Return the number of tokens of the longest of ``texts``, its end token included."""
        return 1 + max(map(len, self.encoder.words(["", *texts])))

    def likelihoods(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        labels: Sequence[Sequence[str]],
    ) -> list[NDArray[np.float32]]:
        """Return log-probabilities of each question's labels; see ``Speaker.likelihoods``."""
        words = iter(self.encoder.words([label for offered in labels for label in offered]))
        ids = [[next(words) for _ in offered] for offered in labels]
        longest = max((len(label) for offered in ids for label in offered), default=0)
        scores = [np.zeros(len(offered), np.float32) for offered in labels]
        most = max(map(len, labels), default=0)
        if not most:
            return scores
        at_once = max(1, 4 * self.batch_size // most)  # a label is short beside a question
        for rows, batch in self._batches(questions, contexts, longest, at_once):
            answers = pad_answers([ids[row] for row in rows]).to(self.device)
            likely = log_probabilities(self.model, batch, answers)
            for row, found in zip(rows, likely, strict=True):
                scores[row] = found[: len(labels[row])]
        return scores

    def _decoding(self, wish: Wish, allowed: Allowed | None) -> dict[str, Any]:
        """Return the arguments of ``generate``; ``allowed`` is all that may be said, or None."""
        ends = list({self._end, self.tokenizer.eos_token_id})
        return decoding_of(wish, allowed, pad=self._pad, ends=ends, unsayable=self._unsayable())

    def _unsayable(self) -> list[int]:
        """Return the slots' ids if they lie inside the embedding, where a model could say them."""
        slots = (self.encoder.user_id, self.encoder.item_id)
        vocabulary = self.model.config.language_config.vocab_size
        return [slot for slot in slots if slot < vocabulary]

    def _batches(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        spare: int,
        at_once: int | None = None,
    ) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Yield ``(question rows, model inputs)``, like lengths together.

        Questions that leave no room for ``spare`` tokens of an answer are in no batch, nor are
        those whose answer begins with more than a conversation holds.
        """
        asked, begun = zip(*map(split_opening, questions), strict=True) if questions else ((), ())
        rendered = [
            self._rendered(self.render(turns, contexts, self.catalogue, self.form))
            for turns in asked
        ]
        openings = self.encoder.words(begun)
        fits = [len(opening) + spare < self.fitter.limit for opening in openings]
        if spare >= self.fitter.limit:
            raise UserError(
                f"an answer of {spare} tokens leaves no room for its question where a conversation "
                f"has at most {self.fitter.limit}; lower max_new_tokens or raise "
                "surrogate.max_tokens"
            )
        spare += max((len(o) for o, fit in zip(openings, fits, strict=True) if fit), default=0)
        fitted = self.fitter.fit(rendered, spare)
        ids = {row: [*q.ids, *openings[row]] for row, q in enumerate(fitted) if q and fits[row]}
        order = sorted(ids, key=lambda row: len(ids[row]))
        step = at_once or self.batch_size
        for start in range(0, len(order), step):
            rows = order[start : start + step]
            batch = pad_left([ids[row] for row in rows], self._pad, self.device)
            yield rows, batch | self._vectors([rendered[row] for row in rows], contexts)

    def _rendered(self, rendered: Rendered | None) -> Rendered:
        if rendered is None:
            raise ValueError(f"a question cannot be written in the {self.form} form")
        return rendered

    def _vectors(self, rendered: Sequence[Rendered], contexts: Sequence[Context]) -> dict[str, Any]:
        if self.user_vectors is None or self.item_vectors is None:
            return {}
        config = self.model.config
        found = slot_vectors(rendered, contexts, self.user_vectors, self.item_vectors, config)
        return {name: vectors.to(self.device) for name, vectors in found.items()}
