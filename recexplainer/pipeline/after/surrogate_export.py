"""Export of a trained surrogate: to a folder, or to a repository of the Hugging Face hub."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from recexplainer.errors import StageError, UserError
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.named_parts import plan
from recexplainer.pipeline.execution.report_assembly import CARD
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.plugins.registry import Registry
from recexplainer.runs.artifacts import write_text
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.surrogate.corpus.training_files import TRAINED

__all__ = ["export", "push"]

_TOKEN = "HF_TOKEN"  # noqa: S105  # the name of a variable, not what it holds


@quiet_libraries()
def export(
    out: Path, folder: Path, *, merge: bool = False, registry: Registry | None = None
) -> None:
    """Write the surrogate of a finished run, with its model card, into ``folder``.

    Args:
        out: the run folder.
        folder: where to; it must not exist, or be empty. It appears when it is complete.
        merge: write a whole model that ``AutoModelForCausalLM`` loads, and in ``language_model/``
            the bare language model; otherwise a pretrained backbone is referred to by its name.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: the run has no trained surrogate or no report yet.
        UserError: ``folder`` holds something.
    """
    from recexplainer.report.render.model_card import render_card
    from recexplainer.report.render.report_files import load_report

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} exists and is not empty; give a new folder")
    bench, stages = reopen(config_of_run(out), out, registry or default_registry())
    *_, surrogate = up_to(stages, "surrogate")
    trained = surrogate.require() / TRAINED
    report = load_report(out)
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        _write(trained, part / "whole", merge=merge)
        card = render_card(report, bench.plan.recipe, merged=merge)
        write_text(part / "whole" / CARD, card)
        (part / "whole").replace(folder)  # also onto an empty folder
    finally:
        shutil.rmtree(part, ignore_errors=True)


def push(
    out: Path,
    repo: str,
    *,
    merge: bool = False,
    private: bool = True,
    registry: Registry | None = None,
) -> str:
    """Upload what ``export`` writes to the hub, in one commit, and return its address.

    The token is read from ``HF_TOKEN`` and kept nowhere; ``HF_ENDPOINT`` names another hub.

    Args:
        out: the run folder.
        repo: ``owner/name``; made where it does not exist.
        merge: as of ``export``.
        private: whether a repository that is made here is.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        UserError: there is no token, the hub refuses it, or the backbone is a folder of this
            machine and ``merge`` is off.
        StageError: the hub cannot be reached, or fails.
    """
    token = os.environ.get(_TOKEN)
    if not token:
        raise UserError(f"pushing to the hub needs a token in the environment variable {_TOKEN}")
    recipe = plan(config_of_run(out), registry or default_registry()).recipe
    backbone = None if merge or recipe.whole else recipe.source
    if backbone is not None and Path(backbone).expanduser().exists():
        raise UserError(
            f"the backbone {backbone} is on this machine alone, so nobody who loads the updates "
            "would have it; push the whole model with --merge"
        )
    with tempfile.TemporaryDirectory(prefix=".push-", dir=out) as place:
        folder = Path(place) / "export"
        export(out, folder, merge=merge, registry=registry)
        return _upload(folder, repo, token, private=private)


def _write(trained: Path, folder: Path, *, merge: bool) -> None:
    if merge:
        from recexplainer.surrogate.model.merged_export import write_whole

        write_whole(trained, folder)
    else:
        shutil.copytree(trained, folder)


def _upload(folder: Path, repo: str, token: str, *, private: bool) -> str:
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    hub = HfApi(token=token)
    try:
        address = hub.create_repo(repo, private=private, exist_ok=True)
        hub.upload_folder(
            repo_id=address.repo_id, folder_path=folder, commit_message="Add the surrogate"
        )
    except HFValidationError as error:
        raise UserError(f"{repo!r} is no name of a repository: {_line(error)}") from error
    except OfflineModeIsEnabled as error:
        raise UserError("HF_HUB_OFFLINE is set; unset it to push to the hub") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        kind = UserError if status in {400, 401, 403, 404, 409} else StageError
        raise kind(f"{hub.endpoint} refused {repo}: {_line(error)}") from error
    except (httpx2.HTTPError, RuntimeError) as error:  # the latter: of a file, while it was sent
        reason = _line(error.__cause__ or error)
        raise StageError(f"{hub.endpoint} could not be reached: {reason}") from error
    return str(address)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
