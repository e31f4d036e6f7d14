"""Every command of the page of recipes, over small files in the layout of the originals.

Three users have three items each, in an order of their own; around these stand rows that count
for nothing. What is right was made by hand.
"""

from __future__ import annotations

import gzip
import json
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pages import ROOT

from recexplainer import default_plugins, load_config
from recexplainer.cli.main import recx
from recexplainer.data.preparation import prepare
from recexplainer.pipeline.execution.named_parts import partial_plan
from recexplainer.plugins.manager import load_registry
from recexplainer.records import InteractionLog, SilentProgress

PAGE = ROOT / "docs" / "how-to" / "data-recipes.md"
ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
"""The items of each user, oldest first."""
ROWS = [(user, item, step) for user, order in enumerate(ORDERS) for step, item in enumerate(order)]
LATEST_FIRST = sorted(ROWS, key=lambda row: -row[2])


def commands() -> list[str]:
    """Return the page's commands, one line each."""
    found = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s*\\\n\s*", " ", text).strip() for text in found]


def write(name: str, lines: Sequence[str], encoding: str = "utf-8", end: str = "\n") -> None:
    """Write lines, packed as the name says."""
    content = "".join(f"{line}{end}" for line in lines).encode(encoding)
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


def histories(users: Sequence[str], items: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what each user has, oldest first."""
    return {
        user: tuple(items[item] for item in order)
        for user, order in zip(users, ORDERS, strict=True)
    }


# ── Amazon ───────────────────────────────────────────────────────────────────────────────────────

OLD_USERS = ("A2SUAM1J3GNN3B", "A1VXOAVRGKGEAK", "AAP7PPBU72QFM")
ASINS = ("B000000001", "0700026657", "B000000003")
NEW_USERS = ("AGKASBHYZPGTEPO6LWZPVJWB2BVA", "AHV6QCNBJNSGLATP56JAWJ3C4G2A", "AF1")
SECONDS = 1_400_000_000
DAY = 86_400


def metadata_2014() -> None:
    items = [
        {"asin": asin, "title": f"Game & {n}", "brand": "Sega", "imUrl": "http://x/1.jpg"}
        | {"categories": [["Video Games", "PC"], ["Video Games", "Mac"]], "price": 9.99}
        for n, asin in enumerate(ASINS)
    ]
    write("meta_Video_Games.json.gz", [repr(item) for item in items])


def metadata_2018() -> None:
    items = [
        {"category": ["Video Games", "PC"], "title": f"Game &amp; {n}", "also_buy": []}
        | {"brand": "by Sega", "asin": asin}
        for n, asin in enumerate(ASINS)
    ]
    write("meta_Video_Games.json.gz", [json.dumps(item) for item in items])


def metadata_2023() -> None:
    items = [
        {"main_category": "Video Games", "title": f"Game & {n}", "price": "None", "store": "Sega"}
        | {"categories": ["Video Games", "PC"], "parent_asin": asin}
        for n, asin in enumerate(ASINS)
    ]
    write("meta_Video_Games.jsonl.gz", [json.dumps(item) for item in items])


def amazon_reviews_2023() -> tuple[dict, str]:
    metadata_2023()
    reviews = [
        {"rating": 5.0, "title": "x", "text": "y", "asin": "B0VARIANT0"}
        | {"parent_asin": ASINS[i], "user_id": NEW_USERS[u], "timestamp": (SECONDS + t) * 1000}
        for u, i, t in LATEST_FIRST
    ]
    write("Video_Games.jsonl.gz", [json.dumps(review) for review in reviews])
    return histories(NEW_USERS, ASINS), "as reviews of 2023"


def amazon_ratings_2023() -> tuple[dict, str]:
    metadata_2023()
    rows = [f"{NEW_USERS[u]},{ASINS[i]},5.0,{(SECONDS + t) * 1000}," for u, i, t in LATEST_FIRST]
    rows[0] += " ".join(ASINS[:2])
    write("Video_Games.csv.gz", ["user_id,parent_asin,rating,timestamp,history", *rows])
    return histories(NEW_USERS, ASINS), "as ratings of 2023"


def amazon_ratings_2014() -> tuple[dict, str]:
    metadata_2014()
    rows = [f"{OLD_USERS[u]},{ASINS[i]},5.0,{SECONDS + t}" for u, i, t in LATEST_FIRST]
    write("ratings_Video_Games.csv", rows)
    return histories(OLD_USERS, ASINS), "as ratings of 2014"


def amazon_ratings_2018() -> tuple[dict, str]:
    metadata_2018()
    rows = [f"{ASINS[i]},{OLD_USERS[u]},5.0,{SECONDS + t}" for u, i, t in LATEST_FIRST]
    write("Video_Games.csv", rows)
    return histories(OLD_USERS, ASINS), "as ratings of 2018"


# ── Steam ────────────────────────────────────────────────────────────────────────────────────────

GAMES = ("10", "20", "30")
TITLES = ("Counter-Strike", "The Elder Scrolls V Skyrim", "Don't Starve")


def steam_games() -> None:
    games = [
        {"app_name": title, "title": title, "id": game, "genres": ["Action"], "price": 9.99}
        for game, title in zip(GAMES, TITLES, strict=True)
    ]
    write("steam_games.json.gz", [repr(game) for game in games])


def steam_reviews() -> tuple[dict, str]:
    steam_games()
    reviews = [
        {"username": f"U{u}", "product_id": GAMES[i], "date": f"2017-12-{t + 1:02}", "hours": 3.5}
        for u, i, t in LATEST_FIRST
    ]
    write("steam_reviews.json.gz", [repr(review) for review in reviews])
    return histories(("U0", "U1", "U2"), GAMES), "as one review per line"


def steam_libraries() -> tuple[dict, str]:
    users = [
        {"user_id": f"u{u}", "items_count": 3, "steam_id": "7", "user_url": "http://x", "items": [
            {"item_id": GAMES[i], "item_name": TITLES[i], "playtime_forever": 90 * i,
             "playtime_2weeks": 0} for i in order]}
        for u, order in enumerate(ORDERS)
    ]  # fmt: skip
    users.append({**users[0], "user_id": "nobody", "items_count": 0, "items": []})
    write("australian_users_items.json.gz", [repr(user) for user in users])
    return histories(("u0", "u1", "u2"), GAMES), "as one user's library per line"


def steam_user_reviews() -> tuple[dict, str]:
    steam_games()
    users = []
    for u in range(3):
        reviews = [
            {"funny": "", "posted": f"Posted July {t + 1}, 2011.", "last_edited": ""}
            | {"item_id": GAMES[i], "helpful": "", "recommend": True, "review": "Don't"}
            for user, i, t in LATEST_FIRST
            if user == u
        ]
        users.append({"user_id": f"u{u}", "user_url": "http://x", "reviews": reviews})
    users[0]["reviews"].append({**users[0]["reviews"][0], "item_id": "10", "recommend": False})
    write("australian_user_reviews.json.gz", [repr(user) for user in users])
    return histories(("u0", "u1", "u2"), GAMES), "below 1 was left out"


def steam_recommendations() -> tuple[dict, str]:
    head = "app_id,title,date_release,win,mac,linux,rating,positive_ratio,user_reviews,price_final"
    games = [
        f'{game},"{title}",2014-06-12,true,true,false,Very Positive,90,100,9.99'
        for game, title in zip(GAMES, TITLES, strict=True)
    ]
    write("games.csv", [head, *games])
    rows = [
        f"{GAMES[i]},0,0,2020-12-{t + 10},{'true' if i else 'false'},36.3,5{u},{row}"
        for row, (u, i, t) in enumerate(LATEST_FIRST)
    ]
    head = "app_id,helpful,funny,date,is_recommended,hours,user_id,review_id"
    write("recommendations.csv", [head, *rows])
    return histories(("50", "51", "52"), GAMES), "as a table of recommendations"


def steam_played() -> tuple[dict, str]:
    rows = []
    for u, i, _ in ROWS:
        rows.append(f'15160371{u},"{TITLES[i]}",purchase,1.0,0')
        if i:
            rows.append(f'15160371{u},"{TITLES[i]}",play,{i}73.0,0')
    write("steam-200k.csv", rows)
    users = [f"15160371{u}" for u in range(3)]
    return histories(users, TITLES), "as a table of purchases and hours played"


# ── tables ───────────────────────────────────────────────────────────────────────────────────────

SHA = ("8842281e1d1347389f2ab93d60773d4d", "72d2df4c3a2e4d9d8f1b", "0ff1ce")


def books(name: str) -> None:
    shelves = [{"count": "17", "name": "to-read"}, {"count": "3", "name": "poetry"}]
    listed = [
        {"isbn": "0312853122", "series": [], "popular_shelves": shelves, "publisher": "Knopf"}
        | {"authors": [{"author_id": "604031", "role": ""}], "book_id": f"70{n}"}
        | {"title": f"Poems, {n}", "title_without_series": f"Poems, {n}"}
        for n in range(3)
    ]
    write(name, [json.dumps(book) for book in listed])


def goodreads_table() -> tuple[dict, str]:
    books("goodreads_books.json.gz")
    write("book_id_map.csv", ["book_id_csv,book_id", "0,700", "1,701", "2,702"])
    write("user_id_map.csv", ["user_id_csv,user_id", *(f"{n},{sha}" for n, sha in enumerate(SHA))])
    rows = [f"{u},{i},1,5,0" for u, i, _ in ROWS]
    write("goodreads_interactions.csv", ["user_id,book_id,is_read,rating,is_reviewed", *rows])
    return histories(SHA, ("700", "701", "702")), "its order is taken as time's"


def goodreads_lines() -> tuple[dict, str]:
    books("goodreads_books_poetry.json.gz")
    rows = [
        {"user_id": SHA[u], "book_id": f"70{i}", "review_id": "a", "is_read": True, "rating": 5}
        | {"date_added": f"{day} 13:41:57 -0700 2016", "read_at": "", "started_at": ""}
        for u, i, t in LATEST_FIRST
        for day in [("Sun Jul 31", "Mon Aug 01", "Tue Aug 02")[t]]
    ]
    low = {**rows[0], "date_added": "Fri Jul 01 00:00:00 -0700 2016", "rating": 2}
    write("goodreads_interactions_poetry.json.gz", [json.dumps(row) for row in [low, *rows]])
    return histories(SHA, ("700", "701", "702")), "'%a %b %d %H:%M:%S %z %Y'"


def artists() -> None:
    rows = [f"{n + 1}\tBeyoncé {n}\thttp://www.last.fm/{n}\thttp://x/{n}.jpg" for n in range(3)]
    write("artists.dat", ["id\tname\turl\tpictureURL", *rows])


def hetrec_plays() -> tuple[dict, str]:
    artists()
    rows = [f"{u + 2}\t{i + 1}\t{13883 - t}" for u, i, t in ROWS]
    write("user_artists.dat", ["userID\tartistID\tweight", *rows], end="\r\n")
    return histories("234", "123"), "its order is taken as time's"


def hetrec_tags() -> tuple[dict, str]:
    artists()
    rows = [
        f"{u + 2}\t{i + 1}\t{tag}\t{(1_238_536_800 + t * 30 * DAY) * 1000}"
        for u, i, t in LATEST_FIRST
        for tag in (13, 15)
    ]
    head = "userID\tartistID\ttagID\ttimestamp"
    write("user_taggedartists-timestamps.dat", [head, *rows], end="\r\n")
    return histories("234", "123"), "9 interactions repeating an earlier row"


MBIDS = [f"3bd73256-3905-4f3a-97e2-8b341527f80{n}" for n in range(3)]
NAMES = ('"Weird Al" Yankovic', "die Ärzte", "Guns N' Roses, live")


def lastfm_360k() -> tuple[dict, str]:
    rows = [f"{SHA[u]}\t{MBIDS[i]}\t{NAMES[i]}\t{2137 - t}" for u, i, t in ROWS]
    write("usersha1-artmbid-artname-plays.tsv", [*rows, f"{SHA[0]}\t\tunknown artist\t3"])
    return histories(SHA, MBIDS), "1 interaction without an item id"


def lastfm_1k() -> tuple[dict, str]:
    rows = [
        f"user_00000{u}\t2009-05-0{t + 4}T23:08:57Z\t{MBIDS[i]}\t{NAMES[i]}\t\tSong {i}"
        for u, i, t in LATEST_FIRST
    ]
    again = f"user_000000\t2009-05-09T00:00:00Z\t{MBIDS[0]}\t{NAMES[0]}\t\tAnother song"
    write("userid-timestamp-artid-artname-traid-traname.tsv", [again, *rows])
    found = histories([f"user_00000{u}" for u in range(3)], MBIDS)
    found["user_000000"] += (MBIDS[0],)  # ``prepare`` drops it
    return found, "1 interaction with an item that the user already had"


ISBNS = ("0195153448", "000225929X", "0060973129")


def book_crossing() -> tuple[dict, str]:
    titles = ("Clara Callan: A Novel", r"\"Surely; You're Joking\"", "Bj\xf6rk &amp; Co")
    head = '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S"'
    rows = [
        f'"{isbn}";"{title}";"Richard Wright";"2001";"HarperFlamingo";"http://x/1.jpg"'
        for isbn, title in zip(ISBNS, titles, strict=True)
    ]
    write("BX-Books.csv", [head, *rows], encoding="latin-1", end="\r\n")
    ratings = [f'"27672{u}";"{ISBNS[i]}";"{5 + i}"' for u, i, _ in ROWS]
    more = ['"276720";"0155061224";"5"', '"276721";"034545104X";"7"', '"276722";"0195153448";"0"']
    write("BX-Book-Ratings.csv", ['"User-ID";"ISBN";"Book-Rating"', *ratings, *more], "latin-1")
    users = ["276720", "276721", "276722"]
    return histories(users, ISBNS), "2 interactions of items that are not listed"


def mind() -> tuple[dict, str]:
    news = [
        f'N{n}\tsports\tgolf\tThe "big {n}\tAn abstract\thttps://x/{n}.html\t[]\t[{{"a": 1}}]'
        for n in range(3)
    ]
    write("news.tsv", news)
    rows = [
        "2\tU0\t11/15/2019 1:00:00 PM\tN0 N1\tN2-1 N0-0",
        "1\tU0\t11/15/2019 9:05:58 AM\tN0 N1\tN2-0 N1-0",
        "3\tU1\t11/11/2019 8:00:00 AM\tN1\tN0-0 N2-1",
        "4\tU1\t11/12/2019 8:00:00 AM\tN1\tN0-1 N2-0",
        "5\tU2\t11/14/2019 12:30:00 PM\t\tN0-1 N1-0",
        "6\tU2\t11/14/2019 8:30:00 PM\t\tN0-0 N1-1",
        "7\tU2\t11/14/2019 12:10:00 AM\t\tN1-0 N2-1",
    ]
    write("behaviors.tsv", rows)
    return histories(("U0", "U1", "U2"), ("N0", "N1", "N2")), "data set     mind"


def hm() -> tuple[dict, str]:
    articles = ("0108775015", "0663713001", "0541518023")
    head = (
        "article_id,product_code,prod_name,product_type_no,product_type_name,colour_group_name,"
        "department_name,detail_desc"
    )
    rows = [
        f'{article},0108775,Strap top {n},253,Vest top,Black,Jersey Basic,"Jersey top, narrow"'
        for n, article in enumerate(articles)
    ]
    write("articles.csv", [head, *rows])
    bought = [
        f"2018-09-{20 + t},{SHA[u]},{articles[i]},0.0508305084745762,2" for u, i, t in LATEST_FIRST
    ]
    write(
        "transactions_train.csv", ["t_dat,customer_id,article_id,price,sales_channel_id", *bought]
    )
    return histories(SHA, articles), "data set"


def anime() -> tuple[dict, str]:
    rows = [
        f'{32281 + n},Gintama&#039; {n},"Drama, Romance, School",Movie,1,9.37,200630'
        for n in range(3)
    ]
    write("anime.csv", ["anime_id,name,genre,type,episodes,rating,members", *rows])
    rated = [f"{u + 1},{32281 + i},{-1 if i == 1 else 8}" for u, i, _ in ROWS]
    write("rating.csv", ["user_id,anime_id,rating", *rated])
    return histories("123", ("32281", "32282", "32283")), 'now "Gintama\' 0"'


FILES: Sequence[Callable[[], tuple[dict, str]]] = (
    *(amazon_reviews_2023, amazon_ratings_2023, amazon_ratings_2014, amazon_ratings_2018),
    *(steam_reviews, steam_libraries, steam_user_reviews, steam_recommendations, steam_played),
    *(goodreads_table, goodreads_lines, hetrec_plays, hetrec_tags, lastfm_360k, lastfm_1k),
    *(book_crossing, mind, hm, anime),
)
"""What writes the files of each command, in the page's order; returns the histories, and a part of
what is told."""


def read(command: str) -> InteractionLog:
    """Return the log that the command reads."""
    words = shlex.split(command)
    settings = [f"dataset.name={words[2]}", *words[4::2]]
    registry = load_registry([default_plugins], entry_points=False)
    part = partial_plan(load_config(overrides=settings), registry).dataset
    return part.provider.build(part.options, None).load(SilentProgress())


def test_every_command_has_files() -> None:
    assert len(commands()) == len(FILES)


@pytest.mark.parametrize("number", range(len(FILES)), ids=lambda number: FILES[number].__name__)
@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "zstd"])
def test_a_recipe_reads_its_data_set(
    number: int, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected, told = FILES[number]()
    command = commands()[number]
    if packed:  # another packing under the same name
        for file in tmp_path.iterdir():
            content = file.read_bytes()
            plain = gzip.decompress(content) if file.suffix == ".gz" else content
            file.write_bytes(pa.Codec("zstd").compress(plain, asbytes=True))
    log = read(command)
    assert log.histories == expected
    ready = prepare(log, min_interactions=3)
    assert (len(ready.histories), len(ready.catalogue), ready.interactions) == (3, 3, 9)
    arguments = [*shlex.split(command)[1:], "--set", "dataset.min_interactions=3"]
    shown = CliRunner().invoke(recx, arguments, catch_exceptions=False)
    assert shown.exit_code == 0
    assert told in shown.output
    assert "prepared     3 users, 3 items, 9 interactions" in shown.output
    assert "a run stops at doubts" not in shown.output


def test_what_items_are_called_and_share(tmp_path, monkeypatch) -> None:
    """Titles and attributes of the layouts in which these are hard to come by."""
    monkeypatch.chdir(tmp_path)
    shown = {}
    for number, make in enumerate(FILES):
        make()
        item = prepare(read(commands()[number]), min_interactions=3).catalogue[1]
        shown[make.__name__] = item.title, dict(item.attributes)
    game = {"brand": ("Sega",), "category": ("Video Games", "PC", "Mac")}
    assert shown["amazon_ratings_2014"] == ("Game & 1", game)
    assert shown["amazon_ratings_2018"] == ("Game & 1", {**game, "category": ("Video Games", "PC")})
    assert shown["steam_libraries"] == (TITLES[1], {})
    assert shown["steam_recommendations"] == (TITLES[1], {"rating": ("Very Positive",)})
    book = {"popular_shelves": ("to-read", "poetry"), "publisher": ("Knopf",)}
    assert shown["goodreads_lines"] == ("Poems, 1", book)
    assert shown["lastfm_360k"] == ("die Ärzte", {})
    title, attributes = shown["book_crossing"]
    assert title.strip('"') == "Surely, You're Joking"
    assert attributes["Book-Author"] == ("Richard Wright",)
    assert shown["mind"] == ('The "big 1', {"category": ("sports",), "subcategory": ("golf",)})
    assert shown["anime"][1]["genre"] == ("Drama", "Romance", "School")


@pytest.mark.parametrize(
    ("make", "column", "left_out"),
    [(anime, "rating", "32282"), (goodreads_table, "is_read", "701")],
)
def test_what_was_not_rated_or_read_is_left_out_where_that_is_asked_for(
    make, column: str, left_out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected, _ = make()
    if make is goodreads_table:
        rows = [f"{u},{i},{int(i != 1)},0,0" for u, i, _ in ROWS]
        write("goodreads_interactions.csv", ["user_id,book_id,is_read,rating,is_reviewed", *rows])
    limit = f"--set dataset.options.rating_column={column} --set dataset.options.rating_at_least=1"
    log = read(f"{commands()[FILES.index(make)]} {limit}")
    assert log.histories == {
        user: tuple(item for item in history if item != left_out)
        for user, history in expected.items()
    }
