from __future__ import annotations

import pandas as pd
import pytest

from recexplainer.batch.shards import SharedUsers, shard_of
from recexplainer.batch.user_file import UserRow, user_rows
from recexplainer.errors import DataError


def test_each_kind_of_file_gives_its_rows_in_order(tmp_path) -> None:
    text, comma, table = (tmp_path / f"users.{end}" for end in ("txt", "csv", "parquet"))
    text.write_text("7\n\n é \n", encoding="utf-8")
    comma.write_text('item_id,user_id\n3,7\n,"a,b"\n')
    pd.DataFrame({"user_id": [7, 8], "other": [1, 2]}).to_parquet(table)
    assert list(user_rows(text)) == [UserRow("7"), UserRow("é")]
    assert list(user_rows(comma)) == [UserRow("7", "3"), UserRow("a,b")]
    assert list(user_rows(table)) == [UserRow("7"), UserRow("8")]


def test_what_is_no_file_of_users_is_refused(tmp_path) -> None:
    for name, content, told in (
        ("users.xlsx", b"", "end in .txt, .csv, .parquet"),
        ("users.csv", b"user,item\n1,2\n", "no column user_id; it has: user, item"),
        ("users.txt", b"\xff\xfe\n", "not UTF-8"),
        ("users.parquet", b"no table", "no Parquet file"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=told):
            list(user_rows(tmp_path / name))
    with pytest.raises(DataError, match="no such file"):
        list(user_rows(tmp_path / "none.txt"))


def test_every_row_is_dealt_to_one_shard_in_order(tmp_path) -> None:
    source = tmp_path / "users.txt"
    names = [f"user-{n}" for n in range(1000)]
    source.write_text("\n".join(names))
    shared = SharedUsers(tmp_path / "dealt")
    shared.deal(source, 7, range(7))
    dealt = [[row.user for row in shared.rows(shard)] for shard in range(7)]
    for shard, own in enumerate(dealt):
        assert own == [name for name in names if shard_of(name, 7) == shard]
        assert len(own) > 100
        assert shared.count(shard) == len(own)
    assert shared.count(7) == 0  # of which there is no file


def test_the_shard_of_a_user_is_a_promise() -> None:
    # Computed once by hashlib.blake2b(b"196", digest_size=8), big-endian, modulo 64.
    from hashlib import blake2b

    digest = blake2b(b"196", digest_size=8).hexdigest()
    assert shard_of("196", 64) == int(digest, 16) % 64
