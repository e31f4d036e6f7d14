"""The form that a rater opens in a browser: one file that needs no network and no server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recexplainer.judging.rubric import LEVELS
from recexplainer.judging.study_design import StudyKey
from recexplainer.records import Case, Catalogue, Explanation, Item

__all__ = ["render_form"]

_LONGEST = 300
"""Characters after which attribute values (descriptions) are cut."""


def render_form(
    key: StudyKey,
    rater: str,
    *,
    cases: Sequence[Case],
    explanations: Sequence[Explanation],
    catalogue: Catalogue,
    run: str,
) -> str:
    """Return the page of one rater. Everything that comes from data is escaped.

    It names no explainer. Grades are kept in the browser as they are given, and downloaded as CSV.

    Args:
        key: what is shown, under which code.
        rater: one of the key's raters.
        cases: what the texts are about.
        explanations: the texts.
        catalogue: the items.
        run: the name of the run that wrote the texts; the form says that a machine did.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    by_id = {case.id: case for case in cases}
    texts = {(one.case, one.explainer): one.text for one in explanations}
    shown = [
        {
            "code": code,
            **_described(by_id[hidden.case], catalogue),
            "explanation": texts[hidden.case, hidden.explainer],
        }
        for code, hidden in key.raters[rater].items()
    ]
    environment = Environment(
        loader=PackageLoader("recexplainer.judging"), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("study.html")
    author = {"machine": True, "run": run}
    return page.render(study=key.study, rater=rater, texts=shown, levels=LEVELS, written_by=author)


def _described(case: Case, catalogue: Catalogue) -> dict[str, object]:
    return {
        "history": [catalogue.title(item) for item in case.history],
        "item": catalogue.title(case.item),
        "attributes": _attributes(catalogue.item(case.item)),
        "decision": case.decision,
    }


def _attributes(item: Item) -> Mapping[str, str]:
    return {
        name: ", ".join(values)[:_LONGEST] for name, values in item.attributes.items() if values
    }
