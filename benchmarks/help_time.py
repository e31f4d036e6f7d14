"""How long ``recx --help`` takes: the median of ten fresh processes.

Usage: python benchmarks/help_time.py
"""

from __future__ import annotations

from statistics import median

from measuring import RECX, RESULTS, describe_machine, timed, write_result

REPEATS = 10


def main() -> None:
    """Measure, after one call that fills the file caches."""
    machine, command = describe_machine(), [*RECX, "--help"]
    timed(command)
    seconds = [timed(command).seconds for _ in range(REPEATS)]
    write_result(
        RESULTS / "help_time.json",
        {"machine": machine, "median_seconds": median(seconds), "seconds": seconds},
    )
    print(f"recx --help: {median(seconds):.2f} s (median of {REPEATS})")


if __name__ == "__main__":
    main()
