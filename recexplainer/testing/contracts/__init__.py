"""One contract per kind of part: pytest classes to subclass, each asking for one fixture."""

from recexplainer.testing.contracts.datasets import DatasetContract
from recexplainer.testing.contracts.explainers import ExplainerContract
from recexplainer.testing.contracts.judges import JudgeContract
from recexplainer.testing.contracts.latent_targets import LatentTargetContract
from recexplainer.testing.contracts.targets import TargetContract
from recexplainer.testing.contracts.tasks import AlignmentTaskContract

__all__ = [
    "AlignmentTaskContract",
    "DatasetContract",
    "ExplainerContract",
    "JudgeContract",
    "LatentTargetContract",
    "TargetContract",
]
