"""RecBole's own trainer on our split: what the same model reaches outside our adapters.

RecBole's surroundings do not fit today's numpy, pandas and torch; what is overridden here is what
keeps them from running, and from leaving traces. The model, its loss, the trainer, the sampling and
the stopping rule are RecBole's. Its scores are ranked as ours are, items had before left out.
"""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
import yaml

from recexplainer.records import InteractionLog
from recexplainer.targets.recbole.recbole_shim import kmeans_stand_in

__all__ = ["train_with_recbole"]


def train_with_recbole(
    log: InteractionLog, model: str, settings: Mapping[str, Any], seconds: float
) -> tuple[Any, dict[str, Any]]:
    """Train ``model`` with RecBole's trainer.

    Args:
        log: the prepared log; the last interaction of each user is not shown to RecBole at all.
        model: RecBole's name of it.
        settings: its hyper-parameters and those of its training, by RecBole's names.
        seconds: after which no further epoch is begun.

    Returns:
        ``(U, I)`` scores in the order of ``log``, asked after all but each user's last interaction,
        and how the training went.
    """
    _patch()
    from recbole.data.utils import create_samplers, get_dataloader
    from recbole.utils import ModelType, get_model, init_seed

    with tempfile.TemporaryDirectory() as folder:
        _write_atomic(Path(folder), log)
        config = _config(model, folder, settings)
        init_seed(config["seed"], reproducibility=True)
        dataset = _dataset(config)
        built = dataset.build()
        train_sampler, valid_sampler, _ = create_samplers(config, dataset, built)
        train = get_dataloader(config, "train")(config, built[0], train_sampler, shuffle=True)
        valid = get_dataloader(config, "valid")(config, built[1], valid_sampler, shuffle=False)
        with kmeans_stand_in():
            network = get_model(model)(config, train.dataset)
        began = time.process_time()
        trainer = _trainer(config, network, began + seconds)
        trainer.fit(train, valid, verbose=False, saved=True, show_progress=False)
        took = time.process_time() - began
        epoch, weights = trainer.best
        if config["MODEL_TYPE"] != ModelType.TRADITIONAL:
            network.load_state_dict(weights)
        network.eval()
        for cached in ("restore_user_e", "restore_item_e"):
            if hasattr(network, cached):
                setattr(network, cached, None)
        with torch.no_grad():
            scores = _scores(network, dataset, config, log)
    return scores, {
        "seconds": round(took, 1),
        "best_epoch": epoch + 1,
        "cut": trainer.cut,
    }


def _write_atomic(folder: Path, log: InteractionLog) -> None:
    """Write interactions but each user's last, ordered by rank: RecBole rounds time stamps."""
    target = folder / "ours"
    target.mkdir()
    lines = ["user_id:token\titem_id:token\ttimestamp:float"]
    for user, history in log.histories.items():
        lines += [f"{user}\t{item}\t{rank}" for rank, item in enumerate(history[:-1])]
    (target / "ours.inter").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _config(model: str, folder: str, settings: Mapping[str, Any]) -> Any:
    from recbole.config import Config

    class Quiet(Config):  # type: ignore[misc]
        def compatibility_settings(self) -> None:
            pass

        def _convert_config_dict(self, given: dict[str, Any]) -> dict[str, Any]:
            return dict(given)

        def _load_cmd_line(self) -> dict[str, Any]:
            return {}

        def _build_yaml_loader(self) -> Any:
            private = type("Loader", (yaml.FullLoader,), {})
            with mock.patch.object(yaml, "FullLoader", private):
                return super()._build_yaml_loader()

        def _init_parameters_category(self) -> None:
            super()._init_parameters_category()
            self.parameters = copy.deepcopy(self.parameters)

        def _init_device(self) -> None:
            self.final_config_dict.update(
                gpu_id="", single_spec=True, local_rank=0, device=torch.device("cpu")
            )

    given = {
        "data_path": folder,
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
        "eval_args": {
            # All but the last of what is shown trains, the last validates.
            "split": {"LS": "valid_only"},
            "order": "TO",
            "mode": "full",
            "group_by": "user",
        },
        "metrics": ["NDCG"],
        "topk": [10],
        "valid_metric": "NDCG@10",
        "eval_batch_size": 2_000_000,
        "show_progress": False,
        "checkpoint_dir": folder,
        "seed": 2020,
        "train_neg_sample_args": {
            "distribution": "uniform",
            "sample_num": 1,
            "alpha": 1.0,
            "dynamic": False,
            "candidate_num": 0,
        },
        "threshold": None,
        **settings,
    }
    return Quiet(model=model, dataset="ours", config_dict=given)


def _dataset(config: Any) -> Any:
    import recbole.data.dataset as kinds
    from recbole.utils import ModelType

    sequential = config["MODEL_TYPE"] == ModelType.SEQUENTIAL
    return (kinds.SequentialDataset if sequential else kinds.Dataset)(config)


def _trainer(config: Any, network: Any, until: float) -> Any:
    import recbole.trainer.trainer as trainers
    from recbole.utils import get_trainer

    class Silent:
        def __getattr__(self, _: str) -> Any:
            return lambda *_, **__: None

    class Quiet(get_trainer(config["MODEL_TYPE"], config["model"])):  # type: ignore[misc]
        best: Any = None
        cut = False

        def _save_checkpoint(self, epoch: int, **_: Any) -> None:
            state = self.model.state_dict()
            self.best = epoch, {name: value.detach().clone() for name, value in state.items()}

        def _valid_epoch(self, *given: Any, **named: Any) -> Any:
            found = super()._valid_epoch(*given, **named)
            if time.process_time() > until:
                self.cut, self.stopping_step, self.epochs = True, 0, 0
            return found

    with (
        mock.patch.object(trainers, "get_tensorboard", return_value=Silent()),
        mock.patch.object(trainers, "ensure_dir"),
    ):
        return Quiet(config, network)


def _scores(network: Any, dataset: Any, config: Any, log: InteractionLog) -> Any:
    """Return ``(U, I)`` in the order of ``log``."""
    from recbole.data.interaction import Interaction
    from recbole.utils import ModelType

    model, items = config["model"], [dataset.token2id("item_id", i) for i in log.catalogue.ids]
    rows = []
    for user, history in log.histories.items():
        asked = {"user_id": torch.tensor([dataset.token2id("user_id", user)])}
        if config["MODEL_TYPE"] == ModelType.SEQUENTIAL:
            width = config["MAX_ITEM_LIST_LENGTH"]
            read = [dataset.token2id("item_id", item) for item in history[:-1][-width:]]
            asked["item_id_list"] = torch.tensor([read + [0] * (width - len(read))])
            asked["item_length"] = torch.tensor([len(read)])
        pairs = {"user_id": asked["user_id"].repeat(len(items)), "item_id": torch.tensor(items)}
        if config["MODEL_TYPE"] == ModelType.CONTEXT:
            rows.append(network(Interaction(pairs)).numpy())
        elif model == "NeuMF":  # has no scores of all items at once
            rows.append(network(pairs["user_id"], pairs["item_id"]).numpy())
        else:
            answer = network.full_sort_predict(Interaction(asked))
            rows.append(np.asarray(answer).reshape(-1)[items])
    return np.array(rows, dtype=np.float32)


def _patch() -> None:
    """Give RecBole what today's numpy, scipy and pandas dropped; this process does nothing else."""
    import pandas as pd
    import scipy.sparse as sp

    anomaly = torch.is_anomaly_enabled()
    vars(np).setdefault("float", np.float64)
    sp.dok_matrix._update = lambda self, new: self._dict.update(new)  # noqa: SLF001
    import recbole.data.dataset as kinds
    import recbole.model.sequential_recommender  # noqa: F401
    from recbole.utils import FeatureType

    torch.autograd.set_detect_anomaly(anomaly)

    def remap(self: Any, fields: Any) -> None:
        if not fields:
            return
        tokens = [np.asarray(table[name].to_numpy(), dtype=object) for table, name, _ in fields]
        ids, known = pd.factorize(np.concatenate(tokens))
        names = np.array(["[PAD]", *known])
        by_name = {token: row for row, token in enumerate(names)}
        parts = np.split(ids + 1, np.cumsum([len(part) for part in tokens])[:-1])
        for (table, name, _), new in zip(fields, parts, strict=True):
            self.field2id_token.setdefault(name, names)
            self.field2token_id.setdefault(name, by_name)
            table[name] = new

    def fill(self: Any) -> None:
        for name in self.feat_name_list:
            table = getattr(self, name)
            for column in table:
                token = self.field2type[column] == FeatureType.TOKEN
                filling = 0 if token else table[column].mean()
                table[column] = table[column].fillna(filling)
                if token:
                    table[column] = table[column].astype(np.int64)

    kinds.Dataset._remap, kinds.Dataset._fill_nan = remap, fill  # noqa: SLF001
