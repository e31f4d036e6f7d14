"""Explainers that ask f alone, on a target whose contributions are known."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import CapabilityError, UserError
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.explainers import occlusion, random_control, surrogate
from recexplainer.explanation.explainers.drafts import choose_draft
from recexplainer.explanation.sentences import enumerated, ordinal
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Check, Explanation, HistorySlot, ItemSlot
from recexplainer.records.instructions import decision_prompt, explanation_prompt


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
            list(explainer.explain(decided)), decided, Oracle(linear, plain_catalogue), seed=0
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
    options = surrogate.SurrogateOptions(
        cases_at_once=2, max_new_tokens=50, drafts=1, asked_decision=False
    )
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


class Drafting:
    """Says one text, goes on from an opening with another, and draws the rest from a list."""

    name = "hybrid"

    def __init__(self, greedy, *, liked=(), drawn=(), going_on=" It is so.", decides="Yes"):
        self.greedy, self.liked, self.drawn, self.going_on = greedy, liked, drawn, going_on
        self.decides = decides
        self.asked, self.weighed = [], []

    def answer(self, questions, contexts, *, max_new_tokens, beams=1, temperature=0.0, **_):
        begun = [_opening(question) for question in questions]
        self.asked.append((begun, beams, temperature))
        if temperature:
            return [tuple(self.drawn[:beams]) for _ in questions]
        return [(self.going_on if opening else self.greedy,) for opening in begun]

    def likelihoods(self, questions, contexts, labels):
        if set(labels[0]) == {"Yes", "No"}:
            self.questions = [question for (question,) in questions]
            return [np.array([float(one == self.decides) for one in offered]) for offered in labels]
        self.weighed.append(([_opening(question) for question in questions], labels))
        return [
            np.array([-self.liked.index(label.strip("”")) for label in offered], np.float32)
            for offered in labels
        ]


def _opening(question):
    return question[-1].content[0].text if question[-1].role == "assistant" else ""


def _effects(target, catalogue, case):
    """f's loss of score by each item of the history, by asking it."""
    row = catalogue.row(case.item)
    whole = target.scores([list(case.history)])[0, row]
    left = [[item for item in case.history if item != one] for one in case.history]
    return dict(zip(case.history, whole - target.scores(left)[:, row], strict=True))


@pytest.fixture
def yes_case(linear_cases):
    return next(c for c in linear_cases if c.decision == "Yes" and len(set(c.history)) > 3)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_target_picks_the_heaviest_of_the_likeliest_causes(
    count, linear, plain_catalogue, yes_case
):
    effects = _effects(linear, plain_catalogue, yes_case)
    rising = sorted(effects, key=effects.get)  # the likeliest cause is the one that weighs least
    title = plain_catalogue.title
    speaker = Drafting(
        f"Yes. Its score owes most to “{title(rising[0])}”. Truly.", liked=[*map(title, rising)]
    )
    options = surrogate.SurrogateOptions(drafts=2, causes=count, picks=1)
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    opening = "Yes. Its score owes most to “"
    (weighed,) = speaker.weighed
    assert weighed == ([opening], [[f"{title(i)}”" for i in dict.fromkeys(yes_case.history)]])
    begun = f"{opening}{title(rising[count - 1])}”"
    assert [asked[0] for asked in speaker.asked][:3] == [[""], [begun], [begun]]
    if count > 1:
        assert explanation.text == f"{begun} It is so."
        assert explanation.cited == (rising[count - 1],)
    assert explanation.checks == ()


def test_the_target_picks_a_second_cause_behind_the_first(linear, plain_catalogue, yes_case):
    """Of a sum, the pair that weighs most is the two that weigh most alone."""
    effects = _effects(linear, plain_catalogue, yes_case)
    *_, second, first = sorted(effects, key=effects.get)
    title = plain_catalogue.title
    said = f"Its score owes most to “{title(first)}”"
    going_on = ". Yes, the user will like it."
    speaker = Drafting(said + going_on, liked=[*map(title, effects)], going_on=going_on)
    options = surrogate.SurrogateOptions(drafts=2, causes=len(effects))
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    (_, (left,)) = [labels for _, labels in speaker.weighed]
    assert left == [f"{title(item)}”" for item in dict.fromkeys(yes_case.history) if item != first]
    assert [asked[0] for asked in speaker.asked][:3] == [
        [""],
        [said],
        [f"{said} and “{title(second)}”"],
    ]
    assert explanation.text == f"{said} and “{title(second)}”{going_on}"
    assert (explanation.cited, explanation.drafts) == ((first, second), 3)


def test_a_history_of_one_item_has_no_second_cause(linear, plain_catalogue, yes_case):
    case = yes_case.model_copy(update={"history": yes_case.history[:1]})
    title = plain_catalogue.title(case.history[0])
    speaker = Drafting(f"Yes. Its score owes most to “{title}”.", liked=[title], drawn=["."])
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(surrogate.SurrogateOptions(), kit).explain([case])
    assert explanation.cited == case.history
    assert len(speaker.weighed) == 1


def test_the_draft_that_holds_best_is_given_and_the_decision_stays(
    linear, plain_catalogue, yes_case
):
    effects = _effects(linear, plain_catalogue, yes_case)
    least, *_, second, first = sorted(effects, key=effects.get)
    title = plain_catalogue.title
    drawn = [f" No, because of “{title(first)}”.", f" And to “{title(first)}”.", " And “Nowhere”."]
    speaker = Drafting(
        f"Its score owes most to “{title(least)}”, so yes, the user will like it.",
        liked=[title(second), *(title(i) for i in effects if i != second)],
        drawn=drawn,
        going_on=". Yes, the user will like it.",
    )
    options = surrogate.SurrogateOptions(drafts=4, causes=1, picks=1, temperature=0.7)
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert [asked[1:] for asked in speaker.asked][:3] == [(1, 0.0), (1, 0.0), (3, 0.7)]
    assert explanation.decision == "Yes"
    assert explanation.cited == (second,)  # the drafts that name more state another decision or lie
    assert explanation.drafts == 5


@pytest.mark.parametrize("asked", [True, False])
def test_the_text_states_what_is_answered_to_the_plain_question(
    asked, linear, plain_catalogue, yes_case
):
    speaker = Drafting("No. So it is.", going_on=", it is “Nowhere”.", drawn=["No."] * 2)
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(asked_decision=asked, drafts=1)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert explanation.text == ("Yes, it is “Nowhere”." if asked else "No. So it is.")
    if asked:
        ((question),) = speaker.questions
        assert question.content == decision_prompt(0, yes_case.item)


def test_a_text_that_cannot_be_turned_stays_as_it_was(linear, plain_catalogue, yes_case):
    speaker = Drafting("No. So it is.", going_on=" or No, hard to say.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(drafts=1)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert explanation.text == "No. So it is."


def test_a_text_without_a_cause_is_written_anew(linear, plain_catalogue, yes_case):
    effects = _effects(linear, plain_catalogue, yes_case)
    best = max(effects, key=effects.get)
    said = f"Yes. Its score owes most to “{plain_catalogue.title(best)}”."
    speaker = Drafting("Yes. No single title carries it.", drawn=["Yes.", said])
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(surrogate.SurrogateOptions(), kit).explain([yes_case])
    assert (explanation.text, explanation.drafts) == (said, 3)
    assert [asked[0] for asked in speaker.asked] == [[""], [""]]


@pytest.mark.parametrize(
    ("said", "opened"),
    [("Its score owes most to “{}”. Truly.", True), ("“{}” shares the genre of many.", False)],
)
def test_an_item_named_as_its_own_cause_gives_way_to_one(
    said, opened, linear, plain_catalogue, yes_case
):
    title = plain_catalogue.title
    effects = _effects(linear, plain_catalogue, yes_case)
    best = max(effects, key=effects.get)
    said = said.format(title(yes_case.item))
    speaker = Drafting(
        f"Yes, “{title(yes_case.item)}” suits this user. {said}", liked=[*map(title, effects)]
    )
    options = surrogate.SurrogateOptions(drafts=2, causes=len(effects), picks=1)
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert explanation.cited == ((best,) if opened else ())
    assert sum(len(openings) for openings, _ in speaker.weighed) == int(opened)


def test_noise_in_the_targets_scores_does_not_choose_between_equals(film_case):
    def draft(text, drop):
        checks = (Check(name="faithfulness_drop", value=drop),)
        return Explanation(
            case=film_case.id, explainer="hybrid", text=text, decision="Yes", checks=checks
        )

    first, noisy, better = draft("a", 0.2), draft("b", 0.2 + 1e-7), draft("c", 0.21)
    assert choose_draft(first, [noisy]) is first
    assert choose_draft(first, [noisy, better]) is better


def test_the_first_words_are_given_by_unchecked(linear, plain_catalogue, yes_case):
    speaker = Drafting(
        f"Yes. Its score owes most to “{plain_catalogue.title(yes_case.history[0])}”."
    )
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (plain,) = surrogate.build_unchecked(surrogate.UncheckedOptions(), kit).explain([yes_case])
    assert (plain.text, plain.explainer) == (speaker.greedy, "hybrid-unchecked")
    assert (len(speaker.asked), speaker.weighed) == (1, [])


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


@pytest.mark.parametrize("drafts", [1, 2])
def test_what_is_false_of_attributes_is_left_out_where_texts_are_checked(
    drafts, films, film_case, linear
):
    linear.catalogue, linear.weights = films, np.ones((len(films),) * 2, dtype=np.float32)
    said = "Yes. Its score owes most to “Heat”. Like “Heat”, it is a drama. It is a crime film."
    speaker = Drafting(said, drawn=[said] * 2, liked=[films.title(i) for i in film_case.history])
    options = surrogate.SurrogateOptions(drafts=drafts)
    kit = _kit(linear, films, surrogate=speaker)
    (explanation,) = surrogate.build(options, kit).explain([film_case])
    assert ("drama" in explanation.text) == (drafts == 1)
    assert all(claim.real for claim in explanation.claims) == (drafts == 2)


class Focused(Drafting):
    """Says of the genre what it is given to say, once it has been begun on it."""

    def answer(self, questions, contexts, *, beams=1, temperature=0.0, **asked):
        begun = [_opening(question) for question in questions]
        if begun and begun[0].endswith(" Its genre"):
            said = self.drawn[1:] if temperature else self.drawn[:1]
            return [tuple(said) for _ in questions]
        return super().answer(questions, contexts, beams=beams, **asked)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([" is Crime.", " is Drama."], " Its genre is Crime."),
        ([" is Western.", " is Horror.", " is Drama."], " Its genre is Drama."),
        ([" is Western.", " is not known."], ""),
        ([" is Western. Its release year is 1996.", " is so."], ""),
    ],
)
def test_a_text_that_is_silent_on_what_was_asked_is_written_on_about_it(
    said, kept, films, film_case, linear
):
    """The item is a Crime film and a Drama of 1996; one of the history is a Western."""
    linear.catalogue, linear.weights = films, np.ones((len(films),) * 2, dtype=np.float32)
    title = films.title
    speaker = Focused(
        "Yes. Its score owes most to “Heat”. Its release year is 1996.",
        drawn=said,
        liked=[title(i) for i in film_case.history],
    )
    kit = _kit(linear, films, surrogate=speaker)
    options = surrogate.SurrogateOptions(drafts=2, picks=2, asked_decision=False)
    (explanation,) = surrogate.build(options, kit).explain([film_case], "only genre")
    assert "1996" not in explanation.text
    assert explanation.text.partition(" Its genre")[1:] == kept.partition(" Its genre")[1:]
    assert all(claim.real for claim in explanation.claims)
