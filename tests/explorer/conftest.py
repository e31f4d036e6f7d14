"""A short run whose titles attack the page that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

import recexplainer

EXPLAINERS = "explanations.explainers=[surrogate, random]"
HOSTILE = "<svg onload=document.title='owned'> & <iframe src=javascript:alert(1)>"
"""What the reading of data does not take for markup, and so leaves."""


@pytest.fixture(scope="session")
def run_folder(walks, tmp_path_factory) -> Path:
    titles = {"drama0": f"Drama {HOSTILE}", "drama1": 'Drama "quoted", </style> `${1}`'}
    out = tmp_path_factory.mktemp("explored") / "short"
    recexplainer.run(recexplainer.load_config(None, [*walks(titles), EXPLAINERS]), out)
    return out
