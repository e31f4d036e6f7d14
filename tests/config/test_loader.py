from pathlib import Path

import pytest

from recexplainer.config import RunConfig, load_config, read_config
from recexplainer.errors import ConfigError


def problems(path: Path | None = None, *overrides: str, **flags: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides, flags)
    return list(caught.value.problems)


def written(path: Path, text: str) -> Path:
    file = path / "run.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_given_is_the_defaults() -> None:
    assert load_config() == RunConfig()


@pytest.mark.parametrize("text", ["", "# nothing\n", "target:\ntraining:\nsurrogate: {tiny: }\n"])
def test_an_empty_file_or_section_is_the_defaults(text: str, tmp_path: Path) -> None:
    assert load_config(written(tmp_path, text)) == RunConfig()


def test_flags_win_over_the_file_and_overrides_over_flags(tmp_path: Path) -> None:
    file = written(tmp_path, "seed: 1\ntarget: {name: a, options: {x: 1}}\ndataset: {name: a}\n")
    config = load_config(
        file,
        ["target.name=c", "target.options.y=[1, two]"],
        {"target.name": "b", "dataset.name": "b", "alignment.mode": None},
    )
    assert config.seed == 1
    assert (config.target.name, config.dataset.name) == ("c", "b")
    assert config.target.options == {"x": 1, "y": [1, "two"]}
    assert config.alignment.mode == "hybrid"


def test_values_are_typed_as_yaml_types_them() -> None:
    overrides = [
        "training.learning_rate=1e-4",
        "training.threads=null",
        "explanations.explainers=[surrogate, occlusion]",
        "explanations.instruction='a: b=c'",
        "dataset.options.path=x=y.csv",
        "alignment.weights.rationale=0",
    ]
    config = load_config(None, overrides).model_dump()
    assert config["training"]["learning_rate"] == 0.0001
    assert config["training"]["threads"] is None
    assert config["explanations"]["explainers"] == ("surrogate", "occlusion")
    assert config["explanations"]["instruction"] == "a: b=c"
    assert config["dataset"]["options"] == {"path": "x=y.csv"}
    assert config["alignment"]["weights"] == {"rationale": 0.0}


def test_fourteen_mistakes_in_file_flags_and_overrides_are_reported_together(
    tmp_path: Path,
) -> None:
    file = written(
        tmp_path,
        """
        datasets: {name: ml-100k}
        dataset: {min_interactions: 0, held_out_users: 1}
        alignment: {mode: hybird, weights: {rationale: -1}}
        surrogate: {tiny: {width: 100, heads: 3}}
        training: {bugdet: 2, batch_size: many}
        learning_rate: 0.1
        """,
    )
    found = problems(
        file,
        "explanations.explainers=surrogate",
        "training.warmup=.nan",
        "judging.judges=[offline, offline]",
        "seed",
        **{"fidelity.beams": 0},
    )
    assert sorted(line.partition(":")[0] for line in found) == sorted(
        [
            "datasets",
            "dataset.min_interactions",
            "dataset.held_out_users",
            "alignment.mode",
            "alignment.weights.rationale",
            "surrogate.tiny",
            "training.bugdet",
            "training.batch_size",
            "learning_rate",
            "explanations.explainers",
            "training.warmup",
            "judging.judges",
            "--set seed",
            "fidelity.beams",
        ]
    )
    for line in (
        "--set seed: must look like section.key=value",
        "alignment.mode: must be one of 'hybrid', 'behavior', 'intention', got 'hybird'",
        "dataset.held_out_users: must be below 1, got 1",
        "explanations.explainers: must be a list, such as [a, b], got 'surrogate'",
        "judging.judges: each name may be given once, got offline more than once",
        "surrogate.tiny: width must be a multiple of twice the heads (6), got 100",
        "training.warmup: must be a finite number, got nan",
        "fidelity.beams: must be at least 1, got 0",
    ):
        assert line in found
    unknown = {line.partition(":")[0]: line for line in found if "unknown key" in line}
    assert "did you mean 'dataset'?" in unknown["datasets"]
    assert "did you mean 'budget'?" in unknown["training.bugdet"]
    assert "did you mean 'training.learning_rate'?" in unknown["learning_rate"]


def test_minutes_beside_a_budget_are_one_of_the_problems(tmp_path: Path) -> None:
    file = written(tmp_path, "training: {budget: 2, warmup: 3, batch_size: 0}\n")
    found = problems(file, "training.minutes=5")
    assert sorted(line.partition(":")[0] for line in found) == [
        "training.batch_size",
        "training.minutes",
        "training.warmup",
    ]
    (told,) = (line for line in found if line.startswith("training.minutes"))
    assert "in the place of training.budget" in told


def test_no_minutes_leave_a_budget_alone_and_must_last(tmp_path: Path) -> None:
    file = written(tmp_path, "training: {budget: 2, minutes: }\n")
    assert load_config(file).training.budget == 2
    assert problems(None, "training.minutes=0") == ["training.minutes: must be above 0, got 0"]


def test_the_message_counts_and_lists_the_problems() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, ["training.budget=-1"])
    assert str(caught.value) == (
        "the configuration has 1 problem:\n  training.budget: must be above 0, got -1"
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("seed: 1\ntarget: [\n", ":3:1: is not YAML ("),
        ("seed: 1\ntarget:\n\tname: a\n", ":3:1: is not YAML ("),
        ("seed: 1\nseed: 2\n", ":2:1: is not YAML (the key 'seed' is given twice)"),
        ("target:\n  name: a\n  name: b\n", ":3:3: is not YAML (the key 'name' is given twice)"),
        ("seed: !!python/object:os.system 1\n", ":1:7: is not YAML ("),
        ("- a\n", ": must hold sections such as 'target:', got list"),
    ],
)
def test_bad_yaml_names_file_line_and_column(text: str, place: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    found = problems(file, "training.budget=-1")
    assert found[0].startswith(f"{file}{place}")
    assert found[1:] == ["training.budget: must be above 0, got -1"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == [
        f"{tmp_path}/no.yaml: there is no such file; write one to edit with: recx init"
    ]
    (tmp_path / "latin.yaml").write_bytes(b"target: {name: caf\xe9}\n")
    assert "cannot be read" in problems(tmp_path / "latin.yaml")[0]
    assert "cannot be read" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("", "--set : must look like section.key=value"),
        ("=1", "--set =1: must look like section.key=value"),
        ("a..b=1", "--set a..b=1: must look like section.key=value"),
        ("seed.x=1", "seed.x: 'seed' is a value, not a section with keys"),
        ("seed=[1", "--set seed=[1: the value is not YAML ("),
    ],
)
def test_an_override_that_makes_no_sense_is_quoted(
    override: str, expected: str, tmp_path: Path
) -> None:
    found = problems(written(tmp_path, "seed: 0\n"), override)
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("delimiter=|", "|"), ("list_separator=#", "#"), ("list_separator=:", ":")),
        *(("list_separator=, ", ", "), ("delimiter=\\t", "\\t"), ("item_column=no", "no")),
        *(("title_column=2024", "2024"), ("name=1.50", "1.50"), ("list_separator=", None)),
        *(("time_column=null", None), ("list_separator=''", ""), ("name='no'", "no")),
        ("attribute_columns=[a, b]", ["a", "b"]),
    ],
)
def test_options_of_a_data_set_are_taken_as_typed(typed: str, value: object) -> None:
    config, problems = read_config(None, [f"dataset.options.{typed}"])
    assert problems == []
    assert config.dataset.options == {typed.partition("=")[0]: value}
