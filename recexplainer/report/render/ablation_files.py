"""Files of an ablation: ``ablation.json`` is the record, page and Markdown show it."""

from __future__ import annotations

from pathlib import Path

from recexplainer.report.ablation_record import Ablation
from recexplainer.report.render.ablation_markdown import render_ablation_markdown
from recexplainer.report.render.ablation_page import render_ablation
from recexplainer.runs.artifacts import write_text

__all__ = ["write_ablation"]


def write_ablation(ablation: Ablation, folder: Path) -> None:
    """Write ``ablation.json``, ``ablation.md`` and ``ablation.html``, each by rename.

    All three are made before the first is written, so that a failure leaves the old ones in place.
    """
    texts = {
        "ablation.json": ablation.model_dump_json(indent=2) + "\n",
        "ablation.md": render_ablation_markdown(ablation),
        "ablation.html": render_ablation(ablation),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
