"""One log in many dialects and layouts is read equal, or is refused in words with its line."""

from __future__ import annotations

import csv
import gzip
import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from recexplainer.data.atomic import AtomicDataset, AtomicOptions
from recexplainer.data.hub import HubDataset, HubOptions
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress

TITLES = [
    *("Alien", "Amélie", 'The "Tin" Hearts', '"Weird" Ola', "Clue, the Game", "Dune; Part 2"),
    *("Elf | Santa", "Señor Lobo", "A\tB", "Over 'n' Out", "Größe", "Plain 12"),
]
ITEMS = [(f"i{row}", title, f"studio {row % 3}") for row, title in enumerate(TITLES)]
ROWS = [
    (f"u{user}", f"i{(user + step * 5) % len(ITEMS)}", (1 + (user + step) % 5) / 2, 10 + step)
    for user in range(8)
    for step in range(6)
]
HISTORIES = {
    f"u{user}": tuple(item for who, item, *_ in ROWS if who == f"u{user}") for user in range(8)
}


@dataclass(frozen=True)
class Layout:
    """How a pair of files is written."""

    delimiter: str
    quoting: int
    encoding: str
    header: bool
    comma: bool
    ends: str
    packing: str
    reversed_columns: bool
    index: bool
    extra: bool

    @classmethod
    def drawn(cls, seed: int) -> Layout:
        rng = random.Random(seed)
        return cls(
            delimiter=rng.choice(",;\t|"),
            quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
            encoding=rng.choice(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"]),
            header=rng.random() < 0.75,
            comma=rng.random() < 0.3,
            ends=rng.choice(["\n", "\r\n"]),
            packing=rng.choice(["", ".gz", ".zst"]),
            reversed_columns=rng.random() < 0.5,
            index=rng.random() < 0.3,
            extra=rng.random() < 0.3,
        )

    def number(self, value: float) -> str:
        return str(value).replace(".", ",") if self.comma else str(value)

    def table(self, names: list[str], rows: list[tuple[str, ...]]) -> tuple[bytes, dict[str, str]]:
        """Return the file, and the name of each column in it."""
        columns = [[name, *cells] for name, *cells in zip(names, *rows, strict=True)]
        if self.extra:
            columns.append(["note", *(f"x{row % 4}" for row in range(len(rows)))])
        if self.reversed_columns:
            columns.reverse()
        if self.index:
            columns.insert(0, ["", *(str(row) for row in range(len(rows)))])
        told = [column[0] for column in columns]
        called = {name: name if self.header else str(told.index(name)) for name in names}
        text = io.StringIO(newline="")
        writer = csv.writer(
            text, delimiter=self.delimiter, quoting=self.quoting, lineterminator=self.ends
        )
        lines = list(zip(*columns, strict=True))
        writer.writerows(lines if self.header else lines[1:])
        content = text.getvalue().encode(self.encoding)
        if self.packing == ".gz":
            return gzip.compress(content), called
        if self.packing == ".zst":
            return pa.Codec("zstd").compress(content, asbytes=True), called
        return content, called


@pytest.mark.parametrize("seed", range(200))
def test_a_log_is_read_alike_from_any_layout(tmp_path: Path, seed: int) -> None:
    layout = Layout.drawn(seed)
    rows = [(user, item, layout.number(stars), str(time)) for user, item, stars, time in ROWS]
    inter, called = layout.table(["user_id", "item_id", "stars", "when"], rows)
    items, named = layout.table(["item_id", "title", "studio"], ITEMS)
    paths = {name: tmp_path / f"{name}.csv{layout.packing}" for name in ("interactions", "items")}
    paths["interactions"].write_bytes(inter)
    paths["items"].write_bytes(items)
    log = CsvDataset(
        CsvOptions(
            **paths,
            user_column=called["user_id"],
            item_column=called["item_id"],
            time_column=called["when"],
            rating_column=called["stars"],
            rating_at_least=1,
            item_id_column=named["item_id"],
            title_column=named["title"],
            attribute_columns=(named["studio"],),
        )
    ).load(SilentProgress())
    good = {(user, item) for user, item, stars, _ in ROWS if stars >= 1}
    assert list(log.catalogue.titles) == TITLES
    assert [item.attributes[named["studio"]] for item in log.catalogue] == [
        (studio,) for _, _, studio in ITEMS
    ]
    assert log.histories == {
        user: tuple(item for item in history if (user, item) in good)
        for user, history in HISTORIES.items()
    }
    assert log.doubts == ()
    if layout.delimiter != ",":
        assert any("between cells" in note for note in log.notes)


# ── double quotes ────────────────────────────────────────────────────────────────────────────────

NAMES = [
    *("Blue Harbor", '"Weird" Ola', "Copper Lane", '"Northern', "Salt Choir", "Pale Engine"),
    *('The "Tin" Hearts', 'Nine "Lives', 'Low Tide"', "Stone Lark"),
]


def load(folder: Path, items: str, rows: str | None = None, **options: Any) -> InteractionLog:
    (folder / "rows.csv").write_text(rows or "user_id,item_id,timestamp\na,0,1\na,1,2\n")
    if not (folder / "items.csv").exists():
        (folder / "items.csv").write_text(items, encoding="utf-8", newline="")
    paths = {"interactions": folder / "rows.csv", "items": folder / "items.csv"}
    return CsvDataset(CsvOptions(**paths, **options)).load(SilentProgress())


def test_quotes_that_open_titles_are_text_in_a_file_that_quotes_nothing(tmp_path: Path) -> None:
    text = "".join(f"{row}\t{name}\tDK\n" for row, name in enumerate(NAMES))
    log = load(tmp_path, f"item_id\ttitle\tcountry\n{text}")
    assert list(log.catalogue.titles) == NAMES
    assert any("double quotes as part of the text" in note for note in log.notes)


def test_recbole_files_are_read_alike(tmp_path: Path) -> None:
    items = "".join(f"{row}\t{name}\tDK\n" for row, name in enumerate(NAMES))
    (tmp_path / "x.item").write_text(
        f"item_id:token\tname:token_seq\tcountry:token\n{items}", encoding="utf-8"
    )
    (tmp_path / "x.inter").write_text("user_id:token\titem_id:token\na\t0\na\t1\n")
    options = AtomicOptions(interactions=tmp_path / "x.inter", items=tmp_path / "x.item")
    log = AtomicDataset(options).load(SilentProgress())
    assert list(log.catalogue.titles) == NAMES


def test_text_files_of_hub_are_read_alike(tmp_path: Path) -> None:
    rows = "".join(f"u{row % 2};{row};{name};{row}\n" for row, name in enumerate(NAMES))
    text = f"user_id;item_id;title;timestamp\n{rows}"
    (tmp_path / "log.csv").write_bytes(text.replace("Low Tide", "Marée").encode("cp1252"))
    log = HubDataset(HubOptions(path=tmp_path / "log.csv")).load(SilentProgress())
    assert list(log.catalogue.titles) == [name.replace("Low Tide", "Marée") for name in NAMES]
    assert log.histories == {"u0": tuple("02468"), "u1": tuple("13579")}
    (note,) = log.notes
    assert "with ';' between cells, as cp1252, with double quotes as part of the text" in note


def test_a_quote_far_down_is_found_to_be_text(tmp_path: Path) -> None:
    rows = [f"{row}\tPart {row}\n" for row in range(400)]
    rows[300], rows[310] = '300\t"Northern\n', '310\tLow Tide"\n'
    log = load(tmp_path, "item_id\ttitle\n" + "".join(rows))
    assert len(log.catalogue) == 400
    assert log.catalogue.title("300") == '"Northern'


def test_a_cell_that_takes_in_rows_is_an_error_where_quotes_are_needed(tmp_path: Path) -> None:
    text = 'item_id,title,kind\n0,"I, Robot",a\n1,"Northern,b\n2,Salt,c\n3,Low Tide",d\n'
    with pytest.raises(DataError, match=r"items\.csv:3: a double quote opens a cell here that"):
        load(tmp_path, text)
    assert "Northern,b 2,Salt,c 3,Low Tide" in [
        " ".join(title.split()) for title in load(tmp_path, text, quoting="double").catalogue.titles
    ]


def test_line_breaks_in_cells_are_read_and_counted(tmp_path: Path) -> None:
    log = load(tmp_path, 'item_id,title\n0,"I, Robot"\n1,"A\nlong, one"\n2,B\n')
    assert len(log.catalogue) == 3
    assert "1 row of items.csv has line breaks in a cell; the first is items.csv:3" in log.notes


def test_backslashes_before_quotes_are_read(tmp_path: Path) -> None:
    log = load(tmp_path, 'item_id,title\n0,"Say \\"no\\", twice"\n1,"I, Robot"\n')
    assert log.catalogue.titles == ('Say "no", twice', "I, Robot")


# ── row shape, headers and encodings ─────────────────────────────────────────────────────────────


def test_rows_with_too_few_cells_are_counted(tmp_path: Path) -> None:
    log = load(tmp_path, "item_id,title,genre\n0,A,x\n1,B\n2,C,y\n3,D\n")
    assert (
        "2 rows of items.csv have too few cells (those that are not there count as empty); "
        "the first is items.csv:3"
    ) in log.notes


def test_long_cells_are_read(tmp_path: Path) -> None:
    text = f"item_id,title,text\n0,A,{'lorem ' * 30_000}\n1,B,x\n,none,y\n"
    log = load(tmp_path, text)
    assert log.catalogue.titles == ("A", "B")
    assert any("items.csv:4" in note for note in log.notes)


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_a_column_without_a_name_is_left_out_with_a_note(tmp_path: Path, name: str) -> None:
    log = load(tmp_path, f"{name},item_id,title\n0,0,A\n1,1,B\n")
    assert [dict(item.attributes) for item in log.catalogue] == [{}, {}]
    assert (
        "1 column of items.csv without a name was left out: 1 of 3, counted from 1"
    ) in log.notes


def test_row_numbers_that_the_header_does_not_count_are_left_out(tmp_path: Path) -> None:
    log = load(tmp_path, 'item_id,title\n"1",0,A\n"2",1,B\n"3",2,C\n')
    assert log.catalogue.titles == ("A", "B", "C")
    assert any("row numbers" in note for note in log.notes)


def test_without_a_header_columns_go_by_number(tmp_path: Path) -> None:
    rows = "151603,0,play,1.0\n151603,1,play,2.0\n151604,0,buy,1.5\n"
    log = load(tmp_path, "item_id,title\n0,A\n1,B\n", rows, user_column="0", item_column="1")
    assert log.histories == {"151603": ("0", "1"), "151604": ("0",)}


def test_a_missing_header_is_said_with_what_columns_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"looks like a row.* 0 \('7'\), 1 \('0'\)"):
        load(tmp_path, "item_id,title\n0,A\n1,B\n", "7,0\n7,1\n8,0\n")


def test_one_column_may_be_id_and_title(tmp_path: Path) -> None:
    rows = "user_id,item_id\na,Alien\na,Brazil\n"
    log = load(tmp_path, "title\nAlien\nBrazil\n", rows, item_id_column="title")
    assert log.catalogue.ids == log.catalogue.titles == ("Alien", "Brazil")


def test_another_script_is_no_western_text(tmp_path: Path) -> None:
    text = "item_id,title\n0,A\n1,Привет\n"
    (tmp_path / "items.csv").write_bytes(text.encode("cp1251"))
    with pytest.raises(DataError, match=r"items\.csv:3: this is neither utf-8 nor cp1252"):
        load(tmp_path, "")
    assert load(tmp_path, "", encoding="cp1251").catalogue.title("1") == "Привет"


def test_a_broken_line_of_utf_8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes("item_id,title\n0,Amélie\n1,".encode() + b"\xe9t\n")
    with pytest.raises(DataError, match=r"items\.csv:2: .*this line is utf-8, others are not"):
        load(tmp_path, "")


def test_an_accent_far_down_is_read_as_cp1252(tmp_path: Path) -> None:
    rows = b"".join(b"%d,Title %d\n" % (row, row) for row in range(30_000))
    (tmp_path / "items.csv").write_bytes(b"item_id,title\n" + rows + b"x,Am\xe9lie\n")
    log = load(tmp_path, "")
    assert log.catalogue.title("x") == "Amélie"
    assert any("as cp1252" in note for note in log.notes)


# ── losses ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("bad", "doubts"), [(1, 0), (2, 1)])
def test_a_tenth_of_the_rows_may_be_lost_without_a_doubt(
    tmp_path: Path, bad: int, doubts: int
) -> None:
    rows = [f"u{row % 3},{row % 2},{row}" for row in range(10 - bad)] + [",1,3", ",0,3"][:bad]
    text = "\n".join(["user_id,item_id,timestamp", *rows])
    log = load(tmp_path, "item_id,title\n0,A\n1,B\n", text)
    assert len(log.doubts) == doubts
    assert all("2 of 10 interactions cannot be used" in doubt for doubt in log.doubts)


def test_times_that_order_few_users_are_a_doubt(tmp_path: Path) -> None:
    rows = "user_id,item_id,timestamp\na,0,5\na,1,5\nb,0,7\nb,1,7\nc,0,1\nc,1,2\n"
    log = load(tmp_path, "item_id,title\n0,A\n1,B\n", rows)
    assert log.doubts == (
        "2 of 3 users of rows.csv have one time for all interactions, so no order is known",
    )
