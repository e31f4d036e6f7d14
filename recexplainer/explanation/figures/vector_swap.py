"""Vector swap: texts written from one user's titles and the target's vector of somebody else.

Whom such a text follows shows what the language model reads: the titles, or the vector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recexplainer.metrics import summarize
from recexplainer.oracle import Oracle, case_rng, pulls_of, question_without
from recexplainer.records import Case, Explanation, Figure, Metric

__all__ = ["FIGURES", "SWAP_TASK", "Pair", "draw_pairs", "other_target_metrics", "swap_metrics"]

SWAP_TASK = "vector_swap"
"""The ``task`` of these figures; their subject is the language model that wrote."""
_TRIED = 12
"""How many other users are tried as the one who gives the vector."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One item and two users for whom the target decides differently on it.

    Attributes:
        case: of the user whose titles are given.
        vector: the same item asked for the user whose vector is given.
    """

    case: Case
    vector: Case


def _share(metric: str, note: str, order: int) -> Figure:
    return Figure(task=SWAP_TASK, metric=metric, note=note, better="higher", order=order)


_Values = Callable[[Pair, Explanation], float | None]
_SWAPPED: tuple[tuple[Figure, _Values], ...] = (
    (
        _share(
            "decides_as_titles",
            "of texts from the titles of one user and the recommender's vector of another, for "
            "whom it decides otherwise, the share that decides as it does for the titles' user",
            1,
        ),
        lambda pair, text: float(text.decision == pair.case.decision),
    ),
    (
        _share("decides_as_vector", "the share that decides as for the vector's user", 2),
        lambda pair, text: float(text.decision == pair.vector.decision),
    ),
    (
        _share("names_of_titles", "share of the titles named there that the titles' user had", 3),
        lambda pair, text: _had(pair.case, text),
    ),
    (
        _share("names_of_vector", "share of the titles named there that the vector's user had", 4),
        lambda pair, text: _had(pair.vector, text),
    ),
)
_AGREEMENT = (
    _share("agreement", "share of the same users' plain texts that decide as the recommender", 5),
    _share(
        "agreement_other",
        "the same of texts from the vectors of another recommender: the weights in random order",
        6,
    ),
)
_STRONGEST = (
    _share("strongest_first", "share of plain texts that name the strongest cause first", 7),
    _share("strongest_first_other", "the same of texts from the other recommender's vectors", 8),
)
FIGURES = (*(figure for figure, _ in _SWAPPED), *_AGREEMENT, *_STRONGEST)


def draw_pairs(cases: Sequence[Case], oracle: Oracle, seed: int) -> list[Pair]:
    """Return each case with another user for whom the target decides otherwise, where one is found.

    All cases of a user are given the same other user: the one of a few drawn at random for whom
    most of the decisions differ.

    Args:
        cases: of users among whom the other one is drawn.
        oracle: asks the target.
        seed: of the draw.
    """
    by_user: dict[str, list[Case]] = {}
    for case in cases:
        by_user.setdefault(case.user, []).append(case)
    offered = [
        Pair(case, _asked_of(case, by_user[other][0]))
        for user, own in by_user.items()
        for other in _others(user, list(by_user), seed)
        for case in own
    ]
    offered = [pair for pair in offered if pair.case.item not in _seen(pair.vector)]
    answers = oracle.ask([question_without(pair.vector) for pair in offered])
    found: dict[str, dict[str, list[Pair]]] = {}
    for pair, answer in zip(offered, answers, strict=True):
        if {pair.case.decision, answer.decision} == {"Yes", "No"}:
            vector = pair.vector.model_copy(update={"decision": answer.decision})
            others = found.setdefault(pair.case.user, {})
            others.setdefault(vector.user, []).append(Pair(pair.case, vector))
    return [pair for others in found.values() for pair in max(others.values(), key=len)]


def swap_metrics(
    pairs: Sequence[Pair], texts: Sequence[Explanation], *, subject: str, seed: int
) -> list[Metric]:
    """Return whom texts from swapped vectors follow, over all splits; nothing for no pairs.

    Args:
        pairs: N pairs.
        texts: the text from the titles of each pair's one user and the vector of the other.
        subject: who wrote them.
        seed: makes the intervals repeatable.
    """
    users = [pair.case.user for pair in pairs]
    if not pairs:
        return []
    return [
        _summary(
            figure,
            [value(pair, text) for pair, text in zip(pairs, texts, strict=True)],
            users,
            subject,
            seed,
        )
        for figure, value in _SWAPPED
    ]


def other_target_metrics(
    cases: Sequence[Case],
    own: Sequence[Explanation],
    other: Sequence[Explanation] | None,
    oracle: Oracle,
    *,
    subject: str,
    seed: int,
) -> list[Metric]:
    """Return how texts agree with the target, and what is left with another target's vectors.

    Args:
        cases: N cases.
        own: the text about each from the target's own vectors.
        other: from the vectors of another target; None where there is none.
        oracle: asks the target itself, in both.
        subject: who wrote them.
        seed: makes the intervals repeatable.
    """
    users = [case.user for case in cases]
    strongest = [next(iter(pulls.strongest()), None) for pulls in pulls_of(oracle, cases)]
    written = [own] if other is None else [own, other]
    return [
        _summary(figure, values, users, subject, seed)
        for agrees, first, texts in zip(_AGREEMENT, _STRONGEST, written, strict=False)
        for figure, values in (
            (
                agrees,
                [
                    float(text.decision == case.decision)
                    for text, case in zip(texts, cases, strict=True)
                ],
            ),
            (
                first,
                [
                    None if cause is None else float(text.cited[:1] == (cause,))
                    for text, cause in zip(texts, strongest, strict=True)
                ],
            ),
        )
    ]


def _others(user: str, users: Sequence[str], seed: int) -> list[str]:
    order = case_rng(seed, f"vector swap {user}").permutation(len(users))
    return [users[place] for place in order if users[place] != user][:_TRIED]


def _asked_of(case: Case, other: Case) -> Case:
    """Return the case's item as a question about the other case's user."""
    return case.model_copy(
        update={"user": other.user, "history": other.history, "earlier": other.earlier}
    )


def _seen(case: Case) -> set[str]:
    return {*case.history, *case.earlier}


def _had(case: Case, text: Explanation) -> float | None:
    """Return the share of the titles that a text names as causes that the case's user had."""
    named = {claim.item for claim in text.claims if claim.kind == "cause"}
    return len(named & _seen(case)) / len(named) if named else None


def _summary(
    figure: Figure, values: Sequence[float | None], users: Sequence[str], subject: str, seed: int
) -> Metric:
    return summarize(figure, values, subject=subject, split="all", seed=seed, groups=users)
