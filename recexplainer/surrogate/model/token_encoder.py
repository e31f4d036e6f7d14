"""Rendered conversations to token ids, with labels on the assistant's words alone.

Which tokens are the answer follows from the tokenizer's own chat template: it is applied once to
placeholders, and the messages are put where it put those. Nothing depends on a model's name. An
answer starts where the template asks for one and ends with the token that the template closes it
with, so training and generation see the same tokens, and those that a chat model knows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from jinja2 import TemplateError

from recexplainer.errors import UserError, nearest
from recexplainer.records import ITEM_MARK, USER_MARK, Rendered, RenderedTurn

__all__ = ["Encoded", "Encoder"]

_HOLE = "\ue012"
"""Stands for a message's text while the template is applied; private use, like the slot marks."""
_CUT = "\ue013"
"""Stands within words that look like a special token; its two sides are encoded apart."""

_DEFAULT = "default"
"""The template that transformers takes of several."""

_TEMPLATE_ERRORS = (TemplateError, TypeError, ValueError, AttributeError)
"""What applying a template may raise: its own refusals, and Python's where it is wrong."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one conversation; ``labelled[t]`` says whether token ``t`` carries loss."""

    ids: list[int]
    labelled: list[bool]


class Encoder:
    """Encodes for one tokenizer, whatever its kind.

    Args:
        tokenizer: a transformers tokenizer with an end token; without a chat template of its own,
            messages are written as ``User: ...`` and ``Assistant: ...`` lines. Of several templates
            it keeps the one that is used, so that a saved tokenizer has no other.
        template: the name of that one; None takes the one named ``default``.

    Raises:
        UserError: the tokenizer has no end token, so answers could not be learned to end, or no
            template of that name.
    """

    def __init__(self, tokenizer: Any, template: str | None = None) -> None:
        if tokenizer.eos_token_id is None:
            message = f"the tokenizer of {tokenizer.name_or_path!r} has no end token (eos_token)"
            raise UserError(f"{message}; set eos_token in its tokenizer_config.json")
        self.tokenizer = tokenizer
        tokenizer.chat_template = _chosen(tokenizer, template)
        self.template = tokenizer.chat_template or _plain_template(tokenizer)
        tokenizer.add_special_tokens(
            {"extra_special_tokens": [USER_MARK, ITEM_MARK]}, replace_extra_special_tokens=False
        )
        if tokenizer.is_fast:  # settings stored in tokenizer.json; lengths are ours to choose
            tokenizer.backend_tokenizer.no_padding()
            tokenizer.backend_tokenizer.no_truncation()
        self._frames: dict[tuple[str, ...], list[str]] = {}
        self._signs, self._special = _special_words(tokenizer)
        self.user_id, self.item_id = tokenizer.convert_tokens_to_ids([USER_MARK, ITEM_MARK])
        self.end = self._closing_token()
        """The token that ends an answer; ``eos_token`` unless the template has one for turns."""
        self.end_id: int = tokenizer.convert_tokens_to_ids(self.end)

    def require_turns(self) -> None:
        """Apply the template to what is asked and answered, so that a run need not find it out.

        Raises:
            UserError: the template refuses a user's and an assistant's turn, or leaves one out.
        """
        self._frame(("user",))
        self._frame(("user", "assistant"))

    def conversations(self, rendered: Sequence[Rendered]) -> list[Encoded]:
        """Encode conversations, each answer and its end token labelled, for training."""
        written = [self._pieces(conversation.turns) for conversation in rendered]
        tokens = iter(self._tokens([text for pieces in written for text, _ in pieces]))
        encoded = []
        for pieces in written:
            whole = Encoded([], [])
            for _, is_answer in pieces:
                ids = next(tokens)
                whole.ids.extend(ids)
                whole.labelled.extend([is_answer] * len(ids))
            encoded.append(whole)
        return encoded

    def questions(self, rendered: Sequence[Rendered]) -> list[list[int]]:
        """Encode conversations that end with a user's turn, up to where the answer starts."""
        return [encoded.ids for encoded in self.conversations(rendered)]

    def words(self, texts: Sequence[str]) -> list[list[int]]:
        """Encode texts that stand alone, such as titles."""
        return self._tokens([self._as_words(text) for text in texts])

    def pieces(self, texts: Sequence[Sequence[str]]) -> list[list[list[int]]]:
        """Encode texts whole, and return the tokens of each of their pieces.

        A token that reaches across an edge counts to the piece in which it begins. Tokenizers that
        do not tell where a token begins encode every piece apart.
        """
        if not self.tokenizer.is_fast:
            return [self.words(pieces) for pieces in texts]
        parts = [self._as_words("".join(pieces)).split(_CUT) for pieces in texts]
        backend = self.tokenizer.backend_tokenizer
        encoded = iter(
            backend.encode_batch([part for cut in parts for part in cut], add_special_tokens=False)
        )
        found = []
        for pieces, cut in zip(texts, parts, strict=True):
            edges, begin = list(accumulate(map(len, pieces))), 0
            own: list[list[int]] = [[] for _ in pieces]
            for part in cut:
                tokens = next(encoded)
                for token, (start, _) in zip(tokens.ids, tokens.offsets, strict=True):
                    own[bisect_right(edges, begin + start)].append(token)
                begin += len(part)
            found.append(own)
        return found

    def _as_words(self, text: str) -> str:
        """Cut what reads like a special token: a title that contains ``</s>`` ends nothing."""
        if not any(sign in text for sign in self._signs):  # the search would cost as much again
            return text
        return self._special.sub(rf"\1{_CUT}", text)

    def _pieces(self, turns: Sequence[RenderedTurn]) -> list[tuple[str, bool]]:
        """Cut a conversation into ``(text, is an answer)``.

        Pieces are encoded one by one, so that no token reaches across an answer's edge.
        """
        turns = self._folded(turns)
        text, *closings = self._frame(tuple(turn.role for turn in turns))
        pieces = []
        for turn, closing in zip(turns, closings, strict=True):
            said = self._as_words(turn.text)
            if turn.role == "assistant":
                end, rest = self._cut_after_end(closing)
                pieces += [(text, False), (said + end, True)]
                text = rest
            else:
                text += said + closing
        return [piece for piece in (*pieces, (text, False)) if piece[0]]

    def _cut_after_end(self, closing: str) -> tuple[str, str]:
        """Cut what follows an answer after its end token, which is put there if it is missing."""
        before, found, rest = closing.partition(self.end)
        if not found:
            return self.end, closing
        return (before + self.end, rest) if before.strip() else (self.end, rest)

    def _closing_token(self) -> str:
        """Return the first special token that the template writes after an answer, else eos."""
        eos: str = self.tokenizer.eos_token
        try:
            closing = self._apply(("user", "assistant")).rpartition(_HOLE)[2]
        except _TEMPLATE_ERRORS:  # told with its reason when a conversation is encoded
            return eos
        added = self.tokenizer.added_tokens_decoder
        (ids,) = self._tokens([closing])
        special = (added[i].content for i in ids if i in added and added[i].special)
        return next(special, eos)

    def _folded(self, turns: Sequence[RenderedTurn]) -> Sequence[RenderedTurn]:
        """Put the system's message before the user's first one if the template takes no system."""
        if [turn.role for turn in turns[:2]] != ["system", "user"] or self._takes_system:
            return turns
        first = RenderedTurn("user", f"{turns[0].text}\n\n{turns[1].text}")
        return [first, *turns[2:]]

    @cached_property
    def _takes_system(self) -> bool:
        try:
            return self._apply(("system", "user")).count(_HOLE) == 2
        except _TEMPLATE_ERRORS:
            return False

    def _frame(self, roles: tuple[str, ...]) -> list[str]:
        """Return what the template writes before, between and after messages of these roles.

        A template is applied once per sequence of roles; a corpus has a handful of them. Up to the
        last answer, a conversation is framed as the question is: some templates write more before
        a given answer than where they ask for one.
        """
        if roles not in self._frames:
            parts = self._applied(roles).split(_HOLE)
            if roles[-1] == "assistant" and "user" in roles[-2:]:
                parts = [*self._frame(roles[:-1]), parts[-1]]
            self._frames[roles] = parts
        return self._frames[roles]

    def _applied(self, roles: Sequence[str]) -> str:
        """Apply the template to placeholders. Raises UserError where it fails, or loses one."""
        try:
            text = self._apply(roles)
        except _TEMPLATE_ERRORS as error:
            raise self._refusal(roles, str(error) or type(error).__name__) from error
        if text.count(_HOLE) != len(roles):
            raise self._refusal(roles, "it does not write each of them once")
        return text

    def _refusal(self, roles: Sequence[str], reason: str) -> UserError:
        name, order = self.tokenizer.name_or_path, ", ".join(roles)
        message = f"the chat template of {name!r} refuses messages by {order}: {reason}"
        return UserError(f"{message}; give a backbone with another template")

    def _apply(self, roles: Sequence[str]) -> str:
        """Apply the template to placeholders; it asks for an answer unless the last is one."""
        text: str = self.tokenizer.apply_chat_template(
            [{"role": role, "content": _HOLE} for role in roles],
            chat_template=self.template,
            tokenize=False,
            add_generation_prompt=roles[-1] != "assistant",
        )
        return text

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Encode texts, each in one go but for where it is cut."""
        parts = [part for text in texts for part in text.split(_CUT)]
        encoded = self._encoded(parts)
        if len(parts) == len(texts):
            return encoded
        rest = iter(encoded)
        return [[i for _ in text.split(_CUT) for i in next(rest)] for text in texts]

    def _encoded(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        if self.tokenizer.is_fast:  # its own batch call, without building what nobody reads
            backend = self.tokenizer.backend_tokenizer
            return [e.ids for e in backend.encode_batch_fast(texts, add_special_tokens=False)]
        ids: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids


def _special_words(tokenizer: Any) -> tuple[set[str], re.Pattern[str]]:
    """Return the signs that special tokens start with, and what finds that sign in a text.

    Tokens of one sign cannot be cut, so they are left out: the slot marks, which no title holds.
    """
    special = [
        token.content
        for token in tokenizer.added_tokens_decoder.values()
        if token.special and len(token.content) > 1
    ]
    found = re.compile(f"(?={'|'.join(map(re.escape, special))})(.)", re.DOTALL)
    return {token[0] for token in special}, found


def _chosen(tokenizer: Any, name: str | None) -> str | None:
    """Return the tokenizer's chat template of that name; None where it has none at all."""
    own = tokenizer.chat_template
    templates: dict[str, str] = own if isinstance(own, dict) else {_DEFAULT: own} if own else {}
    wanted = name or _DEFAULT
    if wanted in templates:
        return templates[wanted]
    if name is None and len(templates) < 2:
        return next(iter(templates.values()), None)
    of = f"surrogate.chat_template: the tokenizer of {tokenizer.name_or_path!r} has"
    if not templates:
        raise UserError(f"{of} no chat template; leave it out, and turns are plain lines")
    names = ", ".join(dict.fromkeys([*nearest(wanted, templates), *sorted(templates)]))
    raise UserError(f"{of} none named {wanted!r}; give the name of one that it has: {names}")


def _plain_template(tokenizer: Any) -> str:
    """Return a template of lines, which starts as the tokenizer itself starts a text."""
    begins = tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    return (  # its newline is an expression: one that follows a tag would be trimmed
        f"{tokenizer.bos_token if begins else ''}"
        "{% for message in messages %}"
        "{{ message['role'].capitalize() }}: {{ message['content'] }}"
        f"{{% if message['role'] == 'assistant' %}}{tokenizer.eos_token}{{% endif %}}"
        "{{ '\n' }}{% endfor %}{% if add_generation_prompt %}Assistant: {% endif %}"
    )
