"""Question in free words put to a run's surrogate, its answer read and put to the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING

from recexplainer.data.plural_words import counted
from recexplainer.errors import UserError
from recexplainer.pipeline.after.moment import Moment, first_choice, unusual
from recexplainer.pipeline.after.question_prompts import AskedAs, free_prompt, taught_prompt
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.report_assembly import authorship
from recexplainer.records import Case, Explanation, Turn
from recexplainer.report.model import Authorship

if TYPE_CHECKING:
    from recexplainer.explanation.questions.asked_kind import Understood
    from recexplainer.explanation.questions.checked_sentences import Sentence

__all__ = ["Answered", "ask"]

_MAX_NEW_TOKENS = 192


@dataclass(frozen=True)
class Answered:
    """A question in free words, answered by the surrogate; each claim was put to the target.

    Attributes:
        question: as it was asked.
        kind: what it was understood to ask for, such as ``why``.
        understood: what it was understood to ask, in words.
        prompt: the question as the surrogate got it, the history as ``...``.
        case: user, history and item, and what the target says of them; where the question is about
            no item, the item is the target's first choice. What the question supposes to be
            missing is not in the history.
        item_title: the item's title.
        history_titles: what the target read for that, oldest first.
        text: the surrogate's answer.
        sentences: the same by sentence, with what the target says of each claim.
        recommender: the target's own answer to the question, in words.
        written_by: that a machine wrote the text, and in which run.
        notes: sentences about what is unusual of the question, as of an explanation.
    """

    question: str
    kind: str
    understood: str
    prompt: str
    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]
    recommender: str
    written_by: Authorship | None
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool | None:
        """False if anything does not hold; True if the target confirmed something; else None."""
        found = [one.holds for sentence in self.sentences for one in sentence.claims]
        return False if False in found else True if True in found else None


def ask(bench: Bench, moment: Moment, question: str) -> Answered:
    """Return the surrogate's answer to a question about a moment, checked.

    Args:
        bench: the run.
        moment: the history that is asked about.
        question: in free words.

    Raises:
        UnknownNameError: a title is no item's; the nearest are named.
        UserError: the history is empty, the question is none that this surrogate understands, or
            its answer says nothing that can be read.
    """
    from recexplainer.data.prompt_titles import clean_text
    from recexplainer.explanation.cases import make_case
    from recexplainer.explanation.questions.answer_check import AnswerCheck
    from recexplainer.explanation.questions.asked_kind import in_words, what_can_be_asked
    from recexplainer.explanation.questions.question_reader import QuestionReader

    if not moment.seen:
        raise UserError(
            "the history is empty, and the surrogate learned to speak about histories of one item "
            "or more; what the recommender says of somebody without one, explain tells"
        )
    words = clean_text(question)  # nor can a question smuggle in a slot for a vector
    case = make_case(
        bench.oracle, moment.context, first_choice(bench, moment), excluded=moment.seen
    )
    understood = QuestionReader(bench.reader, bench.catalogue).read(words, case)
    if understood.item is not None and understood.kind != "order":
        case = make_case(bench.oracle, moment.context, understood.item, excluded=moment.seen)
    understood = _with_attribute(bench, understood)
    asked = _asked_as(bench, words, understood, moment, case)
    left = _without(bench, case, understood)
    text = _answer(bench, asked, understood, case if bench.plan.recipe.published else left)
    check = AnswerCheck(bench.reader, bench.oracle, bench.config.seed)
    sentences = check.sentences(text, understood, left)
    if not sentences:
        raise UserError(
            f"the surrogate's answer says nothing on this that could be checked: "
            f"{shorten(text, 200)!r}. "
            f"{what_can_be_asked()}"
        )
    signed = Explanation(case=case.id, explainer=bench.speaker.name, text=text)
    return Answered(
        question=question,
        kind=understood.kind,
        understood=in_words(understood, case.item, bench.catalogue.title),
        prompt=asked.words(bench.catalogue),
        case=left,
        item_title=bench.catalogue.title(case.item),
        history_titles=tuple(bench.catalogue.title(item) for item in left.history),
        text=text,
        sentences=tuple(sentences),
        recommender=check.recommender(understood, case, left),
        written_by=authorship(bench, [signed]),
        notes=(*unusual(bench, moment, case), *_beside(asked, understood)),
    )


def _with_attribute(bench: Bench, understood: Understood) -> Understood:
    """Return a question about taste with the attribute that it is of: the first that is spoken of.

    Raises:
        UserError: the items have no attribute that could be spoken of.
    """
    from recexplainer.alignment.rationale_facts import speakable_attributes

    if understood.kind != "taste" or understood.attribute:
        return understood
    spoken = speakable_attributes(bench.catalogue)
    if not spoken:
        raise UserError(
            "the items of this data set have no attribute that a taste could be told by; ask what "
            "it recommends next, or add attribute columns to the items"
        )
    return replace(understood, attribute=spoken[0])


def _asked_as(
    bench: Bench, words: str, understood: Understood, moment: Moment, case: Case
) -> AskedAs:
    """Return the prompt: a published language model is asked in the question's own words.

    Raises:
        UserError: the surrogate knows the taught wording alone, and there is none for this.
    """
    from recexplainer.explanation.questions.asked_kind import what_can_be_asked

    if bench.plan.recipe.published:
        return free_prompt(words, understood)
    ordered = _on_offer(bench, moment, understood) if understood.kind == "order" else ()
    taught = taught_prompt(understood, case, ordered)
    if taught is None:
        raise UserError(f"cannot tell what is asked in {words!r}. {what_can_be_asked()}")
    return taught


def _on_offer(bench: Bench, moment: Moment, understood: Understood) -> tuple[str, ...]:
    """Return the items to order, with others beside them where fewer are asked about than taught.

    A surrogate that always learned to order so many orders fewer of them less well.
    """
    from recexplainer.alignment.item_ranking import CANDIDATES
    from recexplainer.oracle import case_rng

    asked, known = understood.items, {*understood.items, *moment.seen}
    others = [item for item in bench.catalogue.ids if item not in known]
    rng = case_rng(bench.config.seed, f"order {moment.context.id} {' '.join(asked)}")
    missing = min(max(0, CANDIDATES - len(asked)), len(others))
    drawn = rng.choice(len(others), missing, replace=False)
    offer = [*asked, *(others[place] for place in drawn)]
    return tuple(offer[place] for place in rng.permutation(len(offer)))


def _those_asked_about(bench: Bench, order: str, understood: Understood) -> str:
    """Return an order without the titles that nobody asked about; no title holds the separator."""
    from recexplainer.alignment.prompt_texts import SEPARATOR

    titles = {bench.catalogue.title(item) for item in understood.items}
    return SEPARATOR.join(title for title in order.split(SEPARATOR) if title in titles)


def _beside(asked: AskedAs, understood: Understood) -> Iterator[str]:
    """Yield that others were put beside the items that are asked about, where they were."""
    others = len(asked.ordered) - len(understood.items)
    if others > 0:
        yield (
            f"The surrogate learned to order {len(asked.ordered)} titles at a time, so "
            f"{counted(others, 'title')} that nobody asked about stood beside these in its "
            "question; the answer is what is left of its order without them."
        )


def _without(bench: Bench, case: Case, understood: Understood) -> Case:
    """Return the case after the history without what is supposed to be missing.

    Raises:
        UserError: the history that the target reads has not got it.
    """
    from recexplainer.explanation.cases import make_case
    from recexplainer.explanation.explainers.writer import context

    if not understood.removed:
        return case
    title = bench.catalogue.title
    for item in understood.removed:
        if item not in case.history:
            had = "; ".join(map(title, case.history))
            raise UserError(
                f"{title(item)!r} is not in the history that the recommender reads, so nothing "
                f"changes without it. It reads: {had}"
            )
    kept = tuple(item for item in case.history if item not in understood.removed)
    moment = replace(context(case), history=kept)
    return make_case(bench.oracle, moment, case.item, excluded=(*case.earlier, *case.history))


def _answer(bench: Bench, asked: AskedAs, understood: Understood, case: Case) -> str:
    """Return what the surrogate says.

    Raises:
        UserError: it says nothing.
    """
    from recexplainer.explanation.explainers.writer import context

    question, asked_of = [(Turn("user", asked.prompt),)], [context(case)]
    if asked.ordered:
        (order,) = bench.speaker.orders(
            question, asked_of, [asked.ordered], max_new_tokens=_MAX_NEW_TOKENS
        )
        text = _those_asked_about(bench, order.kept.strip(), understood)
    else:
        (answers,) = bench.speaker.answer(
            question,
            asked_of,
            max_new_tokens=_MAX_NEW_TOKENS,
            constrained=asked.constrained,
            quoting=asked.quoting,
        )
        text = answers[0].strip()
    if not text:
        raise UserError(
            "the surrogate has no answer: the question and the history may be too long for it "
            "together; ask in fewer words"
        )
    return text
