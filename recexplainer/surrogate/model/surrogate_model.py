"""The surrogate g: any causal language model and two projectors into its token space (eq. 1).

Composed, not subclassed: the language model stays a stock ``AutoModelForCausalLM``. ``<user>`` and
``<item>`` slots carry ids past the vocabulary, so neither needs a resized embedding matrix; their
embeddings are the projected vectors of the target.
"""

from __future__ import annotations

from functools import cached_property
from inspect import signature
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModelForCausalLM, Cache, GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput, CausalLMOutputWithPast

from recexplainer.surrogate.model.ages import asked_tokens, list_ages
from recexplainer.surrogate.model.head import LinearHead, find_head
from recexplainer.surrogate.model.last_layer import can_skip_unlabelled, labelled_hidden
from recexplainer.surrogate.model.loss import (
    Pointed,
    SoftLabels,
    matrix_loss,
    repeats,
    softening,
    summed_loss,
)
from recexplainer.surrogate.model.pointer import (
    Pointer,
    Question,
    keep_question,
    kept_question,
)
from recexplainer.surrogate.model.projector import Projector
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig

__all__ = ["IGNORED", "SurrogateLM"]

IGNORED = -100
"""Label of tokens that carry no loss."""


class SurrogateLM(PreTrainedModel, GenerationMixin):
    """A causal language model that reads the target's vectors at the slots of its prompt."""

    config_class = SurrogateLMConfig
    base_model_prefix = "language_model"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: SurrogateLMConfig, language_model: nn.Module | None = None) -> None:
        super().__init__(config)
        text_config = config.language_config
        d_llm: int = text_config.hidden_size
        self.language_model: Any = language_model or AutoModelForCausalLM.from_config(text_config)
        accepted = signature(self.language_model.forward).parameters
        self._takes_positions = "position_ids" in accepted
        self.user_projector = Projector(config.user_dim, d_llm)
        self.item_projector = Projector(config.item_dim, d_llm)
        if config.ages:
            self.age_embedding = nn.Embedding(config.ages, d_llm)
        if config.pointer:
            self.pointer = Pointer(config.pointer, d_llm)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """Return the language model's token embedding."""
        return cast("nn.Module", self.language_model.get_input_embeddings())

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the language model's token embedding."""
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """Return the language model's head."""
        return cast("nn.Module", self.language_model.get_output_embeddings())

    @cached_property
    def linear_head(self) -> LinearHead | None:
        """The head, if it is linear: it then runs on labelled positions alone, one token in ten.

        First asked for while the weights are whole and real: ZeRO-3 cuts them up.
        """
        return find_head(self.language_model)

    def embed(
        self,
        input_ids: Tensor,
        user_vectors: Tensor | None,
        item_vectors: Tensor | None,
        *,
        continued: bool = False,
    ) -> Tensor:
        """Return ``(B, T, d_llm)`` token embeddings with projected vectors in their slots.

        Args:
            input_ids: ``(B, T)``, slots marked by the config's two slot ids.
            user_vectors: ``(B, S, d_rec)``; the k-th row of a sample fills its k-th user slot.
            item_vectors: ``(B, S, d_rec)``, likewise for item slots.
            continued: whether the question was read before, so that these are of the answer.
        """
        user_id, item_id = self.config.user_token_id, self.config.item_token_id
        slots = (input_ids == user_id) | (input_ids == item_id)
        embedded: Tensor = self.get_input_embeddings()(input_ids.masked_fill(slots, 0))
        filled = (
            (user_id, self.user_projector, user_vectors),
            (item_id, self.item_projector, item_vectors),
        )
        for slot_id, projector, vectors in filled:
            if vectors is None or vectors.shape[1] == 0:
                continue
            projected = projector(vectors.to(projector.inner.weight.dtype)).to(embedded.dtype)
            here = input_ids == slot_id
            which = (here.cumsum(1) - 1).clamp(0, projected.shape[1] - 1)
            taken = projected.gather(1, which[..., None].expand(-1, -1, projected.shape[-1]))
            embedded = torch.where(here[..., None], taken, embedded)
        if self.config.ages and not continued:
            ages, told = list_ages(input_ids, self.config.said_again[0], *self.config.turn_ids)
            found = self.age_embedding(ages.clamp_max(self.config.ages - 1))
            embedded = embedded + found * told[..., None]
        return embedded

    def forward(  # noqa: PLR0913, PLR0917  # names that transformers looks for
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        user_vectors: Tensor | None = None,
        item_vectors: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        past_key_values: Cache | None = None,
        soft_labels: SoftLabels | None = None,
        logits_to_keep: int = 0,
        **kwargs: Any,
    ) -> Any:
        """Run the language model; with ``labels`` ``(B, T)`` return their mean loss.

        Without them, logits of the last ``logits_to_keep`` positions are returned, of all for 0.
        """
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError("give input_ids or inputs_embeds")
            continued = past_key_values is not None and past_key_values.get_seq_length() > 0
            inputs_embeds = self.embed(input_ids, user_vectors, item_vectors, continued=continued)
        if labels is None:
            if attention_mask is not None and self._takes_positions:
                seen = attention_mask.cumsum(-1) - 1  # padding on the left takes no position
                kwargs["position_ids"] = seen.clamp_min(0)[:, -inputs_embeds.shape[1] :]
            kwargs |= {"attention_mask": attention_mask, "past_key_values": past_key_values}
            return self._logits(input_ids, inputs_embeds, logits_to_keep, **kwargs)
        counted = kwargs.get("num_items_in_batch")
        return self._loss(input_ids, inputs_embeds, attention_mask, labels, counted, soft_labels)

    def _logits(
        self, input_ids: Tensor | None, embedded: Tensor, logits_to_keep: int, **kwargs: Any
    ) -> CausalLMOutputWithPast:
        """Return logits with the cache; an answer that is continued points at its own question."""
        past, last = kwargs["past_key_values"], slice(-logits_to_keep, None)
        if self.linear_head is None:
            whole = self.language_model(inputs_embeds=embedded, **kwargs)
            return CausalLMOutputWithPast(
                logits=whole.logits[:, last], past_key_values=whole.past_key_values
            )
        read = input_ids if self.config.pointer else None  # what may be pointed at
        continued = past is not None and past.get_seq_length() > 0
        asked = kept_question(past) if read is not None and continued else None
        kwargs |= {"output_hidden_states": read is not None, "return_dict": True}
        found = self.language_model.base_model(inputs_embeds=embedded, **kwargs)
        states = found.last_hidden_state[:, last]
        logits = self.logits_of(states)
        if read is not None:
            question = asked or self._question(read, embedded, found.hidden_states[-2])
            if found.past_key_values is not None:
                keep_question(found.past_key_values, question.answered())
            logits = self.pointer.added(logits, states, question)
        return CausalLMOutputWithPast(logits=logits, past_key_values=found.past_key_values)

    def _question(self, input_ids: Tensor, embedded: Tensor, states: Tensor) -> Question:
        """Return the words of the users' turns, from what enters the first and last layer."""
        config = self.config
        asked = asked_tokens(input_ids, *config.turn_ids)
        others = torch.tensor([config.user_token_id, config.item_token_id, config.turn_ids[0]])
        words = asked & ~torch.isin(input_ids, others.to(input_ids.device))
        items = asked & (input_ids == config.item_token_id)
        return self.pointer.read(input_ids, words, items, embedded, states)

    def _loss(
        self,
        input_ids: Tensor | None,
        embedded: Tensor,
        mask: Tensor | None,
        labels: Tensor,
        answer_tokens: Any,
        soft: SoftLabels | None,
    ) -> CausalLMOutput:
        """Average the loss over ``answer_tokens`` (all ranks and accumulation steps) when given.

        Rows are padded on the right, and a causal model never looks right: no mask is needed, which
        keeps attention on its fast path.
        """
        targets = functional.pad(labels, (0, 1), value=IGNORED)[:, 1:]
        labelled = targets != IGNORED
        again = self.config.said_again
        ruled_out = repeats(targets, labelled, again) if again else None
        wanted, matrix, pointed = targets[labelled], self._head_matrix(), None
        if self.linear_head is None:
            given = {"inputs_embeds": embedded, "attention_mask": mask, "use_cache": False}
            read = self.language_model(**given).logits[labelled]
        else:
            read, lower = self._labelled_hidden(embedded, mask, labelled)
            if self.config.pointer and input_ids is not None:
                pointed = self._pointed(self._question(input_ids, embedded, lower), read, labelled)
        if matrix is not None:
            total = matrix_loss(read, matrix, wanted, ruled_out, pointed)
        else:
            vocabulary = self.config.language_config.vocab_size
            total = summed_loss(self.logits_of, read, wanted, vocabulary, ruled_out, pointed)
        if soft is not None:
            total = total + softening(self.logits_of, read, wanted, labelled, soft, pointed)
        return CausalLMOutput(loss=total / (answer_tokens or labelled.sum().clamp_min(1)))

    def _pointed(self, question: Question, read: Tensor, labelled: Tensor) -> Pointed:
        """Return the tokens that P labelled positions point at, and what each adds there."""
        tokens = question.tokens[labelled.nonzero()[:, 0]]
        return tokens, self.pointer.labelled_scores(read, question, labelled)

    def logits_of(self, read: Tensor) -> Tensor:
        """Return the logits of hidden states, or what is given where they are logits already."""
        head = self.linear_head
        return read if head is None else head.logits(self.get_output_embeddings(), read)

    def _head_matrix(self) -> Tensor | None:
        """Return the head's weights where logits are the products with them and nothing else.

        None on GPUs, and under ZeRO-3, which cuts weights on the way.
        """
        embedding: Any = self.get_output_embeddings()
        head = self.linear_head
        plain = type(embedding) is nn.Linear and embedding.bias is None
        if head != LinearHead() or not plain:
            return None
        weight: Tensor = embedding.weight
        whole = weight.ndim == 2 and weight.is_floating_point()
        return weight if whole and weight.device.type == "cpu" else None

    def _labelled_hidden(
        self, embedded: Tensor, mask: Tensor | None, labelled: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the last states ``(P, d_llm)`` at P labelled positions, and all that enter there.

        The latter, ``(B, T, d_llm)``, are the last layer's inputs.
        """
        body = self.language_model.base_model
        if mask is None and can_skip_unlabelled(body):
            return labelled_hidden(body, embedded, labelled)
        given = {"inputs_embeds": embedded, "attention_mask": mask, "use_cache": False}
        whole = body(**given, output_hidden_states=bool(self.config.pointer))
        lower = whole.hidden_states[-2] if self.config.pointer else embedded
        return whole.last_hidden_state[labelled], lower

    def prepare_inputs_for_generation(
        self,
        input_ids: Tensor,
        user_vectors: Tensor | None = None,
        item_vectors: Tensor | None = None,
        is_first_iteration: bool = False,
        **kwargs: Any,  # transformers 5 looks for this very name
    ) -> dict[str, Any]:
        """Hand the vectors to the first step only: later steps hold no slots."""
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(
            input_ids, is_first_iteration=is_first_iteration, **kwargs
        )
        if is_first_iteration or not kwargs.get("use_cache", True):
            inputs |= {"user_vectors": user_vectors, "item_vectors": item_vectors}
        return inputs


AutoModelForCausalLM.register(SurrogateLMConfig, SurrogateLM, exist_ok=True)
