"""Contract tests for plugin authors, and a toy world whose right answers are known.

Subclass the contract of your kind of part and supply the one fixture it asks for:

    from recexplainer.testing import TargetContract

    class TestMyTarget(TargetContract):
        @pytest.fixture
        def make_target(self):
            return lambda kit: MyTarget(MyOptions(), kit)

Everything else is inherited; override ``log`` or a class attribute where your part needs it.
"""

from recexplainer.errors import MissingExtraError

try:
    import pytest  # noqa: F401  # the contracts are pytest classes; this module cannot do without
except ModuleNotFoundError as missing:
    raise MissingExtraError("pytest", "test", "to run contract tests") from missing

from recexplainer.testing.contracts import (
    AlignmentTaskContract,
    DatasetContract,
    ExplainerContract,
    JudgeContract,
    LatentTargetContract,
    TargetContract,
)
from recexplainer.testing.contracts.side_effects import no_side_effects
from recexplainer.testing.runner import (
    ContractReport,
    RuleResult,
    check_part,
    check_provider,
    rules_of,
    run_contract,
)
from recexplainer.testing.speaker import EchoSpeaker
from recexplainer.testing.toy import (
    LinearTarget,
    successor,
    toy_asked,
    toy_cases,
    toy_log,
    toy_popularity,
    toy_target,
    toy_training,
)

__all__ = [
    "AlignmentTaskContract",
    "ContractReport",
    "DatasetContract",
    "EchoSpeaker",
    "ExplainerContract",
    "JudgeContract",
    "LatentTargetContract",
    "LinearTarget",
    "RuleResult",
    "TargetContract",
    "check_part",
    "check_provider",
    "no_side_effects",
    "rules_of",
    "run_contract",
    "successor",
    "toy_asked",
    "toy_cases",
    "toy_log",
    "toy_popularity",
    "toy_target",
    "toy_training",
]
