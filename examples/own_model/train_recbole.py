"""Trains with RecBole itself and keeps its checkpoint: the ``.pth`` that others already have.

From the root of the repository: python -m examples.own_model.train_recbole FOLDER [MODEL]

RecBole writes the checkpoint; this adds ``item_ids.txt``, since the checkpoint does not say which
item each of its rows is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from examples.own_model.next_book import read_histories

# RecBole 1.2.0 was written for numpy 1, which had these names.
OLD_NAMES = {"float": float, "float_": np.float64, "complex_": np.complex128, "unicode_": np.str_}
for old_name, kind in OLD_NAMES.items():
    setattr(np, old_name, kind)
# It imports this package for one model, LDiffRec, and does not require it.
sys.modules.setdefault("kmeans_pytorch", SimpleNamespace(kmeans=None))

BY_PAIRS = {"distribution": "uniform", "sample_num": 1, "dynamic": False, "alpha": 1.0}
SETTINGS: dict[str, Any] = {
    "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
    "MAX_ITEM_LIST_LENGTH": 8,
    "epochs": 3,
    "use_gpu": False,
    "show_progress": False,
}


def train(folder: Path, model: str = "SASRec") -> tuple[Any, Any, Path]:
    """Return RecBole's data set and trained model, and the checkpoint that it wrote."""
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import ModelType, get_model, get_trainer

    _write_interactions(folder / "books" / "books.inter")
    places = {"data_path": str(folder), "checkpoint_dir": str(folder / "saved")}
    sequential = model in {"SASRec", "GRU4Rec", "BERT4Rec"}
    sampling = {"train_neg_sample_args": None if sequential else BY_PAIRS}
    config = Config(model=model, dataset="books", config_dict={**SETTINGS, **places, **sampling})
    dataset = create_dataset(config)
    training, validation, _ = data_preparation(config, dataset)
    network = get_model(model)(config, training.dataset)
    trainer = get_trainer(config["MODEL_TYPE"], model)(config, network)
    trainer.fit(training, validation, saved=True, show_progress=False)
    assert (config["MODEL_TYPE"] == ModelType.SEQUENTIAL) == sequential  # noqa: S101
    tokens = dataset.field2id_token["item_id"]
    (folder / "item_ids.txt").write_text("\n".join(tokens), encoding="utf-8")
    return dataset, network, Path(trainer.saved_model_file)


def _write_interactions(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        for reader, books in read_histories().items():
            file.writelines(f"{reader}\t{book}\t{when}\n" for when, book in enumerate(books))


if __name__ == "__main__":
    out, sys.argv = sys.argv[1:], sys.argv[:1]  # RecBole reads the command line as its own
    print(train(Path(out[0]), *out[1:2])[2])
