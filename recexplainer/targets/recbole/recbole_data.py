"""Stand-in for RecBole's data set: what its models ask, answered from pairs of ids.

Ids of users and items start at 1; id 0 is padding, and belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["ITEM", "LABEL", "NEGATIVE", "USER", "Interactions"]

USER, ITEM = "user_id", "item_id"
NEGATIVE, LABEL = f"neg_{ITEM}", "label"

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who took what: the data set that a model is built from.

    Attributes:
        users: how many users there are.
        items: how many items there are.
        user_ids: ``(N,)``, from 1.
        item_ids: ``(N,)``, from 1, beside them.
        max_history: length of the histories that a sequential model reads.
    """

    users: int
    items: int
    user_ids: Ids
    item_ids: Ids
    max_history: int = 1

    @classmethod
    def of(cls, histories: Sequence[Sequence[int]], items: int) -> Interactions:
        """Return the interactions of users 1, 2, ... with ``histories`` of item ids."""
        lengths = np.array([len(history) for history in histories], dtype=np.int64)
        pairs = np.fromiter((item for history in histories for item in history), dtype=np.int64)
        users = np.repeat(np.arange(1, len(histories) + 1), lengths)
        return cls(len(histories), items, users, pairs)

    @classmethod
    def none(cls, items: int, *, users: int = 0, max_history: int = 1) -> Interactions:
        """Return a data set of ``items`` and ``users`` that never met."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(users, items, empty, empty, max_history)

    # What follows has the names and answers of RecBole's Dataset.

    uid_field, iid_field = USER, ITEM

    def num(self, name: str) -> int:
        """Return how many ids a field has, padding included."""
        return {USER: self.user_num, ITEM: self.item_num}[name]

    @property
    def user_num(self) -> int:
        """Users, padding included."""
        return self.users + 1

    @property
    def item_num(self) -> int:
        """Items, padding included."""
        return self.items + 1

    @property
    def inter_num(self) -> int:
        """Interactions."""
        return len(self.user_ids)

    @property
    def inter_feat(self) -> Mapping[str, Ids]:
        """The two columns."""
        return {USER: self.user_ids, ITEM: self.item_ids}

    @property
    def field2seqlen(self) -> Mapping[str, int]:
        """Lengths of fields that hold sequences."""
        return {f"{ITEM}_list": self.max_history}

    @cached_property
    def field2type(self) -> Mapping[str, Any]:
        """Both fields hold tokens."""
        from recbole.utils import FeatureType

        return {USER: FeatureType.TOKEN, ITEM: FeatureType.TOKEN}

    def fields(self, source: Sequence[Any] = ()) -> list[str]:
        """Return the fields of ``source``: ids are the only features of users and items."""
        names = {str(one.value) for one in source}
        return [name for name in (USER, ITEM) if name in names]

    def inter_matrix(self, form: str = "coo") -> Any:
        """Return the ``(users, items)`` matrix of ones, as scipy's sparse matrix of ``form``."""
        ones = np.ones(self.inter_num, dtype=np.float32)
        shape = (self.user_num, self.item_num)
        return sp.coo_matrix((ones, (self.user_ids, self.item_ids)), shape=shape).asformat(form)

    def history_item_matrix(self, value_field: None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return item ids per user ``(users, H)`` padded with 0, ones beside them, and lengths."""
        assert value_field is None  # noqa: S101  # only ones are asked for
        lengths = np.bincount(self.user_ids, minlength=self.user_num)
        order = np.argsort(self.user_ids, kind="stable")
        ids = np.zeros((self.user_num, max(1, int(lengths.max(initial=0)))), dtype=np.int64)
        ids[np.arange(ids.shape[1]) < lengths[:, None]] = self.item_ids[order]
        table = torch.from_numpy(ids)
        return table, (table > 0).float(), torch.from_numpy(lengths)
