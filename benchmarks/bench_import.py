"""Import speed against pure parsing, growth at ten times the rows, and peak memory, all in one run.

    python -m benchmarks.bench_import           60,000 and 600,000 rows
    python -m benchmarks.bench_import --quick   20,000 and 60,000 rows

The yardstick is msgspec reading the same lines into typed records: the row, then its answers and
its tools with every parameter. Seconds differ between machines, so only ratios are judged; each
import runs in a process of its own, after a small one that loads what is loaded once.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.generate_60k import write_rows
from benchmarks.parse_yardstick import parse_lines
from xlam_backend.domain.person import Person
from xlam_backend.importers.pipeline import import_source
from xlam_backend.store.connection import Store

RESEARCHER = Person("benchmark", "researcher")

WARM_UP_ROWS = 500
REPEATS = 3
WORST_SLOWDOWN = 6.0  # import takes at most six times as long as parsing
WORST_GROWTH = 1.2  # ten times the rows take at most twelve times as long
WORST_MEMORY = 1.5  # ten times the rows take hardly more memory


class Measured(msgspec.Struct):
    """One import in a process of its own."""

    rows: int
    seconds: float
    peak_mib: float


def parse_seconds(path: Path) -> float:
    """Return how long pure parsing of all lines takes, inner JSON included."""
    start = time.perf_counter()
    with path.open("rb") as lines:
        parse_lines(lines)
    return time.perf_counter() - start


def import_once(path: Path, warm_up: Path, processes: int) -> Measured:
    """Import a file into an empty store and measure it."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        import_source(store, warm_up, now=now, dataset="warm-up", person=RESEARCHER)
        start = time.perf_counter()
        report = import_source(
            store, path, now=now, dataset="measured", processes=processes, person=RESEARCHER
        )
        seconds = time.perf_counter() - start
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(report.read_count, seconds, peak)


def _import_apart(path: Path, warm_up: Path, processes: int) -> Measured:
    command = [sys.executable, "-m", "benchmarks.bench_import", "--import-one", str(path), str(warm_up)]
    done = subprocess.run([*command, "--processes", str(processes)], capture_output=True, check=True)  # noqa: S603
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Measured)


def _compare(folder: Path, rows: int, growth: int, processes: int) -> bool:
    warm_up, once, longer = folder / "warm.jsonl", folder / "once.jsonl", folder / "longer.jsonl"
    write_rows(warm_up, WARM_UP_ROWS, seed=3)
    write_rows(once, rows, seed=7)
    write_rows(longer, rows * growth, seed=11)
    parses, imports = [], []
    for _ in range(REPEATS):  # in turns, so that a slow moment of the machine meets both
        parses.append(parse_seconds(once))
        imports.append(_import_apart(once, warm_up, processes))
    large = _import_apart(longer, warm_up, processes)
    best = min(imports, key=lambda measured: measured.seconds)
    slowdown, slower = best.seconds / min(parses), large.seconds / best.seconds
    memory = large.peak_mib / max(measured.peak_mib for measured in imports)
    print(f"rows                      {best.rows:,} ({once.stat().st_size / 1e6:.0f} MB) and {large.rows:,}")
    print(f"pure parse                {best.rows / min(parses):,.0f} rows/s")
    print(f"import                    {best.rows / best.seconds:,.0f} rows/s")
    print(f"import / parse            1/{slowdown:.2f} of the rate (at least 1/{WORST_SLOWDOWN:.0f})")
    print(f"time at {growth:2}x the rows      {slower:.1f}x (at most {WORST_GROWTH * growth:.1f}x)")
    print(
        f"peak memory               {best.peak_mib:,.0f} MiB, then {large.peak_mib:,.0f} MiB: {memory:.2f}x"
    )
    return slowdown <= WORST_SLOWDOWN and slower <= WORST_GROWTH * growth and memory <= WORST_MEMORY


def main() -> int:
    """Run the benchmark, or one import of it."""
    parser = argparse.ArgumentParser(description="Import speed against pure parsing.")
    parser.add_argument("--quick", action="store_true", help="fewer rows")
    parser.add_argument("--processes", type=int, default=0, help="worker processes that convert records")
    parser.add_argument("--import-one", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.import_one:
        print(json.dumps(msgspec.to_builtins(import_once(*given.import_one, given.processes))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rows, growth = (20_000, 3) if given.quick else (60_000, 10)
        is_good = _compare(Path(folder), rows, growth, given.processes)
    print("as promised" if is_good else "NOT as promised")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
