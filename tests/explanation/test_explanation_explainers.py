"""Explainers that ask f alone, on a target whose contributions are known."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import CapabilityError, UserError
from recexplainer.explanation import occlusion, random_control, surrogate
from recexplainer.explanation.checking import check_explanations
from recexplainer.explanation.drafts import choose_draft
from recexplainer.explanation.wording import enumerated, ordinal
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Check, Explanation, HistorySlot, ItemSlot
from recexplainer.records.instructions import explanation_prompt


def _kit(linear, catalogue, **given):
    return ExplainerKit(catalogue, linear, np.zeros(len(catalogue), dtype=np.int64), **given)


def _contributions(linear, catalogue, case):
    column = linear.weights[:, catalogue.row(case.item)]
    return {item: float(column[catalogue.row(item)]) for item in case.history}


def test_occlusion_cites_exactly_the_top_contributors(linear, plain_catalogue, linear_cases):
    kit = _kit(linear, plain_catalogue)
    explainer = occlusion.build(occlusion.OcclusionOptions(cited=3), kit)
    for case, explanation in zip(linear_cases, explainer.explain(linear_cases), strict=True):
        upper = case.rank <= case.candidates / 2 if case.decision is None else None
        sign = 1 if case.decision == "Yes" or upper else -1
        weights = _contributions(linear, plain_catalogue, case)
        carrying = sorted((-sign * weight, item) for item, weight in weights.items())
        expected = tuple(item for weight, item in carrying[:3] if weight < 0)
        assert explanation.cited == expected
        assert explanation.decision == case.decision
        assert explanation.case == case.id


def test_occlusion_effects_equal_the_true_contributions(linear, plain_catalogue, linear_cases):
    explainer = occlusion.build(occlusion.OcclusionOptions(), _kit(linear, plain_catalogue))
    for case, effects in zip(linear_cases, explainer.effects(linear_cases), strict=True):
        truth = _contributions(linear, plain_catalogue, case)
        assert {effect.item: effect.drop for effect in effects} == pytest.approx(truth, abs=1e-5)


def test_what_occlusion_writes_reads_back_as_what_it_found(linear, plain_catalogue, linear_cases):
    options = occlusion.OcclusionOptions(counterfactual=False)
    explainer = occlusion.build(options, _kit(linear, plain_catalogue))
    for case, explanation in zip(linear_cases, explainer.explain(linear_cases), strict=True):
        causes = [claim for claim in explanation.claims if claim.kind == "cause"]
        assert tuple(claim.item for claim in causes) == explanation.cited
        assert all(claim.real for claim in causes)
        stated = [claim.text for claim in explanation.claims if claim.kind == "decision"]
        assert stated == ([case.decision] if case.decision else [])


def test_occlusion_is_more_faithful_than_the_random_control(linear, plain_catalogue, linear_cases):
    kit = _kit(linear, plain_catalogue)
    decided = [case for case in linear_cases if case.decision]

    def mean_drop(explainer) -> float:
        checked = check_explanations(
            list(explainer.explain(decided)), decided, linear, plain_catalogue, seed=0
        )
        drops = [explanation.check("faithfulness_drop") for explanation in checked]
        return float(np.mean([drop for drop in drops if drop is not None]))

    leaning_on = mean_drop(occlusion.build(occlusion.OcclusionOptions(), kit))
    control = mean_drop(random_control.build(random_control.RandomOptions(), kit))
    assert leaning_on > 1.0
    assert abs(control) < 0.3


def test_the_sentence_gives_the_targets_ranks(linear, plain_catalogue, linear_cases):
    case = next(case for case in linear_cases if case.rank == 1)
    options = occlusion.OcclusionOptions(cited=1, counterfactual=False)
    explainer = occlusion.build(options, _kit(linear, plain_catalogue))
    (explanation,) = explainer.explain([case])
    (cited,) = explanation.cited
    left = [[item for item in case.history if item != cited]]
    scores = linear.scores(left)[0]
    row = plain_catalogue.row(case.item)
    unseen = plain_catalogue.rows([i.id for i in plain_catalogue if i.id not in case.history])
    after = 1 + sum(scores[other] > scores[row] for other in unseen)
    change = "rank stays 1" if after == 1 else f"rank 1 to {after}"
    title, cause = plain_catalogue.title(case.item), plain_catalogue.title(cited)
    assert explanation.text == (
        f"Yes: f ranks “{title}” 1st of 32 unseen items. "
        f"Removing “{cause}” ({change}) costs it the most."
    )


def test_random_repeats_for_a_seed_and_cites_the_history(linear, plain_catalogue, linear_cases):
    def explained(seed: int):
        kit = _kit(linear, plain_catalogue, seed=seed)
        explainer = random_control.build(random_control.RandomOptions(cited=2), kit)
        return list(explainer.explain(linear_cases))

    first = explained(0)
    assert first == explained(0) != explained(1)
    for case, explanation in zip(linear_cases, first, strict=True):
        assert len(set(explanation.cited)) == 2
        assert set(explanation.cited) <= set(case.history)
        causes = [claim.item for claim in explanation.claims if claim.kind == "cause"]
        assert tuple(causes) == explanation.cited
    share = np.mean([explanation.decision == "Yes" for explanation in first])
    assert 0.3 < share < 0.7


@pytest.mark.parametrize("module", [occlusion, random_control])
def test_explainers_of_one_voice_refuse_instructions(module, linear, plain_catalogue, linear_cases):
    options = (
        occlusion.OcclusionOptions() if module is occlusion else random_control.RandomOptions()
    )
    explainer = module.build(options, _kit(linear, plain_catalogue))
    with pytest.raises(UserError, match="cannot follow the instruction 'only genres'"):
        explainer.explain(linear_cases, "only genres")


class RecordedSpeaker:
    """Answers from a list and keeps what it was asked."""

    name = "hybrid"

    def __init__(self, texts):
        self.texts, self.asked = iter(texts), []

    def answer(self, questions, contexts, *, max_new_tokens, beams=1, constrained=False, **_):
        assert len(questions) == len(contexts)
        self.asked.append((questions, contexts, max_new_tokens, beams, constrained))
        return [(next(self.texts),) for _ in questions]

    def likelihoods(self, questions, contexts, labels):
        raise AssertionError("explanations are written, not weighed")


def test_the_surrogate_is_asked_the_papers_question_about_each_history(films, film_case, linear):
    other = film_case.model_copy(update={"id": "v", "user": "v", "item": "go"})
    cases = [film_case, other, film_case]
    speaker = RecordedSpeaker(["Yes: “Alien”.", "No, unlike “Space Duck”.", "Hm."])
    options = surrogate.SurrogateOptions(cases_at_once=2, max_new_tokens=50, drafts=1)
    explainer = surrogate.build(options, _kit(linear, films, surrogate=speaker))
    explanations = list(explainer.explain(cases, "only genres"))
    assert [explanation.decision for explanation in explanations] == ["Yes", "No", None]
    assert [explanation.cited for explanation in explanations] == [("alien",), (), ()]
    assert [explanation.explainer for explanation in explanations] == ["hybrid"] * 3
    assert [len(asked[0]) for asked in speaker.asked] == [2, 1]
    for questions, contexts, max_new_tokens, beams, constrained in speaker.asked:
        assert (max_new_tokens, beams, constrained) == (50, 1, False)
        for row, (turn,) in enumerate(questions):
            item = next(part.item for part in turn.content if isinstance(part, ItemSlot))
            shown = next(part.context for part in turn.content if isinstance(part, HistorySlot))
            assert turn.content == explanation_prompt(row, item, "genre")
            assert contexts[shown].history == film_case.history
    assert [turn[0].content[3].item for turn in speaker.asked[0][0]] == ["fargo", "go"]


class Drafting(RecordedSpeaker):
    """Gives each question its greedy text, then texts in the order of a list."""

    def __init__(self, greedy, drawn):
        self.greedy, self.drawn, self.asked = greedy, drawn, []

    def answer(self, questions, contexts, *, max_new_tokens, beams=1, temperature=0.0, **_):
        self.asked.append((len(questions), beams, temperature))
        if temperature == 0:
            return [(self.greedy,) for _ in questions]
        return [tuple(self.drawn[:beams]) for _ in questions]


def _effects(target, catalogue, case):
    """f's loss of score by each item of the history, by asking it."""
    row = catalogue.row(case.item)
    whole = target.scores([list(case.history)])[0, row]
    left = [[item for item in case.history if item != one] for one in case.history]
    return dict(zip(case.history, whole - target.scores(left)[:, row], strict=True))


def test_the_target_picks_the_draft_whose_cited_item_weighs_most(
    linear, plain_catalogue, linear_cases
):
    case = next(c for c in linear_cases if c.decision == "Yes" and len(set(c.history)) > 3)
    effects = _effects(linear, plain_catalogue, case)
    *_, worst = falling = sorted(effects, key=lambda item: -effects[item])

    def says(decision, item):
        return f"{decision}. Its score owes most to “{plain_catalogue.title(item)}”."

    contrary = says("No", falling[0])
    drawn = [contrary, says("Yes", worst), says("Yes", falling[1]), "Yes, by “Nowhere”."]
    speaker = Drafting(says("Yes", worst), drawn)
    options = surrogate.SurrogateOptions(drafts=5, temperature=0.7)
    explainer = surrogate.build(options, _kit(linear, plain_catalogue, surrogate=speaker))
    (explanation,) = explainer.explain([case])
    assert speaker.asked == [(1, 1, 0.0), (1, 4, 0.7)]
    assert explanation.decision == "Yes"
    assert explanation.cited == (falling[1],)
    assert explanation.drafts == 5
    assert explanation.checks == ()


def test_noise_in_the_targets_scores_does_not_choose_between_equals(film_case):
    def draft(text, drop):
        checks = (Check(name="faithfulness_drop", value=drop),)
        return Explanation(
            case=film_case.id, explainer="hybrid", text=text, decision="Yes", checks=checks
        )

    first, noisy, better = draft("a", 0.2), draft("b", 0.2 + 1e-7), draft("c", 0.21)
    assert choose_draft(first, [noisy]) is first
    assert choose_draft(first, [noisy, better]) is better


def test_a_text_that_holds_is_not_asked_for_again(linear, plain_catalogue, linear_cases):
    case = next(c for c in linear_cases if c.decision == "Yes" and len(set(c.history)) > 3)
    effects = _effects(linear, plain_catalogue, case)
    best = plain_catalogue.title(max(effects, key=lambda item: effects[item]))
    speaker = Drafting(f"Yes. Its score owes most to “{best}”.", ["never drawn"] * 4)
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(surrogate.SurrogateOptions(), kit).explain([case])
    assert (explanation.drafts, len(speaker.asked)) == (1, 1)
    unchecked = surrogate.build_unchecked(surrogate.UncheckedOptions(), kit)
    (plain,) = unchecked.explain([case])
    assert plain.text == explanation.text
    assert (plain.explainer, explanation.explainer) == ("hybrid-unchecked", "hybrid")


def test_a_surrogate_explainer_needs_a_surrogate(films, linear):
    with pytest.raises(CapabilityError, match="occlusion"):
        surrogate.build(surrogate.SurrogateOptions(), _kit(linear, films))


def test_a_wrong_instruction_fails_before_anything_is_asked(films, film_case, linear):
    speaker = RecordedSpeaker([])
    kit = _kit(linear, films, surrogate=speaker)
    explainer = surrogate.build(surrogate.SurrogateOptions(), kit)
    with pytest.raises(UserError, match="only genre, only release_year"):
        explainer.explain([film_case], "only platforms")
    assert not speaker.asked


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (112, "112th"),
        (1003, "1,003rd"),
    ],
)
def test_ordinals(number, text) -> None:
    assert ordinal(number) == text


@pytest.mark.parametrize(
    ("parts", "text"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")]
)
def test_lists_in_words(parts, text) -> None:
    assert enumerated(list(parts)) == text
