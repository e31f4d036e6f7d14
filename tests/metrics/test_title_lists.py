import pytest

from recexplainer.metrics import join_titles, same_title, split_titles


@pytest.mark.parametrize(
    ("one", "other"),
    [("Heat (1995)", "heat (1995)"), ("  Heat (1995)\n", "Heat (1995)"), ("STRASSE", "straße")],
)
def test_titles_match_but_for_case_and_outer_space(one, other):
    assert same_title(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heat (1995)", "Heat"),
        ("Heat (1995)", "Heat (1995)."),
        ("Heat  (1995)", "Heat (1995)"),
        ("Heat (1995)", ""),
    ],
)
def test_nothing_else_matches(one, other):
    assert not same_title(one, other)


def test_splitting_undoes_joining():
    titles = ["Good, the Bad and the Ugly, The (1966)", "Se7en; or so", "Heat (1995)"]
    assert split_titles(join_titles(titles), titles) == titles


def test_without_the_catalogue_every_separator_splits():
    assert split_titles("Se7en; or so; Heat (1995)") == ["Se7en", "or so", "Heat (1995)"]


def test_the_longest_title_of_the_catalogue_is_kept_whole():
    catalogue = ["a; b", "a; b; c", "d"]
    assert split_titles("a; b; c; a; b; d", catalogue) == ["a; b; c", "a; b", "d"]


@pytest.mark.parametrize("last", ["Say &quot;Hi&quot;", "one; two;", "Heat"])
def test_a_last_title_keeps_the_semicolon_that_is_its_own(last):
    catalogue = ["Say &quot;Hi&quot;", "one; two;", "Heat", "eat;"]
    answer = join_titles(["Say &quot;Hi&quot;", last])
    assert split_titles(answer, catalogue) == ["Say &quot;Hi&quot;", last]
    assert split_titles(answer + ";", catalogue) == ["Say &quot;Hi&quot;", last]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", []),
        (" \n", []),
        ("; ; a; ", ["a"]),
        ("a; b;", ["a", "b"]),
        ("Steins;Gate", ["Steins;Gate"]),
    ],
)
def test_empty_pieces_are_left_out_and_inner_semicolons_kept(text, titles):
    assert split_titles(text) == titles
