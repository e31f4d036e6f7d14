"""An address is read as it was written, whatever ids are made of."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from recexplainer.explanation.edits.changes import Change
from recexplainer.explorer.address import Address

IDS = st.text(min_size=1).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
SOME = st.lists(IDS, max_size=3).map(tuple)
ADDRESSES = st.builds(
    Address, IDS, st.none() | IDS, st.none() | st.integers(0, 10**6), SOME,
    st.lists(st.tuples(IDS, IDS), max_size=3).map(tuple), SOME,
)  # fmt: skip


@given(ADDRESSES)
def test_an_address_is_read_as_it_was_written(address) -> None:
    parts = urlsplit(address.url)
    assert parts.path.startswith("/user/")
    user = parts.path.removeprefix("/user/")
    assert "/" not in user
    assert user.replace("%2E", "") or address.user == "." * len(address.user)
    assert Address.read(user, parts.query) == address


def test_the_address_of_the_documentation_says_what_it_shows() -> None:
    assert Address.read("42", "item=101&without=7,9&replace=3:4&add=5") == Address(
        "42", "101", None, ("7", "9"), (("3", "4"),), ("5",)
    )


def test_nonsense_in_an_address_says_nothing() -> None:
    assert Address.read("42", "at=x&replace=1&without=&&item=") == Address("42")


def test_edits_of_edits_come_down_to_edits_of_the_history() -> None:
    address = Address("u").replacing("a", "b").replacing("b", "c")
    assert address == Address("u", instead=(("a", "c"),))
    assert address.taking_out("c") == Address("u", without=("a",))
    assert address.taking_out("c").putting_back("a") == Address("u")
    assert Address("u").adding("x").replacing("x", "y").taking_out("y") == Address("u")


def test_an_edit_that_was_found_becomes_part_of_the_address() -> None:
    edit = (Change("remove", ("a",)), Change("replace", ("b",), ("c",)), Change("add", new=("d",)))
    address = Address("u", "i").edited(edit)
    assert address == Address("u", "i", None, ("a",), (("b", "c"),), ("d",))
    assert address.edit == edit
    assert address.unedited == Address("u", "i")
