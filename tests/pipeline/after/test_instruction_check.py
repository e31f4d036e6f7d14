"""Who is told what, and which texts stand beside that."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from recexplainer.errors import UserError
from recexplainer.pipeline.after.instruction_check import _askable, _sample, _told
from recexplainer.records import Case, Catalogue, Explanation, Item, SilentProgress

ATTRIBUTES = {
    "genre": ("Crime",),
    "decade": ("1990s",),
    "no. of discs": ("single",),
    "plot": ("A very long story that nobody would want to be told in one breath.",),
}


class Bench(SimpleNamespace):
    """Explains by saying what it was told; ``asked`` keeps that."""

    def cases(self):
        return self.about

    def explanations(self):
        return self.texts

    def check_instruction(self, instruction):
        self.checked.append(instruction)

    def explain(self, part, cases, instruction):
        self.asked.append((instruction, len(cases)))
        said = (instruction or "nothing").removeprefix("only ")
        for case in cases:
            yield Explanation(
                case=case.id, explainer=part.name, text=f"Yes, by its {said}.", decision="Yes"
            )


@pytest.fixture
def bench():
    cases = [
        Case(
            id=f"c{number}",
            user=f"u{number % 5}",
            history=("a",),
            item="b",
            split="held_out_users",
            decision="Yes",
            score=1.0,
            rank=1,
            candidates=10,
        )
        for number in range(20)
    ]
    texts = [
        Explanation(case=case.id, explainer=name, text=f"Yes, said {name}.", decision="Yes")
        for case in cases
        for name in ("hybrid", "occlusion")
    ]
    return Bench(
        about=cases,
        texts=texts,
        catalogue=Catalogue([Item(item, item.upper(), ATTRIBUTES) for item in "abc"]),
        config=SimpleNamespace(seed=0, explanations=SimpleNamespace(instruction=None)),
        progress=SilentProgress(),
        asked=[],
        checked=[],
    )


def test_what_is_short_shared_and_can_be_named_is_asked_for(bench):
    assert _askable(bench) == ["genre", "decade"]
    assert bench.checked == ["only genre"]


def test_without_attributes_there_is_nothing_to_tell(bench):
    bench.catalogue = Catalogue([Item(item, item.upper()) for item in "abc"])
    with pytest.raises(UserError, match="add attribute columns"):
        _askable(bench)


def test_the_sample_is_drawn_once_and_not_beyond_what_there_is(bench):
    assert len(_sample(bench, 1000)) == 20
    sample = _sample(bench, 6)
    assert sample == _sample(bench, 6)
    assert len({case.id for case in sample}) == 6
    assert sample != _sample(bench, 20)[:6]


def test_texts_are_compared_with_those_of_the_run(bench):
    sample = _sample(bench, 6)
    metrics = _told(bench, SimpleNamespace(name="hybrid"), sample, ["genre", "decade"])
    assert bench.asked == [("only genre", 6), ("only decade", 6)]
    found = {(m.split, m.metric): m.value for m in metrics}
    for split in ("only genre", "only decade"):
        assert found[split, "instruction_changed"] == 1.0
        assert found[split, "instruction_decision_kept"] == 1.0
        assert found[split, "instruction_kept_to"] == 1.0
        assert found[split, "instruction_followed_unasked"] == 0.0
    assert len(metrics) == 2 * 5


def test_a_run_with_an_instruction_of_its_own_gives_no_plain_texts(bench):
    bench.config.explanations.instruction = "only decades"
    metrics = _told(bench, SimpleNamespace(name="hybrid"), _sample(bench, 6), ["genre"])
    assert bench.asked == [("only genre", 6), (None, 6)]
    assert {m.value for m in metrics if m.metric == "instruction_changed"} == {1.0}
