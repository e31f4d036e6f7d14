"""Thoughts and control tokens are no part of an answer."""

from __future__ import annotations

import pytest

from recexplainer.chat import spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes.", "Yes."),
        ("<think>Hm.\nNo?</think>\n\nYes.", "Yes."),
        ("  <THINK>Hm.</THINK> Yes.", "Yes."),
        ("Hm. No?</think>Yes.", "Yes."),  # the template opened it
        ("<think>one</think>\n<think>two</think>\nYes.", "Yes."),
        ("<reasoning>Hm.</reasoning>Yes.", "Yes."),
        ("[THINK]Hm.[/THINK]Yes.", "Yes."),
        ("◁think▷Hm.◁/think▷Yes.", "Yes."),
        ("<think>It goes on", ""),
        ("<think></think>Yes.", "Yes."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|channel|>final<|message|>Yes.<|return|>",
            "Yes.",
        ),
        ("<|channel|>analysis<|message|>It goes on", ""),
        ("Yes.<|im_end|>", "Yes."),
        ("Yes.</s> <|endoftext|>\n", "Yes."),
        ("<|assistant|>Yes.<end_of_turn>", "Yes."),
        ('The title is "<think>No</think>", so Yes.', 'The title is "<think>No</think>", so Yes.'),
    ],
)
def test_what_is_said_once_a_model_has_thought(text, said):
    assert spoken(text) == said
