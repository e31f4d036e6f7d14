from __future__ import annotations

import pytest

from recexplainer.audit.estimate import percent
from recexplainer.audit.reading.amounts import amount_of


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("62%", (0.615, 0.62, 0.625), (0.61, 0.63)),
        ("0%", (0.0,), (0.001,)),
        ("100%", (1.0,), (0.999,)),
        ("all", (1.0,), (0.99,)),
        ("under 0.5%", (0.001, 0.0049), (0.0, 0.006)),
        ("over 99%", (0.996,), (1.0, 0.99)),
        ("-7%", (-0.07, -0.066), (0.07, -0.08)),
        ("1,349", (1349,), (1348, 1349.5)),
        ("+0.112", (0.1118, 0.112), (0.113, -0.112)),
        ("-0.50", (-0.502,), (0.5, -0.51)),
    ],
)
def test_an_amount_stands_for_what_is_rounded_to_it(text, holds, fails):
    assert all(amount_of(text).holds(value) for value in holds)
    assert not any(amount_of(text).holds(value) for value in fails)


@pytest.mark.parametrize("value", [0.0, 0.0004, 0.004, 0.0051, 0.3, 0.4449, 0.996, 0.9999, 1.0])
def test_a_share_is_read_as_it_is_written(value):
    assert amount_of(percent(value)).holds(value)


def test_what_is_no_amount_is_refused():
    with pytest.raises(ValueError, match="no amount"):
        amount_of("many")
