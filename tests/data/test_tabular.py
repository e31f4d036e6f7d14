"""``CsvDataset`` on hand-made files: every count and line number below was counted by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress

ITEMS = "item_id,title,genre,studio\n1,Alien,Horror|SciFi,Fox\n2,Brazil,SciFi,\n3,Clue,Comedy,Fox\n"
INTERACTIONS = "user_id,item_id,timestamp\na,3,30\na,1,10\nb,2,5\na,2,20\nb,1,6\n"
SHARED = Path(__file__).parents[2] / "../shared/data"


@dataclass
class Files:
    """A folder with one pair of files, rewritten by each test."""

    folder: Path

    def load(
        self, interactions: str = INTERACTIONS, items: str = ITEMS, **options: Any
    ) -> InteractionLog:
        """Write both files and read them back as a log."""
        encoding = options.get("encoding", "utf-8")
        (self.folder / "interactions.csv").write_text(interactions, encoding=encoding, newline="")
        (self.folder / "items.csv").write_text(items, encoding=encoding, newline="")
        return self.read(**options)

    def read(self, **options: Any) -> InteractionLog:
        """Read the files that are there."""
        paths = {name: self.folder / f"{name}.csv" for name in ("interactions", "items")}
        return CsvDataset(CsvOptions(**{**paths, **options})).load(SilentProgress())

    def error(self, *args: str, **options: Any) -> str:
        """Return the message that loading ends with."""
        with pytest.raises(DataError) as caught:
            self.load(*args, **options)
        return str(caught.value)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    folder = tmp_path / "films"
    folder.mkdir()
    return Files(folder)


# ── what good files become ───────────────────────────────────────────────────────────────────────


def test_good_files_become_a_log_without_notes(files: Files) -> None:
    log = files.load()
    assert log.name == "films"
    assert log.histories == {"a": ("1", "2", "3"), "b": ("2", "1")}
    assert list(log.histories) == ["a", "b"]
    assert log.catalogue.ids == ("1", "2", "3")
    assert log.catalogue.titles == ("Alien", "Brazil", "Clue")
    assert log.catalogue.item("1").attributes == {"genre": ("Horror", "SciFi"), "studio": ("Fox",)}
    assert log.catalogue.item("2").attributes == {"genre": ("SciFi",)}
    assert log.notes == ()


def test_columns_delimiter_separator_and_name_are_options(files: Files) -> None:
    log = files.load(
        "who;what;when\nx;k;2\nx;j;1\n",
        "key;label;kind\nj;Jaws;a/b\nk;Koko;b\n",
        name="mine",
        user_column="who",
        item_column="what",
        time_column="when",
        item_id_column="key",
        title_column="label",
        list_separator="/",
        delimiter=";",
    )
    assert (log.name, log.histories) == ("mine", {"x": ("j", "k")})
    assert log.catalogue.item("j").attributes == {"kind": ("a", "b")}


def test_position_is_found_and_sorted_as_numbers_not_as_text(files: Files) -> None:
    log = files.load("user_id,item_id,position\na,1,10\na,2,9\na,3,100\n")
    assert log.histories == {"a": ("2", "1", "3")}


def test_timestamp_comes_before_position(files: Files) -> None:
    log = files.load("user_id,item_id,position,timestamp\na,1,1,9\na,2,2,8\n")
    assert log.histories == {"a": ("2", "1")}


def test_without_time_the_order_of_the_file_counts_and_is_noted(files: Files) -> None:
    log = files.load("user_id,item_id\na,3\na,1\n")
    assert log.histories == {"a": ("3", "1")}
    assert log.notes == (
        "interactions.csv has no column 'timestamp' or 'position', so its order is taken as time's",
    )


def test_iso_dates_are_times(files: Files) -> None:
    rows = "a,1,2024-03-01T00:00:00+02:00\na,2,2024-02-29\na,3,2024-02-29 23:00:00\n"
    assert files.load("user_id,item_id,timestamp\n" + rows).histories == {"a": ("2", "1", "3")}


def test_ties_keep_the_order_of_the_file(files: Files) -> None:
    log = files.load("user_id,item_id,timestamp\na,3,1\na,1,1\nb,1,1\na,2,0\n")
    assert log.histories == {"a": ("2", "3", "1"), "b": ("1",)}
    assert log.notes == (
        (
            "2 of 4 interactions share user and time with another; "
            "among those the file's order is kept"
        ),
    )


def test_nanosecond_times_are_not_rounded_when_another_row_has_none(files: Files) -> None:
    first, second = 2**60 + 1, 2**60 + 2  # equal as floats
    rows = f"a,1,{second}\na,2,{first}\nb,1,\nb,2,{first}\n"
    log = files.load("user_id,item_id,timestamp\n" + rows)
    assert log.histories == {"a": ("2", "1"), "b": ("2",)}
    assert log.notes == (
        (
            "1 interaction whose 'timestamp' is neither a number nor a known date, such as an "
            "empty cell was dropped; the first is interactions.csv:4"
        ),
    )


def test_byte_order_mark_blank_lines_and_padding_are_harmless(files: Files) -> None:
    log = files.load("\ufeffuser_id, item_id ,timestamp\r\n\r\na , 1 ,2\r\n a,2,1\r\n  \r\n")
    assert (log.histories, log.notes) == ({"a": ("2", "1")}, ())


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_read_when_named(files: Files, encoding: str) -> None:
    log = files.load(items=ITEMS.replace("Clue", "Clué"), encoding=encoding)
    assert log.catalogue.title("3") == "Clué"


def test_quoted_cells_may_hold_the_delimiter(files: Files) -> None:
    log = files.load(items='item_id,title\n1,"I, Robot"\n2,"Say ""no"""\n3,C\n')
    assert log.catalogue.titles == ("I, Robot", 'Say "no"', "C")


# ── attributes ───────────────────────────────────────────────────────────────────────────────────


def catalogue_of(count: int) -> str:
    rows = (f"{row},T{row},code{row},{row % 4}" for row in range(1, count + 1))
    return "\n".join(["item_id,title,code,shelf", *rows, ""])


def test_a_column_with_a_value_for_each_item_is_left_out_with_a_note(files: Files) -> None:
    log = files.load(items=catalogue_of(20))
    assert set(log.catalogue.attribute_values) == {"shelf"}
    assert log.notes == (
        (
            "column 'code' of items.csv was left out, since nearly every item has its own value "
            "(20 values in 20 items); name it in `attribute_columns` to keep it"
        ),
    )


def test_small_catalogues_keep_every_column(files: Files) -> None:
    assert set(files.load(items=catalogue_of(19)).catalogue.attribute_values) == {"code", "shelf"}


@pytest.mark.parametrize("columns", [("code",), ("shelf", "code"), ()])
def test_named_attribute_columns_are_kept_whatever_they_hold(
    files: Files, columns: tuple[str, ...]
) -> None:
    log = files.load(items=catalogue_of(20), attribute_columns=columns)
    assert set(log.catalogue.attribute_values) == set(columns)
    assert log.notes == ()


def test_an_empty_separator_keeps_cells_whole(files: Files) -> None:
    log = files.load(list_separator="")
    assert log.catalogue.item("1").attributes["genre"] == ("Horror|SciFi",)


def test_values_given_twice_or_missing_are_dropped_from_a_cell(files: Files) -> None:
    log = files.load(items="item_id,title,genre\n1,A,x||x| y |nan\n2,B,None\n3,C,z\n")
    assert log.catalogue.item("1").attributes == {"genre": ("x", "y")}
    assert log.catalogue.item("2").attributes == {}


# ── rows that cannot be used ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",1,7", "without a user id"),
        ("NaN,1,7", "without a user id"),
        ("a,,7", "without an item id"),
        ("a,99,7", "of items that are not listed (such as '99'; a listed one is '1')"),
        ("a,1,10", "repeating an earlier row"),
        ("a,1,soon", "whose 'timestamp' is neither a number nor a known date, such as 'soon'"),
        ("a,1,inf", "whose 'timestamp' is neither a number nor a known date, such as 'inf'"),
    ],
)
def test_an_unusable_interaction_is_dropped_counted_and_located(
    files: Files, row: str, reason: str
) -> None:
    log = files.load(INTERACTIONS + f"\n{row}\n")  # a blank line before it: the row is line 8
    assert log.histories == files.load().histories
    assert log.notes == (f"1 interaction {reason} was dropped; the first is interactions.csv:8",)


def test_reasons_are_counted_apart_and_name_their_first_line(files: Files) -> None:
    log = files.load(INTERACTIONS + "a,8,1\n,1,1\na,9,1\n")
    assert log.notes == (
        "1 interaction without a user id was dropped; the first is interactions.csv:8",
        (
            "2 interactions of items that are not listed (such as '8'; a listed one is '1') were "
            "dropped; the first is interactions.csv:7"
        ),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Dune,SciFi,", "without an item id"),
        ("4,,SciFi,", "with an empty title"),
        ("4,  ,SciFi,", "with an empty title"),
        ("3,Clue,Comedy,Fox", "repeating an earlier row"),
        ("3,Dune,SciFi,", "whose id an earlier row has with other cells (the first row counts)"),
    ],
)
def test_an_unusable_item_is_dropped_counted_and_located(
    files: Files, row: str, reason: str
) -> None:
    log = files.load(items=ITEMS + f"{row}\n")
    assert log.catalogue.titles == ("Alien", "Brazil", "Clue")
    assert log.notes == (f"1 item {reason} was dropped; the first is items.csv:5",)


def test_lines_are_counted_through_line_breaks_in_quotes(files: Files) -> None:
    log = files.load(items='item_id,title\n1,"A\n\nlong one"\n2,B\n3,C\n4,\n')
    assert log.notes == (
        "1 row of items.csv has line breaks in a cell; the first is items.csv:2",
        "1 item with an empty title was dropped; the first is items.csv:7",
    )


def test_users_with_one_item_are_read(files: Files) -> None:
    assert files.load(INTERACTIONS + "c,1,1\n").histories["c"] == ("1",)


def test_half_of_the_rows_may_be_unusable_but_not_more(files: Files) -> None:
    good = "user_id,item_id,timestamp\na,1,1\na,2,2\n"
    assert files.load(good + "a,8,3\na,9,4\n").histories == {"a": ("1", "2")}
    message = files.error(good + "a,8,3\n,1,9\na,9,4\n")
    assert message == (
        f"{files.folder / 'interactions.csv'}:4: 3 of 5 interactions cannot be used: "
        "1 without a user id; 2 of items that are not listed (such as '8'; a listed one is '1'). "
        "Check that the options name the right columns and files"
    )


# ── files that cannot be used ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("interactions", "line", "message"),
    [
        ("", None, "the file is empty; its first line must name the columns"),
        ("\n\n", None, "the file is empty; its first line must name the columns"),
        ("user_id,item_id,timestamp\n", None, "the file has a header but no rows"),
        (
            "userid,item_id,timestamp\na,1,1\n",
            1,
            (
                "there is no column 'user_id'; there are: userid, item_id, timestamp. "
                "Set the option `user_column`"
            ),
        ),
        ("user_id,item_id,item_id\na,1,1\n", 1, "column 'item_id' is named twice"),
        (
            "user_id,item_id\na,1\n\na,1,2\n",
            4,
            (
                "this row has 3 cells where the header has 2; "
                "put cells that contain ',' in double quotes"
            ),
        ),
        (
            "user_id,item_id\na,1,2\nb,1,2\n",
            2,
            (
                "this row has 3 cells where the header has 2; "
                "put cells that contain ',' in double quotes"
            ),
        ),
        (
            'user_id,item_id\n"a,b",1\na,"2\na,3\n',
            3,
            "a double quote opens here and is never closed",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_with_its_line(
    files: Files, interactions: str, line: int | None, message: str
) -> None:
    place = str(files.folder / "interactions.csv") + ("" if line is None else f":{line}")
    assert files.error(interactions) == f"{place}: {message}"


def test_a_delimiter_that_is_given_and_fits_nothing_is_an_error(files: Files) -> None:
    place = files.folder / "interactions.csv"
    assert files.error("user_id;item_id\na;1\n", delimiter=",") == (
        f"{place}:1: the header is one column, 'user_id;item_id'; set the option `delimiter` to ';'"
    )


def test_a_missing_title_column_names_the_nearest(files: Files) -> None:
    message = files.error(INTERACTIONS, "item_id,genre,titel\n1,x,A\n")
    assert message.endswith(
        "there is no column 'title'; there are: titel, item_id, genre. "
        "Set the option `title_column`"
    )


@pytest.mark.parametrize("option", ["time_column", "rating_column", "attribute_columns"])
def test_columns_named_by_options_must_exist(files: Files, option: str) -> None:
    value = ("year",) if option == "attribute_columns" else "year"
    message = files.error(**{option: value})
    assert "there is no column 'year'" in message
    assert message.endswith(f"Set the option `{option}`")


def test_a_missing_file_names_what_is_there(files: Files) -> None:
    files.load()
    with pytest.raises(
        DataError, match=r"there is no such file; in its folder there is items\.csv"
    ):
        files.read(items=files.folder / "item.csv")


def test_a_folder_is_not_a_file(files: Files) -> None:
    files.load()
    with pytest.raises(DataError, match="the file cannot be opened: Is a directory"):
        files.read(items=files.folder)


@pytest.mark.parametrize("lines_before", [1, 50_000])
def test_a_wrong_encoding_names_the_line(files: Files, lines_before: int) -> None:
    files.load()
    header, rows = b"item_id,title\n", b"".join(b"%d,T\n" % row for row in range(lines_before))
    (files.folder / "items.csv").write_bytes(header + rows + b"x,Am\xe9lie\n")
    with pytest.raises(DataError) as caught:
        files.read(encoding="utf-8")
    assert str(caught.value) == (
        f"{files.folder / 'items.csv'}:{lines_before + 2}: this is not utf-8 text; "
        "save it so, or set the option `encoding`"
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"encoding": "utf-9"}, "unknown encoding 'utf-9'; try utf-8, latin-1 or cp1252"),
        ({"delimiter": "::"}, "at most 1 character"),
        ({"user_colum": "u"}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_options_are_refused(option: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CsvOptions(interactions=Path("a"), items=Path("b"), **option)  # type: ignore[arg-type]


# ── data for development ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "users", "items", "interactions"),
    [("games", 3901, 1895, 30_946), ("steam", 3065, 991, 26_582)],
)
def test_development_data_keeps_every_row(
    name: str, users: int, items: int, interactions: int
) -> None:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no {name} beside this checkout")
    options = CsvOptions(interactions=folder / "interactions.csv", items=folder / "items.csv")
    log = CsvDataset(options).load(SilentProgress())
    assert (len(log.histories), len(log.catalogue)) == (users, items)
    assert log.interactions == interactions
    assert not [note for note in log.notes if "dropped" in note]


@pytest.mark.parametrize(("row", "shown"), [("7,3,100", "0 ('7'), 1 ('3')"), ("ann,3,9.5", "ann")])
def test_one_row_without_a_header_is_no_header(files: Files, row: str, shown: str) -> None:
    with pytest.raises(DataError, match="looks like a row") as refused:
        files.load(f"{row}\n")
    assert shown in str(refused.value)
    assert "`header`" in str(refused.value)


def test_one_row_without_a_header_is_read_by_numbers(files: Files) -> None:
    log = files.load("a,1,5\n", user_column="0", item_column="1", time_column="2")
    assert log.histories == {"a": ("1",)}
