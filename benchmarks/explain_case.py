"""Keeps what ``recx explain`` says about one case of a finished run, word for word.

Usage: python benchmarks/explain_case.py runs/benchmarks/seed-0 --user 42 --item "Fargo"
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from measuring import RECX, RESULTS, timed, write_result

SHOWN_AS = "runs/ml-100k-sasrec-hybrid"
"""The folder that a reader of the documentation has."""


def main() -> None:
    """Ask, and keep the command as a reader would give it, with its output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--user", required=True)
    parser.add_argument("--item")
    parser.add_argument("--result", type=Path, default=RESULTS / "explain_case.json")
    given = parser.parse_args()
    asked = ["--user", given.user, *(["--item", given.item] if given.item else [])]
    output = timed([*RECX, "explain", str(given.run), *asked]).output
    command = shlex.join(["recx", "explain", SHOWN_AS, *asked])
    write_result(given.result, {"command": command, "output": output})
    print(output)


if __name__ == "__main__":
    main()
