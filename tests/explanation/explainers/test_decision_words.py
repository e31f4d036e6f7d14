"""Words that begin a text in another language, each as a speaker of it reads them."""

import pytest

from recexplainer.explanation.explainers.decision_words import begins_with, decision_word


@pytest.mark.parametrize(
    ("language", "said", "found"),
    [
        ("German", "Ja, das passt.", ("Yes", "das passt.")),
        (" german ", "**Nein**: das nicht.", ("No", "das nicht.")),
        ("German", "Yes. Das passt.", ("Yes", "Das passt.")),
        ("Danish", "Nej – ikke den.", ("No", "ikke den.")),
        ("Ukrainian", "Так. Це пасує.", ("Yes", "Це пасує.")),
        ("Polish", "Nie polecamy go.", (None, "Nie polecamy go.")),  # "we do not recommend it"
        ("Spanish", "No se recomienda.", (None, "No se recomienda.")),
        ("German", "Jahre: viele.", (None, "Jahre: viele.")),
        ("German", "Oui. Das passt.", (None, "Oui. Das passt.")),
        ("Klingon", "Undecided. je.", ("Undecided", "je.")),
        ("Klingon", "", (None, "")),
    ],
)
def test_the_decision_stands_first_and_before_a_mark(language, said, found):
    assert begins_with(said, language) == found


def test_the_word_that_is_asked_for_is_the_one_that_is_read():
    for language in ("Czech", "Turkish", "Greek", "Portuguese", "Klingon", "English"):
        for decision in ("Yes", "No"):
            said = f"{decision_word(decision, language)}. [T0]"
            assert begins_with(said, language) == (decision, "[T0]")
    assert decision_word(None, "German") == "Undecided"
