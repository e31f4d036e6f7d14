"""Constrained beams against brute force: every title of the catalogue scored one by one."""

import pytest
import torch

from recexplainer.records import Catalogue
from recexplainer.surrogate.generation.title_trie import NothingTwice, TitleTrie


def ids_of(tokenizer, title):
    return [*tokenizer(title, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]


@pytest.fixture
def brute_force(speaker_in, log_probability, catalogue):
    """Rank all titles by log-probability, the end token included: ``brute_force(form, k)``."""
    tokenizer = speaker_in("behavior").tokenizer

    def rank(form, k, titles=catalogue.titles):
        return sorted(titles, key=lambda t: -log_probability(form, k, ids_of(tokenizer, t)))

    return rank


def test_titles_here_are_of_unlike_lengths(speaker_in, catalogue):
    """Or else no test below could tell a probability from a mean per token."""
    tokenizer = speaker_in("behavior").tokenizer
    assert len({len(ids_of(tokenizer, title)) for title in catalogue.titles}) >= 3


@pytest.mark.parametrize("form", ["behavior", "combined"])
def test_with_a_beam_per_title_beams_are_the_exact_ranking(
    form, speaker_in, questions, contexts, catalogue, brute_force
):
    speaker = speaker_in(form)
    answers = speaker.answer(
        questions, contexts, max_new_tokens=2, beams=len(catalogue), constrained=True
    )
    for k in range(0, len(questions), 3):
        assert answers[k] == tuple(brute_force(form, k))


def test_five_beams_give_five_titles_best_first(
    speaker_in, questions, contexts, catalogue, brute_force
):
    answers = speaker_in("combined").answer(
        questions, contexts, max_new_tokens=2, beams=5, constrained=True
    )
    best = []
    for k, titles in enumerate(answers):
        assert len(set(titles)) == 5
        assert set(titles) <= set(catalogue.titles)
        order = brute_force("combined", k)
        assert list(titles) == [title for title in order if title in titles]
        best.append(titles[0] == order[0])
    assert sum(best) > len(best) / 2  # beams of an untrained model may lose a title's beginning


def test_one_beam_ends_in_a_title(speaker_in, questions, contexts, catalogue):
    answers = speaker_in("behavior").answer(
        questions, contexts, max_new_tokens=1, beams=1, constrained=True
    )
    assert {title for (title,) in answers} <= set(catalogue.titles)


def test_more_beams_than_titles_answer_every_title_first(
    speaker_in, questions, contexts, catalogue, brute_force
):
    few = Catalogue(list(catalogue)[:3])
    speaker = speaker_in("behavior", catalogue=few)
    (answers,) = speaker.answer(
        questions[4:5], contexts, max_new_tokens=2, beams=5, constrained=True
    )
    assert answers[:3] == tuple(brute_force("behavior", 4, few.titles))


def trie_of(tokenizer, titles):
    return TitleTrie(
        tokenizer(list(titles), add_special_tokens=False)["input_ids"], tokenizer.eos_token_id
    )


def walk(trie, start, prefix):
    return trie.allowed_after(start)(0, torch.tensor([*range(900, 900 + start), *prefix]))


def test_the_trie_allows_titles_and_nothing_else(speaker_in, catalogue):
    """Every way through the trie, taken to its end, is the list of titles."""
    tokenizer = speaker_in("behavior").tokenizer
    end = tokenizer.eos_token_id
    trie = trie_of(tokenizer, catalogue.titles)
    found, open_paths = [], [()]
    while open_paths:
        path = open_paths.pop()
        for token in walk(trie, 4, path):
            (found if token == end else open_paths).append((*path, token))
    assert sorted(found) == sorted(tuple(ids_of(tokenizer, t)) for t in catalogue.titles)


def test_depth_is_the_longest_title_with_its_end(speaker_in, catalogue):
    tokenizer = speaker_in("behavior").tokenizer
    trie = trie_of(tokenizer, catalogue.titles)
    assert trie.depth == max(len(ids_of(tokenizer, title)) for title in catalogue.titles)


def test_off_the_trie_only_the_end_is_allowed(speaker_in, catalogue):
    tokenizer = speaker_in("behavior").tokenizer
    trie = trie_of(tokenizer, catalogue.titles[:2])
    whole = ids_of(tokenizer, catalogue.titles[0])
    assert walk(trie, 2, [tokenizer.pad_token_id]) == [tokenizer.eos_token_id]
    assert walk(trie, 2, whole) == [tokenizer.eos_token_id]
    assert walk(trie, 2, [*whole, tokenizer.pad_token_id]) == [tokenizer.eos_token_id]


def test_nothing_said_is_said_again_but_the_separator():
    guard = NothingTwice(start=3, repeated=[0, 1])
    ids = torch.tensor([[7, 8, 9, 4, 1, 5], [4, 5, 6, 1, 1, 7]])  # three tokens of question each
    guarded = guard(ids, torch.zeros(2, 10))
    assert guarded.isinf().nonzero().tolist() == [[0, 4], [0, 5], [1, 7]]


def test_distinct_answers_repeat_no_token(speaker_in, questions, contexts, monkeypatch):
    speaker = speaker_in("behavior")
    allowed = {speaker.tokenizer.eos_token_id, speaker.tokenizer.pad_token_id}
    allowed |= set(speaker.model.config.said_again)
    decode, said = speaker.tokenizer.batch_decode, []
    monkeypatch.setattr(
        speaker.tokenizer, "batch_decode", lambda ids, **_: said.extend(ids.tolist()) or decode(ids)
    )

    def most_repeats(*, distinct):
        said.clear()
        speaker.answer(questions, contexts, max_new_tokens=25, distinct=distinct)
        return max(ids.count(token) for ids in said for token in ids if token not in allowed)

    assert most_repeats(distinct=False) > 1  # an untrained model falls into loops
    assert most_repeats(distinct=True) == 1
