"""A short run whose titles attack the page that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

import recexplainer

SETTINGS = (
    *("dataset.name=csv", "target.name=ease", "alignment.mode=behavior"),
    *("surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}", "surrogate.device=cpu"),
    *("training.threads=1", "training.budget=0.2", "dataset.max_history=6"),
    *("fidelity.users=12", "explanations.users=6"),
    "explanations.explainers=[surrogate, random]",
)
HOSTILE = "<svg onload=document.title='owned'> & <iframe src=javascript:alert(1)>"
"""What the reading of data does not take for markup, and so leaves."""


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("explored")
    films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(12)]
    titles = [f"The {film.capitalize()} Film" for film in films]
    titles[12:14] = [f"Drama {HOSTILE}", 'Drama "quoted", </style> `${1}`']
    quoted = (title.replace('"', '""') for title in titles)
    items = [
        "item_id,title",
        *(f'{film},"{title}"' for film, title in zip(films, quoted, strict=True)),
    ]
    rows = ["user_id,item_id,timestamp"]
    for user in range(40):
        own = films[:12] if user % 2 else films[12:]
        start = user * user * 2 // 3 + user // 39
        rows += [f"u{user},{own[(start + step) % 12]},{step}" for step in range(8)]
    for name, lines in (("items", items), ("interactions", rows)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = (f"dataset.options.{n}={folder / n}.csv" for n in ("items", "interactions"))
    out = folder / "short"
    recexplainer.run(recexplainer.load_config(None, [*SETTINGS, *given]), out)
    return out
