"""Too long conversations lose whole titles, the oldest first, and never a slot or a vector."""

import re

import pytest

from recexplainer.alignment.modes import render
from recexplainer.errors import UserError
from recexplainer.records import Context, HistorySlot, SilentProgress, Text, Turn, ask
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.encoded_corpus import Counts
from recexplainer.surrogate.corpus.training_folder import prepare, read_counts
from recexplainer.surrogate.corpus.truncation import Fitter
from recexplainer.surrogate.model.token_encoder import Encoder
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate


@pytest.fixture(scope="module")
def encoder(byte_level, chatml):
    return Encoder(byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)))


@pytest.fixture(scope="module")
def long_one(catalogue):
    """All twelve titles, in the combined form, and an answer that names none of them."""
    contexts = [Context("u", 12, catalogue.ids, "train")]
    turns = ask((Text("After "), HistorySlot(0), Text(", what is next?")), "Nothing")
    return render(turns, contexts, catalogue, "combined")


def noting(fitter):
    """Return ``fitter``, and what it will have cut."""
    cuts = []
    fitter.noted = lambda _, cut: cuts.append(cut)
    return fitter, cuts


def question_text(encoder, encoded):
    return encoder.tokenizer.decode(encoded.ids[: encoded.labelled.index(True)])


@pytest.mark.parametrize("lost", range(12))
def test_as_few_of_the_oldest_titles_go_as_it_takes(lost, encoder, long_one, catalogue):
    """At every limit between two lengths, counted by encoding the remaining titles anew."""
    lengths = [len(encoder.conversations([long_one.without(k)])[0].ids) for k in range(12)]
    fitter, cuts = noting(Fitter(encoder, lengths[lost]))
    (fitted,) = fitter.fit([long_one])
    assert len(fitted.ids) <= fitter.limit
    kept = re.search(r"After .(.*), what", question_text(encoder, fitted))[1]
    assert kept == "; ".join(catalogue.titles[lost:])
    assert fitted.ids.count(encoder.user_id) == 1
    assert cuts == ["shortened"] * int(lost > 0)


def test_one_token_less_than_one_title_needs_is_too_little(encoder, long_one):
    shortest = len(encoder.conversations([long_one.without(11)])[0].ids)
    fitter, noted = Fitter(encoder, shortest - 1), []
    fitter.noted = lambda *told: noted.append(told)
    assert fitter.fit([long_one]) == [None]
    assert noted == [(long_one, "skipped")]


def test_room_for_an_answer_is_left(encoder, long_one):
    whole = len(encoder.conversations([long_one])[0].ids)
    (fitted,) = Fitter(encoder, whole).fit([long_one], spare=10)
    assert len(fitted.ids) <= whole - 10


@pytest.mark.parametrize(("answer", "learned"), [(0, False), (11, True)], ids=["oldest", "latest"])
def test_no_answer_is_learned_that_names_what_was_dropped(answer, learned, encoder, catalogue):
    contexts = [Context("u", 12, catalogue.ids, "train")]
    turns = ask((Text("After "), HistorySlot(0), Text("?")), f"{catalogue.titles[answer]}, say")
    rendered = render(turns, contexts, catalogue, "behavior")
    whole = len(encoder.conversations([rendered])[0].ids)
    fitter, cuts = noting(Fitter(encoder, whole - 1))
    (fitted,) = fitter.fit([rendered])
    assert (fitted is not None) is learned
    assert cuts == ["shortened" if learned else "skipped"]


def write_corpus(folder, corpus, rendered):
    from datasets import Dataset, load_from_disk

    known = load_from_disk(str(corpus / "train"))
    row = {
        "id": "long",
        "task": "next",
        "form": rendered.form,
        "roles": [turn.role for turn in rendered.turns],
        "texts": [turn.text for turn in rendered.turns],
        "context_rows": [0],
        "item_rows": [],
        "droppable": [number for span in rendered.droppable for number in span],
        "liked_rows": [],
        "liked_shares": [],
        "labels": [],
        "label_shares": [],
    }
    Dataset.from_list([*known.to_list(), row]).save_to_disk(folder / "train")
    (folder / "vectors.safetensors").write_bytes((corpus / "vectors.safetensors").read_bytes())


def test_training_counts_what_it_shortened(corpus, long_one, settings, catalogue, tmp_path):
    write_corpus(tmp_path / "corpus", corpus, long_one)
    limited = settings.model_copy(update={"max_tokens": 40})
    titles, out = catalogue.titles, tmp_path / "out"
    prepare(tmp_path / "corpus", out, limited, titles=titles, progress=SilentProgress())
    encoded = EncodedCorpus.load(out / "encoded.safetensors")
    assert read_counts(out) == Counts(shortened=1)
    assert len(encoded) == 51
    assert encoded.lengths.max() <= 40
    assert encoded[50]["contexts"].tolist() == [0]


def test_a_context_too_short_for_everything_is_refused(corpus, settings, catalogue, tmp_path):
    limited = settings.model_copy(update={"max_tokens": 4})
    with pytest.raises(UserError, match=r"max_tokens: no example fits into the 4 tokens"):
        prepare(corpus, tmp_path, limited, titles=catalogue.titles, progress=SilentProgress())
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize(("given", "context"), [(None, 2048), (40, 40), (5000, 2048)])
def test_the_context_is_what_was_asked_for_or_the_models_own(given, context, settings, vectors):
    limited = settings.model_copy(update={"max_tokens": given})
    model, _ = build_surrogate(
        limited, titles=("a",), texts=(), user_vectors=vectors[0], item_vectors=vectors[1]
    )
    assert model.config.context == context


def test_questions_are_shortened_too(speaker_in, catalogue):
    contexts = [Context("u", 12, catalogue.ids, "train"), Context("v", 1, ("i10",), "train")]
    asked = [(Turn("user", (HistorySlot(row), Text("?"))),) for row in (0, 1)]
    speaker = speaker_in("combined")
    limit = 4 + len(
        speaker.encoder.questions([render(asked[1], contexts, catalogue, "combined")])[0]
    )
    shortened = speaker_in("combined")
    shortened.fitter, cuts = noting(Fitter(shortened.encoder, limit + 12))
    answers = shortened.answer(asked, contexts, max_new_tokens=4)
    assert answers[1] == speaker.answer(asked, contexts, max_new_tokens=4)[1]
    assert answers[0] != ("",)
    assert cuts == ["shortened"]


def test_a_question_that_cannot_fit_is_not_answered(speaker_in, contexts):
    asked = [(Turn("user", (Text("Why? " * 200),)),), (Turn("user", (Text("Why?"),)),)]
    speaker = speaker_in("behavior")
    speaker.fitter, cuts = noting(Fitter(speaker.encoder, 100))
    answers = speaker.answer(asked, contexts, max_new_tokens=4, beams=2)
    assert answers[0] == ("", "")
    assert any(answers[1])
    scores = speaker.likelihoods(asked, contexts, [("Yes", "No")] * 2)
    assert scores[0].tolist() == [0.0, 0.0]
    assert (scores[1] < 0).all()
    assert cuts == ["skipped"] * 2


def test_an_answer_longer_than_the_context_is_refused(speaker_in, contexts):
    speaker = speaker_in("behavior")
    speaker.fitter = Fitter(speaker.encoder, 100)
    with pytest.raises(UserError, match=r"100 tokens leaves no room .* lower max_new_tokens"):
        speaker.answer([(Turn("user", (Text("Why?"),)),)], contexts, max_new_tokens=100)
