"""What is known of users is read, kept apart, and reaches nothing that a recommender reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
from recexplainer.data.movielens_folder import MovieLensFolder, MovieLensFolderOptions
from recexplainer.data.preparation import prepare
from recexplainer.data.split import split
from recexplainer.data.stored_log import load_log, save_log
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress

ITEMS = "item_id,title\n1,Alien\n2,Brazil\n3,Clue\n"
INTERACTIONS = "user_id,item_id,timestamp\na,1,1\na,2,2\na,3,3\nb,2,1\nb,1,2\nb,3,3\nc,1,1\n"
USERS = "user_id,age,country\na,30,Chile\nb,,Peru\nb,44,Cuba\nz,9,Chad\n,1,Mali\n"


def csv(folder: Path, users: str | None = USERS, **options) -> InteractionLog:
    texts = {"items": ITEMS, "interactions": INTERACTIONS, "users": users}
    for name, text in texts.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
            options[name] = folder / f"{name}.csv"
    return CsvDataset(CsvOptions(**options)).load(SilentProgress())


def test_the_first_row_of_each_known_user_counts(tmp_path):
    log = csv(tmp_path)
    assert log.users == {"a": {"age": "30", "country": "Chile"}, "b": {"country": "Peru"}}
    assert any("1 user without a user id was dropped" in note for note in log.notes)
    assert any("1 user whose id an earlier row has" in note for note in log.notes)


def test_columns_are_chosen_and_those_that_name_users_are_left_out(tmp_path):
    rows = "".join(f"u{k},name{k},{k % 3}\n" for k in range(40))
    log = csv(tmp_path, "user_id,name,group\na,Ann,1\n" + rows)
    assert log.users == {"a": {"group": "1"}}
    assert any("'name'" in note and "nearly names each user" in note for note in log.notes)
    assert csv(tmp_path, user_columns=("age",)).users == {"a": {"age": "30"}}


def test_a_missing_column_is_told_before_the_run(tmp_path):
    with pytest.raises(DataError, match="user_columns"):
        csv(tmp_path, user_columns=("city",))
    data = CsvDataset(
        CsvOptions(
            items=tmp_path / "items.csv",
            interactions=tmp_path / "interactions.csv",
            users=tmp_path / "nobody.csv",
        )
    )
    assert any("nobody.csv" in told for told in data.objections())


def test_users_are_stored_apart_and_go_with_users_who_are_dropped(tmp_path):
    log = csv(tmp_path)
    save_log(log, tmp_path / "log")
    assert load_log(tmp_path / "log").users == log.users
    text = (tmp_path / "log" / "histories.jsonl").read_text("utf-8")
    assert "Chile" in (tmp_path / "log" / "users.jsonl").read_text("utf-8")
    assert "Chile" not in text
    save_log(csv(tmp_path, None), tmp_path / "log")
    assert not (tmp_path / "log" / "users.jsonl").exists()


def test_preparation_keeps_them_of_users_who_stay_and_training_has_none(tmp_path):
    rows = [f"u{u},i{(u + k) % 6},{k}" for u in range(6) for k in range(5)]
    (tmp_path / "i.csv").write_text(
        "user_id,item_id,timestamp\n" + "\n".join([*rows, "few,i1,1"]), encoding="utf-8"
    )
    (tmp_path / "t.csv").write_text(
        "item_id,title\n" + "".join(f"i{k},T{k}\n" for k in range(6)), encoding="utf-8"
    )
    (tmp_path / "u.csv").write_text("user_id,city\nu1,Rome\nfew,Oslo\n", encoding="utf-8")

    def prepared(**users):
        options = CsvOptions(interactions=tmp_path / "i.csv", items=tmp_path / "t.csv", **users)
        return prepare(CsvDataset(options).load(SilentProgress()), min_interactions=3)

    log, without = prepared(users=tmp_path / "u.csv"), prepared()
    assert log.users == {"u1": {"city": "Rome"}}
    assert without.users == {}
    made = [split(one, max_history=5, held_out_users=0.2, seed=0) for one in (log, without)]
    assert made[0].training == made[1].training
    assert made[0].evaluated == made[1].evaluated
    assert "Rome" not in repr(made[0].training) + repr(made[0].evaluated) + repr(log.catalogue.ids)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "u.user": "196|49|M|writer|55105\n186|39|F|executive|00000\n",
                "u.data": "196\t1\t3\t1\n186\t1\t4\t2\n",
                "u.item": "1|Kid (1921)|01-Jan-1921||x|" + "|".join("0" * 19) + "\n",
            },
            {
                "196": {"age": "49", "gender": "M", "occupation": "writer"},
                "186": {"age": "39", "gender": "F", "occupation": "executive"},
            },
        ),
        (
            {
                "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n",
                "ratings.dat": "1::1::5::978300760\n2::1::4::978300761\n",
                "movies.dat": "1::Kid, The (1921)::Comedy\n",
            },
            {
                "1": {"age": "1", "gender": "F", "occupation": "10"},
                "2": {"age": "56", "gender": "M", "occupation": "16"},
            },
        ),
    ],
)
def test_movielens_tells_age_gender_and_occupation_but_no_zip_code(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    data = MovieLensFolder(MovieLensFolderOptions(folder=tmp_path))
    assert data.load(SilentProgress()).users == expected
    assert {path.name for path in data.files()} == set(files)
    quiet = MovieLensFolder(MovieLensFolderOptions(folder=tmp_path, users=False))
    assert quiet.load(SilentProgress()).users == {}
    assert len(quiet.files()) == 2


def test_the_bundled_movielens_tells_the_same_of_its_943_users():
    pytest.importorskip("recbole")
    log = MovieLens100K(MovieLens100KOptions()).load(SilentProgress())
    assert len(log.users) == 943
    assert log.users["1"] == {"age": "24", "gender": "M", "occupation": "technician"}
    assert MovieLens100K(MovieLens100KOptions(users=False)).load(SilentProgress()).users == {}
