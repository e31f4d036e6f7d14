"""DeepSpeed's list of hosts, and what this machine needs to reach them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from recexplainer.errors import DataError, UserError

__all__ = ["check_reachable", "read_hosts"]

_LINE = re.compile(r"(\S+)\s+slots=(\d+)\s*(#.*)?")


def read_hosts(path: Path) -> dict[str, int]:
    """Return each host's slots, in the order of the file.

    Args:
        path: a line per host, such as ``node1 slots=8``; empty lines and comments may stand
            between them.

    Raises:
        DataError: there is no such file, or it is not that; names the line.
    """
    if not path.is_file():
        raise UserError(f"--hostfile: there is no file {path}")
    hosts: dict[str, int] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _LINE.fullmatch(text)
        if found is None:
            raise DataError(f"{text!r} is not like 'node1 slots=8'", path=path, line=number)
        if found[1] in hosts:
            raise DataError(f"{found[1]} was listed before", path=path, line=number)
        hosts[found[1]] = int(found[2])
    if not hosts:
        raise DataError("no host is listed; write a line such as 'node1 slots=8'", path=path)
    return hosts


def check_reachable(hosts: dict[str, int], processes: int) -> None:
    """Refuse hosts with too few slots, or that DeepSpeed has no program to reach.

    Raises:
        UserError: what is missing.
    """
    for host, slots in hosts.items():
        if processes > slots:
            raise UserError(f"--nproc {processes} is more than the {slots} slots of {host}")
    for program in ("ssh", "pdsh") if len(hosts) > 1 else ("ssh",):
        if shutil.which(program) is None:
            raise UserError(
                f"--hostfile: DeepSpeed reaches hosts by {program!r}, which is not installed here; "
                "install it, or start torchrun on every host (docs: many GPUs)"
            )
