"""Writes the model of ``next_book`` as two tables.

From the root of the repository: python -m examples.own_model.write_vectors FOLDER

Any model with one vector per item leaves something like this behind.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from examples.own_model.next_book import NextBook


def main(folder: Path) -> None:
    """Write items as ``.npy`` with a file of ids, and readers as ``.parquet`` with their ids."""
    folder.mkdir(parents=True, exist_ok=True)
    books = [f"b{number:02}" for number in range(1, 25)]
    model = NextBook(books)
    np.save(folder / "items.npy", model.item_vectors())
    (folder / "item_ids.txt").write_text("\n".join(books), encoding="utf-8")
    readers = pd.DataFrame(model.user_vectors(list(model.histories.values())))
    readers.columns = [f"v{column}" for column in readers.columns]
    readers.insert(0, "user_id", list(model.histories))
    readers.to_parquet(folder / "readers.parquet", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
