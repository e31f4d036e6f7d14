"""Writes a small torch model as ONNX.

From the root of the repository: python -m examples.own_model.write_onnx FOLDER

The model reads ids padded with 0 at the right, and averages what they stand for. Its weights are
those of ``next_book``, so that it need not be trained here. Needs: pip install onnx onnxscript
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from examples.own_model.next_book import WIDTH, NextBook

HISTORY = 8


class MeanOfHistory(nn.Module):
    """Scores items by their dot product with the mean of what was read.

    Args:
        items: ``(I, d_rec)``.
    """

    def __init__(self, items: Tensor) -> None:
        super().__init__()
        padded = torch.cat([torch.zeros(1, items.shape[1]), items])
        self.embedding = nn.Embedding.from_pretrained(padded, padding_idx=0)

    def forward(self, history: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores ``(B, 1 + I)``, padding first, and user vectors ``(B, d_rec)``.

        Args:
            history: ``(B, T)`` ids; id 0 is padding, id ``k + 1`` is item ``k``.
            length: ``(B,)``, how many ids are no padding.
        """
        user = self.embedding(history).sum(dim=1) / length[:, None]
        return user @ self.embedding.weight.T, user


def main(folder: Path) -> None:
    """Write the model, the ids of its rows, and its item vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    books = [f"b{number:02}" for number in range(1, 25)]
    items = NextBook(books).item_vectors().astype(np.float32)
    assert items.shape == (len(books), WIDTH)  # noqa: S101  # what the ids below stand for
    batch = torch.export.Dim("batch")
    torch.onnx.export(
        MeanOfHistory(torch.from_numpy(items)).eval(),
        (torch.ones(2, HISTORY, dtype=torch.long), torch.tensor([HISTORY, 1])),
        folder / "model.onnx",
        input_names=["history", "length"],
        output_names=["scores", "user"],
        dynamic_shapes=({0: batch}, {0: batch}),
        external_data=False,
        verbose=False,
    )
    np.save(folder / "items.npy", items)
    (folder / "item_ids.txt").write_text("\n".join(books), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
