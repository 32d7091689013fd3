"""Exports: memory stays flat however many rows there are, ten times the rows take ten times as long.

    python -m benchmarks.bench_exports [--small]

Made-up rows of the 60k set's sizes are streamed through each format in a process of its own: once a number
of rows, once ten times as many. What a process has at most in memory is held against the smaller run, and
the time of a row likewise.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Figure, exit_status, show
from benchmarks.generate_60k import make_rows
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.exports import export_format_by_name
from xlam_backend.exports.base import ExportRow
from xlam_backend.exports.writing import places_of, publish, write_rows
from xlam_backend.importers.base import Kept, Place, RawRecord
from xlam_backend.importers.xlam_60k import Row, convert

FORMATS = (
    ("unified_1", ".jsonl.gz"),
    ("unified_2", ".parquet"),
    ("trl_sft", ".jsonl"),
    ("xlam_60k", ".jsonl"),
    ("sharegpt", ".jsonl"),
    ("text_xlam_r", ".jsonl"),
    ("text_xlam_2_llama", ".parquet"),
)
MOST_MEMORY = 1.15  # of the run with a tenth of the rows
MOST_TIME = 13.0  # times the run with a tenth of the rows
SEED = 7


class _NoCompanions:
    """Rows of this form need nothing beside them."""

    def read_json(self, *names: str) -> Any:
        raise AssertionError(names)


def training_rows(count: int) -> Iterator[ExportRow]:
    """Yield made-up rows, one at a time."""
    decode = msgspec.json.Decoder(Row).decode
    for number, line in enumerate(make_rows(count, SEED)):
        (made,) = convert(RawRecord(line, Place("made up"), decode(line)), _NoCompanions())
        if not isinstance(made, Kept):
            raise SystemExit("A generated row gave no trajectory.")
        yield TrainingRow(f"row-{number}", made.trajectory, None, "", "made up", "", "", ())


def export_here(name: str, ending: str, count: int) -> dict[str, float]:
    """Export rows in this process; return seconds of its processor and the most memory it had, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        places = places_of(Path(folder) / f"all{ending}")
        began = time.process_time()
        written = write_rows(training_rows(count), export_format_by_name(name), places)
        publish(places, None, has_refused=bool(written.refused))
        seconds = time.process_time() - began
    if written.written_count != count:
        raise SystemExit(f"{name}: {written.refused}")
    return {"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure(name: str, ending: str, count: int) -> dict[str, float]:
    """Export rows in a process of its own, whose memory nothing else has touched."""
    asked = [sys.executable, "-m", "benchmarks.bench_exports", "--one", name, ending, str(count)]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603 - our own interpreter
    found: dict[str, float] = json.loads(done.stdout)
    return found


def figures(rows: int) -> list[Figure]:
    """Measure every format."""
    found = []
    for name, ending in FORMATS:
        few, many = measure(name, ending, rows), measure(name, ending, 10 * rows)
        title = f"{name} {ending}"
        found += [
            Figure(f"{title}: memory, 10x rows", MOST_MEMORY, many["memory"] / few["memory"], "x"),
            Figure(f"{title}: time, 10x rows", MOST_TIME, many["seconds"] / few["seconds"], "x"),
            Figure(f"{title}: most memory", None, many["memory"], "MB"),
            Figure(f"{title}: rows per second of one core", None, 10 * rows / many["seconds"]),
        ]
    return found


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--small", action="store_true", help="A tenth of the rows.")
    parser.add_argument("--one", nargs=3, metavar=("FORMAT", "ENDING", "ROWS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        name, ending, count = given.one
        print(json.dumps(export_here(name, ending, int(count))))
        return 0
    rows = given.rows // 10 if given.small else given.rows
    print(f"Exports of {rows:,} and of {10 * rows:,} made-up rows")
    table = figures(rows)
    print(show(table))
    return exit_status(table)


if __name__ == "__main__":
    raise SystemExit(main())
