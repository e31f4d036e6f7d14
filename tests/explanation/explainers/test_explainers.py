"""Explainers that ask the target alone, on a target whose contributions are known."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import CapabilityError, UserError
from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.explainers import occlusion, random_control, surrogate
from recexplainer.explanation.sentences import enumerated, ordinal
from recexplainer.oracle import Oracle, leaning
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Context, HistorySlot, ItemSlot
from recexplainer.records.question_texts import decision_prompt, explanation_prompt


def _kit(linear, catalogue, **given):
    return ExplainerKit(catalogue, linear, np.zeros(len(catalogue), dtype=np.int64), **given)


def _contributions(linear, catalogue, case):
    column = linear.weights[:, catalogue.row(case.item)]
    return {item: float(column[catalogue.row(item)]) for item in case.history}


def test_occlusion_cites_exactly_the_top_contributors(linear, plain_catalogue, linear_cases, told):
    kit = _kit(linear, plain_catalogue)
    options = occlusion.OcclusionOptions(cited=3, counterfactual=False)
    read = told(occlusion.build(options, kit), linear_cases, plain_catalogue)
    for case, explanation in zip(linear_cases, read, strict=True):
        sign = 1 if leaning(case) == "Yes" else -1
        weights = _contributions(linear, plain_catalogue, case)
        carrying = sorted((-sign * weight, item) for item, weight in weights.items())
        expected = tuple(item for weight, item in carrying[:3] if weight < 0)
        assert explanation.decision == case.decision
        assert explanation.case == case.id
        if expected:  # of a sum, items that pull alike do so together
            assert explanation.cited == expected
        else:
            kinds = {claim.kind for claim in explanation.claims}
            assert "no_cause" in kinds


def test_occlusion_contributions_are_the_true_ones(linear, plain_catalogue, linear_cases):
    explainer = occlusion.build(occlusion.OcclusionOptions(), _kit(linear, plain_catalogue))
    for case in linear_cases[::5]:
        truth = _contributions(linear, plain_catalogue, case)
        assert explainer.contributions(case) == pytest.approx(truth, abs=1e-5)


def test_all_that_occlusion_says_is_true_and_little_that_chance_says(
    linear, plain_catalogue, linear_cases, told
):
    kit = _kit(linear, plain_catalogue)
    decided = [case for case in linear_cases if case.decision]
    shares = {}
    for module, options in (
        (occlusion, occlusion.OcclusionOptions()),
        (random_control, random_control.RandomOptions()),
    ):
        read = told(module.build(options, kit), decided, plain_catalogue)
        checked = check_explanations(read, decided, Oracle(linear, plain_catalogue), seed=0)
        shares[module] = np.mean([one.check("true_as_read") for one in checked])
    assert shares[occlusion] == 1.0
    assert shares[random_control] < 0.1


def test_occlusion_is_more_faithful_than_the_random_control(
    linear, plain_catalogue, linear_cases, told
):
    kit = _kit(linear, plain_catalogue)
    decided = [case for case in linear_cases if case.decision]

    def mean_drop(explainer) -> float:
        checked = check_explanations(
            told(explainer, decided, plain_catalogue),
            decided,
            Oracle(linear, plain_catalogue),
            seed=0,
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
    (cited,) = explanation.meant
    left = [[item for item in case.history if item != cited]]
    scores = linear.scores(left)[0]
    row = plain_catalogue.row(case.item)
    unseen = plain_catalogue.rows([i.id for i in plain_catalogue if i.id not in case.history])
    after = 1 + sum(scores[other] > scores[row] for other in unseen)
    change = "rank stays 1" if after == 1 else f"rank 1 to {after}"
    title, cause = plain_catalogue.title(case.item), plain_catalogue.title(cited)
    assert explanation.text == (
        f"Yes: the recommender ranks “{title}” 1st of 32 candidates. "
        f"Removing “{cause}” ({change}) costs it the most."
    )


def test_random_repeats_for_a_seed_and_cites_the_history(linear, plain_catalogue, linear_cases):
    def explained(seed: int):
        kit = _kit(linear, plain_catalogue, seed=seed)
        explainer = random_control.build(random_control.RandomOptions(cited=2), kit)
        return list(explainer.explain(linear_cases))

    first = explained(0)
    assert first == explained(0) != explained(1)
    for case, written in zip(linear_cases, first, strict=True):
        assert len(set(written.meant)) == 2
        assert set(written.meant) <= set(case.history)
        assert all(plain_catalogue.title(item) in written.text for item in written.meant)
    share = np.mean([written.text.startswith("Yes") for written in first])
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


def test_the_surrogate_is_asked_the_papers_question_about_each_history(
    films, film_case, linear, told
):
    other = film_case.model_copy(update={"id": "v", "user": "v", "item": "go"})
    cases = [film_case, other, film_case]
    speaker = RecordedSpeaker(["Yes: “Alien”.", "No, unlike “Space Duck”.", "Hm."])
    options = surrogate.SurrogateOptions(
        cases_at_once=2, max_new_tokens=50, mended=False, asked_decision=False
    )
    explainer = surrogate.build(options, _kit(linear, films, surrogate=speaker))
    explanations = told(explainer, cases, films, "only genres")
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


class Beginner:
    """Says one text, and goes on from an opening with another."""

    name = "hybrid"

    def __init__(self, greedy, *, going_on=" It is so.", decides="Yes"):
        self.greedy, self.going_on, self.decides = greedy, going_on, decides
        self.asked, self.questions = [], []

    def answer(self, questions, contexts, *, max_new_tokens, **_):
        begun = [_opening(question) for question in questions]
        self.asked.append(begun)
        return [(self.going_on if opening else self.greedy,) for opening in begun]

    def likelihoods(self, questions, contexts, labels):
        assert set(labels[0]) == {"Yes", "No"}
        self.questions = [question for (question,) in questions]
        return [np.array([float(one == self.decides) for one in offered]) for offered in labels]


def _opening(question):
    return question[-1].content[0].text if question[-1].role == "assistant" else ""


@pytest.fixture
def yes_case(linear_cases):
    return next(c for c in linear_cases if c.decision == "Yes" and len(set(c.history)) > 3)


def _ranked(linear, catalogue, case):
    """History items, the one that speaks for a Yes most first."""
    weights = _contributions(linear, catalogue, case)
    return sorted(weights, key=lambda item: -weights[item])


def _causes(linear, catalogue, case):
    """The items that may be called causes of a Yes, by hand, the strongest first."""
    weights = _contributions(linear, catalogue, case)
    least = max(max(weights.values()) / 2, np.mean(list(weights.values())))
    return [i for i in _ranked(linear, catalogue, case) if weights[i] >= max(least, 1e-6)]


def test_a_text_whose_reasons_hold_stays_word_for_word(linear, plain_catalogue, yes_case):
    best = plain_catalogue.title(_ranked(linear, plain_catalogue, yes_case)[0])
    speaker = Beginner(f"Yes, it fits. Its score owes most to “{best}”. Truly.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(counterfactual=False)
    (written,) = surrogate.build(options, kit).explain([yes_case])
    assert (written.text, written.mended, written.left_out) == (speaker.greedy, 0, 0)
    assert written.completed == 0
    assert speaker.asked == [[""]]


def test_a_text_that_holds_is_completed_by_what_would_change_the_decision(
    linear, plain_catalogue, yes_case, told
):
    best = plain_catalogue.title(_ranked(linear, plain_catalogue, yes_case)[0])
    speaker = Beginner(f"Yes, it fits. Its score owes most to “{best}”.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    explainer = surrogate.build(surrogate.SurrogateOptions(), kit)
    (written,) = explainer.explain([yes_case])
    assert written.text.startswith(f"{speaker.greedy} Without “")
    assert (written.mended, written.completed) == (0, 1)
    (read,) = told(explainer, [yes_case], plain_catalogue)
    assert read.completed == 1
    (checked,) = check_explanations([read], [yes_case], Oracle(linear, plain_catalogue), seed=0)
    assert checked.check("true_as_read") == 1.0
    assert checked.check("counterfactual_validity") == 1.0


def test_nothing_is_added_where_one_attribute_was_asked_for(films, film_case, linear):
    linear.catalogue = films
    linear.weights = np.zeros((len(films), len(films)), dtype=np.float32)
    linear.weights[films.row(film_case.history[0]), films.row(film_case.item)] = 1.0
    title = films.title(film_case.history[0])
    speaker = Beginner(f"Yes. Its score owes most to “{title}”.", going_on="")
    explainer = surrogate.build(
        surrogate.SurrogateOptions(), _kit(linear, films, surrogate=speaker)
    )
    (plain,) = explainer.explain([film_case])
    assert f"Without “{title}”" in plain.text
    (focused,) = explainer.explain([film_case], "only genre")
    assert "Without" not in focused.text


@pytest.mark.parametrize("cited", [1, 3])
@pytest.mark.parametrize("said", [" Its score owes most to “{}”.", " That is all."])
def test_reasons_that_do_not_hold_give_way_to_those_that_do(
    said, cited, linear, plain_catalogue, yes_case, told
):
    *_, worst = _ranked(linear, plain_catalogue, yes_case)
    title = plain_catalogue.title
    speaker = Beginner(f"Yes, it fits.{said.format(title(worst))} So be it.", going_on=" Well.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(cited=cited, counterfactual=False)
    explainer = surrogate.build(options, kit)
    (written,) = explainer.explain([yes_case])
    causes = _causes(linear, plain_catalogue, yes_case)[:cited]
    begun = speaker.asked[1][0]
    assert written.text == f"{begun} Well."
    assert written.mended == 1
    (read,) = told(explainer, [yes_case], plain_catalogue)
    assert read.cited == tuple(causes)
    (checked,) = check_explanations([read], [yes_case], Oracle(linear, plain_catalogue), seed=0)
    assert checked.check("true_as_read") == 1.0


def test_a_decision_that_is_not_the_recommenders_is_left_to_its_writer(
    linear, plain_catalogue, yes_case, told
):
    worst = _ranked(linear, plain_catalogue, yes_case)[-1]
    speaker = Beginner(
        f"No, it does not fit. It is held back most by “{plain_catalogue.title(worst)}”.",
        decides="No",
    )
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    explainer = surrogate.build(surrogate.SurrogateOptions(), kit)
    (written,) = explainer.explain([yes_case])
    assert (written.text, written.mended) == (speaker.greedy, 0)
    (read,) = told(explainer, [yes_case], plain_catalogue)
    (checked,) = check_explanations([read], [yes_case], Oracle(linear, plain_catalogue), seed=0)
    assert (checked.decision, checked.check("true_as_read")) == ("No", 0.0)


def test_where_nothing_pulls_that_way_the_text_says_what_is_known_instead(
    linear, plain_catalogue, yes_case, told
):
    row = plain_catalogue.row(yes_case.item)
    linear.weights[plain_catalogue.rows(yes_case.history), row] = -0.5
    case = make_case(
        Oracle(linear, plain_catalogue),
        Context(yes_case.user, 8, yes_case.history, "held_out_users"),
        yes_case.item,
    )
    case = case.model_copy(update={"decision": "Yes"})
    histories = {f"v{n}": tuple(f"i{k}" for k in range(n % 30, n % 30 + 4)) for n in range(120)}
    speaker = Beginner("Yes, it fits. Its score owes most to “Title 00”.", going_on="")
    kit = _kit(linear, plain_catalogue, surrogate=speaker, histories=histories)
    options = surrogate.SurrogateOptions(counterfactual=False)
    (written,) = surrogate.build(options, kit).explain([case])
    head = "Yes, it fits. No one title in the history raises its score by itself. For "
    assert written.text.startswith(head)
    assert written.text.endswith(" users drawn at random the recommender decides the same.")


@pytest.mark.parametrize("asked", [True, False])
def test_the_text_states_what_is_answered_to_the_plain_question(
    asked, linear, plain_catalogue, yes_case
):
    speaker = Beginner("No. So it is.", going_on=", it is “Nowhere”.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(asked_decision=asked, mended=False)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert explanation.text == ("Yes, it is “Nowhere”." if asked else "No. So it is.")
    if asked:
        ((question),) = speaker.questions
        assert question.content == decision_prompt(0, yes_case.item)


def test_a_text_that_cannot_be_turned_stays_as_it_was(linear, plain_catalogue, yes_case):
    speaker = Beginner("No. So it is.", going_on=" or No, hard to say.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    options = surrogate.SurrogateOptions(mended=False)
    (explanation,) = surrogate.build(options, kit).explain([yes_case])
    assert explanation.text == "No. So it is."


def test_the_first_words_are_given_by_unchecked(linear, plain_catalogue, yes_case):
    """Whether they hold or not; only the decision is the one that it gives when asked for it."""
    speaker = Beginner("Yes. Its score owes most to “Nowhere”.", going_on=", it is “Nowhere”.")
    kit = _kit(linear, plain_catalogue, surrogate=speaker)
    (plain,) = surrogate.build_unchecked(surrogate.UncheckedOptions(), kit).explain([yes_case])
    assert (plain.text, plain.explainer) == (speaker.greedy, "hybrid-unchecked")
    assert speaker.asked == [[""]]
    ((question),) = speaker.questions
    assert question.content == decision_prompt(0, yes_case.item)
    speaker.greedy = "No. So it is."
    (turned,) = surrogate.build_unchecked(surrogate.UncheckedOptions(), kit).explain([yes_case])
    assert turned.text == "Yes, it is “Nowhere”."


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


@pytest.mark.parametrize("mended", [False, True])
def test_what_is_false_of_attributes_is_left_out_where_texts_are_checked(
    mended, films, film_case, linear, told
):
    linear.catalogue, linear.weights = films, np.zeros((len(films),) * 2, dtype=np.float32)
    linear.weights[films.row("heat"), films.row("fargo")] = 1.0
    said = "Yes. Its score owes most to “Heat”. Like “Heat”, it is a drama. It is a crime film."
    speaker = Beginner(said)
    options = surrogate.SurrogateOptions(mended=mended)
    explainer = surrogate.build(options, _kit(linear, films, surrogate=speaker))
    (written,) = explainer.explain([film_case])
    (read,) = told(explainer, [film_case], films)
    assert ("drama" in written.text) == (not mended)
    assert written.left_out == int(mended)
    assert all(claim.real for claim in read.claims) == mended


class Focused(Beginner):
    """Says of the genre what it is given to say, once it has been begun on it."""

    def __init__(self, greedy, said):
        super().__init__(greedy)
        self.said = said

    def answer(self, questions, contexts, **asked):
        begun = [_opening(question) for question in questions]
        if begun and begun[0].endswith(" Its genre"):
            return [(self.said,) for _ in questions]
        return super().answer(questions, contexts, **asked)


OF_THE_DATA = " Its genre, Crime and Drama, is frequent in the history."


@pytest.mark.parametrize(
    ("said", "kept", "added"),
    [
        (" is Crime.", " Its genre is Crime.", 0),
        (" is Western.", OF_THE_DATA, 1),
        (" is Western. Its release year is 1996.", OF_THE_DATA, 1),
    ],
)
def test_a_text_that_is_silent_on_what_was_asked_is_written_on_about_it(
    said, kept, added, films, film_case, linear, told
):
    """The item is a Crime film and a Drama of 1996; one of the history is a Western.

    What the speaker says of it is not so, or of something else: the data's own values follow.
    """
    linear.catalogue, linear.weights = films, np.zeros((len(films),) * 2, dtype=np.float32)
    linear.weights[films.row("heat"), films.row("fargo")] = 1.0
    speaker = Focused("Yes. Its score owes most to “Heat”. Its release year is 1996.", said)
    kit = _kit(linear, films, surrogate=speaker)
    options = surrogate.SurrogateOptions(asked_decision=False)
    explainer = surrogate.build(options, kit)
    (explanation,) = told(explainer, [film_case], films, "only genre")
    assert "1996" not in explanation.text
    assert explanation.text.partition(" Its genre")[1:] == kept.partition(" Its genre")[1:]
    assert (explanation.mended, explanation.added) == (0, added)
    assert all(claim.real for claim in explanation.claims)
