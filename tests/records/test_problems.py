from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recexplainer.records.problems import describe, unknown_key


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    size: int | Literal["auto"] = "auto"


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    path: str
    inner: Inner = Inner()
    columns: list[int] = []
    weights: dict[str, Annotated[float, Field(ge=0)]] | None = None
    parts: dict[str, Inner] = {}
    mode: Literal["behavior", "intention"] = "behavior"
    word: str = ""
    flag: bool = False

    @field_validator("word")
    @classmethod
    def _no_spaces(cls, word: str) -> str:
        if " " in word:
            raise ValueError("must be one word")
        return word


def problems(given: object, prefix: str = "") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    return describe(caught.value, Outer, prefix)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"inner": {"rate": 0}}, "inner.rate: must be above 0, got 0"),
        ({"inner": {"rate": 2.5}}, "inner.rate: must be at most 1, got 2.5"),
        ({"columns": ["x"]}, "columns[0]: must be a whole number, got 'x'"),
        ({"columns": 3}, "columns: must be a list, such as [a, b], got 3"),
        ({"weights": {"a": -1}}, "weights.a: must be at least 0, got -1"),
        ({"weights": [1]}, "weights: must be a mapping of names to values, got [1]"),
        ({"parts": {"a": {"rate": "x"}}}, "parts.a.rate: must be a number, got 'x'"),
        ({"inner": 3}, "inner: must be a mapping of names to values, got 3"),
        ({"word": 3}, "word: must be text, got 3"),
        ({"word": "a b"}, "word: must be one word"),
        ({"flag": "perhaps"}, "flag: must be true or false, got 'perhaps'"),
        ({"mode": "intend"}, "mode: must be one of 'intention', 'behavior', got 'intend'"),
        (
            {"inner": {"size": "x"}},
            "inner.size: must be a whole number or must be one of 'auto', got 'x'",
        ),
        (
            {"inner": {"rat": 1}},
            "inner.rat: unknown key; did you mean 'rate'? accepted: rate, size",
        ),
    ],
)
def test_each_mistake_is_one_line_with_its_path(given, expected) -> None:
    assert problems({"path": "p", **given}) == [expected]


def test_all_mistakes_come_at_once_below_the_prefix() -> None:
    assert problems({"inner": {"rate": -1}, "zzz": 0}, "dataset.options") == [
        "dataset.options.path: is required",
        "dataset.options.inner.rate: must be above 0, got -1",
        (
            "dataset.options.zzz: unknown key; accepted: path, inner, columns, weights, parts, "
            "mode, word, flag"
        ),
    ]


def test_the_whole_can_be_of_the_wrong_kind() -> None:
    assert problems([1], "target.options") == [
        "target.options: must be a mapping of names to values, got [1]"
    ]
    assert problems([1]) == ["must be a mapping of names to values, got [1]"]


def test_a_key_that_belongs_in_a_section_is_found_there() -> None:
    assert unknown_key("rate", Outer).startswith("unknown key; did you mean 'inner.rate'? accepted")


def test_a_long_value_is_shortened_and_the_value_of_an_unknown_key_is_not_shown() -> None:
    (long,) = problems({"path": "p", "columns": "x" * 500})
    assert len(long) < 100
    (unknown,) = problems({"path": "p", "api_key": "sk-secret"})
    assert "sk-secret" not in unknown


def test_an_empty_value_where_text_is_due_says_how_to_write_one() -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"path": None})
    assert describe(caught.value, Outer) == [
        "path: must be text (write '' for an empty one), got None"
    ]
    assert Outer.model_validate({"path": ""}).path == ""
