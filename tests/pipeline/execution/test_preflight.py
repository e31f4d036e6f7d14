"""Everything that is wrong with a run is one message, whichever way it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from recexplainer.config import read_config
from recexplainer.errors import ConfigError, UserError
from recexplainer.pipeline import default_registry, describe, run
from recexplainer.pipeline.execution.identity import source_files
from recexplainer.pipeline.execution.named_parts import plan
from recexplainer.pipeline.execution.preflight import preflight
from recexplainer.pipeline.execution.stage_table import stages_of
from recexplainer.plugins.interfaces import Provider
from recexplainer.runs.folder import RunFolder


def dry_run(config, out, problems=()):
    """Return what ``--dry-run`` prints."""
    return describe(preflight(config, default_registry(), out, problems, until="dataset"))


WAYS = {"run": run, "prepare_only": partial(run, until="surrogate"), "describe": dry_run}
FLAGS = {"run": (), "prepare_only": ("--prepare-only",), "describe": ("--dry-run",)}
FILES = "{interactions: rows.csv, items: items.csv}"
MISTAKES = {
    "training.budget=-1": "training.budget: must be above 0, got -1",
    "trainig.budget=1": "trainig: unknown key; did you mean 'training'?",
    "seed=seven": "seed: must be a whole number",
    "target.options.hiden_size=3": "target.options.hiden_size: unknown key; did you mean",
    "alignment.options.rank={}": "alignment.options.rank: unknown task 'rank'",
    "alignment.weights.rationals=1": "alignment.weights: unknown task 'rationals'. Did you mean",
    "explanations.explainers=[surrogate, occlude]": "explanations.explainers: unknown explainer",
    "explanations.text_encoder=./no-such": "explanations.text_encoder: './no-such' is no hub id",
    "judging.judges=[offline, chat:x]": "judging.judges: chat:x: the judge chat asks https://",
    "fidelity.chat_models=[{model: m}]": "fidelity.chat_models[0]: m asks https://",
    "training.optimizer=muon": "training.optimizer: muon needs whole matrices, which zero2 cuts",
    "training.parallel=zero2": "training.parallel: 'deepspeed' is not installed",
    "surrogate.quantization=4bit": "surrogate.quantization: 'bitsandbytes' is not installed",
    "training.tracker=wandb": "training.tracker: 'wandb' is not installed",
    "surrogate.backbone=tinny": "surrogate.backbone: 'tinny' is neither 'tiny', nor a folder",
}
"""One mistake each; all of them can be made at once."""
OTHERS = {
    "unknown data set": (
        ["dataset.name=ml100k"],
        "dataset.name: unknown dataset 'ml100k'. Did you",
    ),
    "unknown target": (["target.name=sasrc"], "target.name: unknown target 'sasrc'. Did you mean"),
    "a column that is not there": (
        [f"dataset={{name: csv, options: {FILES}}}"],
        "dataset.name: csv: rows.csv:1: there is no column 'user_id'; there are: user,",
    ),
    "a file that is not there": (
        ["dataset={name: recbole, options: {interactions: x.inter, items: good.item}}"],
        "dataset.options.interactions: there is no file x.inter",
    ),
    "a folder of something else": (
        ["dataset={name: movielens, options: {folder: broken}}"],
        "dataset.name: movielens: broken: this is no folder of MovieLens",
    ),
    "vectors of other rows": (
        ["target={name: vectors, options: {item_vectors: three.npy, item_ids: two.txt}}"],
        "target.name: vectors: three.npy: has 3 rows, and there are 2 ids",
    ),
    "text for a model": (
        [
            "target={name: onnx, options: {model: two.txt, item_ids: two.txt}}",
            "alignment.mode=behavior",
        ],
        "target.name: onnx: two.txt: cannot be run by ONNX Runtime",
    ),
    "a package": (["explanations.explainers=[lime]"], "lime: 'lime' is not installed"),
    "nobody hears": (
        ["explanations={explainers: [occlusion], instruction: only genres}"],
        "explanations.instruction: cannot follow the instruction 'only genres'",
    ),
    "a backbone that cannot word facts": (
        ["explanations={explainers: [told], options: {told: {writer: backbone}}}"],
        "explanations.options.told.writer: 'tiny' knows no language but what it is taught here",
    ),
    "weights cut short": (["surrogate.backbone=./broken"], "model.safetensors is cut short or dam"),
    "a template by another name": (
        ["surrogate={backbone: ./good, chat_template: rag}"],
        "surrogate.chat_template: the tokenizer of 'good' has none named 'rag'",
    ),
    "a base of no adapter": (
        ["surrogate={backbone: ./good, base: ./good}"],
        "surrogate.base: ./good is no adapter",
    ),
    "a base of tiny": (["surrogate.base=./good"], "surrogate.base: tiny is no adapter, so it"),
    "a text as GGUF": (["surrogate.backbone=./two.txt"], "two.txt is no GGUF file"),
    "a layer": (
        ["surrogate={backbone: ./good, lora: {targets: [q_pro]}}"],
        "surrogate.lora.targets: the backbone has no layer 'q_pro'; it has q_proj",
    ),
    "muon for low ranks": (
        ["surrogate.backbone=./good", "training.optimizer=muon"],
        "training.optimizer: muon updates whole matrices",
    ),
    "an encoder in a torn folder": (
        ["explanations.text_encoder=./broken"],
        "explanations.text_encoder: the weights in broken",
    ),
    "half precision": (["surrogate.precision=float16"], "surrogate.precision: float16 is trained"),
    "no GPU": (["surrogate.device=cuda"], "surrogate.device: cuda was asked for and no CUDA"),
}
WRONG_FILES = f"{{name: csv, options: {FILES.replace('items.csv', 'gone.csv')}}}"
TOGETHER = "training.optimizer: muon updates whole matrices"  # since the backbone is not tiny
FILE_MISTAKES = (
    "dataset.options.items: there is no file gone.csv",
    "dataset.name: csv: rows.csv:1: there is no column 'user_id'",
)
MISSING = ("deepspeed", "bitsandbytes", "wandb", "lime")


@pytest.fixture
def here(tmp_path, monkeypatch, published):
    """A folder with files that are good and some that are not; no key, no extra, no GPU."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for package in MISSING:
        monkeypatch.setitem(sys.modules, package, None)
    texts = {
        "rows.csv": "user,item_id\nu,a\n",
        "items.csv": "item_id,title\na,A\n",
        "good.item": "item_id:token\ttitle:token_seq\na\tA\n",
        "two.txt": "a\nb\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    np.save(tmp_path / "three.npy", np.ones((3, 2)))
    published(tmp_path / "good")
    weights = published(tmp_path / "broken") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(way, overrides, out=Path("out"), **given):
    """Return what a library's caller is told who reads the configuration and asks for ``way``."""
    config, problems = read_config(None, overrides)
    with pytest.raises(ConfigError) as refused:
        WAYS[way](config, out, problems=problems, **given)
    assert refused.value.exit_code == 2
    return refused.value.problems


@pytest.mark.parametrize("way", WAYS)
def test_all_mistakes_are_one_message(way, here):
    before = sorted(here.iterdir())
    said = refusal(way, [*MISTAKES, "dataset=" + WRONG_FILES])
    for words in (*MISTAKES.values(), *FILE_MISTAKES, TOGETHER):
        told = [line for line in said if line.removeprefix("not here: ").startswith(words)]
        assert len(told) == 1, words
    assert len(said) == len(MISTAKES) + len(FILE_MISTAKES) + 1
    assert not any("\n" in line for line in said)
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("way", WAYS)
def test_the_command_line_says_the_same_with_exit_code_2(way, here, recx):
    given = [*MISTAKES, "dataset=" + WRONG_FILES]
    said = recx("run", "--out", "out", *FLAGS[way], *(f"--set={one}" for one in given))
    head, *lines = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert head == f"recx: the configuration has {len(lines)} problems:"
    assert [line.strip() for line in lines] == list(refusal(way, given))
    assert "Traceback" not in said.err
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [pytest.param([override], words, id=override) for override, words in MISTAKES.items()],
)
def test_each_mistake_is_found_alone(overrides, words, here):
    if "training.optimizer" in words:
        overrides = [*overrides, "training.parallel=zero2"]
        (line,) = (line for line in refusal("run", overrides) if line.startswith("training.opt"))
    else:
        (line,) = refusal("run", overrides)
    assert line.startswith(words)


@pytest.mark.parametrize(("overrides", "words"), OTHERS.values(), ids=OTHERS)
def test_and_so_is_each_of_these(overrides, words, here):
    if "ONNX" in words:
        pytest.importorskip("onnxruntime")
    if "no CUDA" in words or "float16" in words:
        import torch

        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
    (line,) = refusal("run", overrides)
    assert words in line
    assert not (here / "out").exists()


def test_both_files_of_a_data_set_are_looked_at_though_one_is_missing(here):
    missing = "dataset={name: csv, options: {interactions: rows.csv, items: gone.csv}}"
    said = refusal("run", [missing])
    assert [line.partition(": ")[0] for line in said] == ["dataset.options.items", "dataset.name"]


@pytest.mark.parametrize("way", ["prepare_only", "describe"])
def test_what_is_done_elsewhere_may_be_missing_here(way, here):
    """The plan may be for another machine, which has a GPU, DeepSpeed or a tracker."""
    config, problems = read_config(None, ["training={parallel: zero2, tracker: wandb}"])
    until = "surrogate" if way == "prepare_only" else "dataset"
    checked = preflight(config, default_registry(), Path("out"), problems, until)
    assert [line.partition(":")[0] for line in checked.not_here] == [
        "training.parallel",
        "training.tracker",
    ]
    assert len(refusal("run", ["training={parallel: zero2, tracker: wandb}"])) == 2
    with pytest.raises(ConfigError, match=r"training\.parallel"):  # it is trained before that
        preflight(config, default_registry(), Path("out"), problems, "fidelity")


def test_an_unknown_stage_to_stop_before_is_told_with_the_rest(here):
    said = refusal("run", ["judging.judges=[chat:x]"], until="fidelty")
    assert [line.partition(":")[0] for line in said] == ["until", "judging.judges"]
    assert "Did you mean 'fidelity'?" in said[0]


def test_a_plan_may_be_described_without_a_way_to_the_hub(here):
    config, _ = read_config(None, ["surrogate.backbone=me/model"])
    lines = dry_run(config, Path("out"))
    absent = next(line for line in lines if line.startswith("not here"))
    assert absent.startswith("not here    surrogate.backbone: 'me/model' is not on this machine")
    for way in ("run", "prepare_only"):
        assert "the hub cannot be reached" in refusal(way, ["surrogate.backbone=me/model"])[0]


def test_mistakes_cost_no_torch(here):
    """Names, options, files, keys and packages are told before a heavy library is loaded."""
    light = [one for one in MISTAKES if "text_encoder" not in one]
    given = [*light, "dataset=" + WRONG_FILES]
    script = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({MISSING!r}))\n"
        "from recexplainer.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n"
        "    heavy = {'torch', 'transformers', 'pandas', 'recbole', 'datasets'}\n"
        "    heavy &= set(sys.modules)\n"
        "    print('heavy:', *heavy)\n"
    )
    for way in WAYS:
        words = ["run", *FLAGS[way], *(f"--set={one}" for one in given)]
        ended = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2, ended.stderr
        assert ended.stdout == "heavy:\n"
        assert f"has {len(light) + len(FILE_MISTAKES) + 1} problems:" in ended.stderr


# ── stages that are done ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def finished(here):
    """Return a call that marks the first stages of a run as done: ``finished(config, count)``."""

    def mark(config, count):
        checked = plan(config, default_registry())
        folder = RunFolder(Path("out"))
        stages = stages_of(checked, folder, source_files(checked, folder))
        for stage in stages[:count]:
            stage.run(lambda folder: None)
        (here / "out" / "config.yaml").write_text("seed: 0\n")
        return stages

    return mark


NEEDY = [
    "surrogate={backbone: ./broken, device: cuda, precision: float16, quantization: 4bit}",
    "training={parallel: zero2, tracker: wandb}",
    "explanations={explainers: [lime], text_encoder: me/gone}",
    "fidelity.chat_models=[{model: m}]",
    "judging.judges=[chat:x]",
]


def test_a_finished_run_needs_nothing_any_more(here, finished, monkeypatch):
    config, _ = read_config(None, NEEDY)
    assert len(refusal("run", NEEDY)) >= 9
    finished(config, 7)
    monkeypatch.setattr("recexplainer.pipeline.execution.preflight._NEEDED_BYTES", 10**18)
    checked = preflight(config, default_registry(), Path("out"))
    assert all(stage.done for stage in checked.stages)


@pytest.mark.parametrize(
    ("done", "settings"),
    [
        (3, {"surrogate.backbone", "surrogate.device", "surrogate.quantization"}),
        (4, {"surrogate.backbone", "surrogate.device", "fidelity.chat_models[0]"}),
        (6, {"judging.judges"}),
    ],
)
def test_each_stage_that_is_done_needs_less(done, settings, here, finished):
    config, _ = read_config(None, NEEDY)
    finished(config, done)
    said = {line.partition(":")[0] for line in refusal("run", NEEDY)}
    assert settings <= said
    if done == 4:
        assert not {"training.parallel", "training.tracker", "surrogate.quantization"} & said
    if done == 6:
        assert said == settings


def test_a_training_that_was_done_elsewhere_needs_no_gpu_here(here, finished):
    """Its folder was copied back, and this machine only goes on."""
    settings = ["surrogate.precision=float16", "training.parallel=zero2"]
    config, _ = read_config(None, settings)
    stages = finished(config, 3)
    assert len(refusal("run", settings)) == 2
    stages[3].begin()
    assert len(refusal("run", settings)) == 2
    report = {"parameters": 1, "trainable": 1, "vocabulary": 1, "examples": 1, "tokens": 1}
    report |= {"padding_share": 0, "steps": 1, "precision": "float16", "device": "cuda"}
    (stages[3].folder / "training.jsonl").write_text(json.dumps(report) + "\n")
    assert not preflight(config, default_registry(), Path("out")).stages[3].done


def test_where_stages_cannot_be_told_none_counts_as_done(here, finished):
    config, _ = read_config(None, NEEDY)
    finished(config, 7)
    said = refusal("run", [*NEEDY, "target.name=sasrc"])
    assert {"target.name", "judging.judges"} <= {line.partition(":")[0] for line in said}


def test_a_broken_later_part_does_not_ask_for_what_is_done(here, finished):
    """An unknown judge is no reason to look for the GPU that trained."""
    config, _ = read_config(None, NEEDY)
    finished(config, 7)
    said = refusal("run", [*NEEDY[:-1], "judging.judges=[ofline]"])
    assert [line.partition(":")[0] for line in said] == ["judging.judges"]


# ── what a plugin says ───────────────────────────────────────────────────────────────────────────


def registered(**given):
    """Return the registry with a data set ``mine`` beside the others."""
    from recexplainer import default_plugins, hookimpl
    from recexplainer.plugins.manager import load_registry

    class Plugin:
        @hookimpl
        def recx_register_datasets(self):
            return [Provider("mine", lambda options, kit: None, "mine", **given)]

    return load_registry([default_plugins, Plugin()], entry_points=False)


def test_a_plugin_may_raise_or_yield_what_it_lacks(here):
    def raises(options):
        raise UserError("no such thing")

    config, _ = read_config(None, ["dataset.name=mine"])
    for ready in (raises, lambda options: ["no such thing"]):
        with pytest.raises(ConfigError) as refused:
            preflight(config, registered(ready=ready), Path("out"))
        assert refused.value.problems == ("dataset.name: mine: no such thing",)


def test_the_instruction_is_for_the_data_to_refuse_where_somebody_hears(here):
    config, _ = read_config(None, ["explanations.instruction=only directors"])
    assert preflight(config, default_registry(), Path("out")).plan
