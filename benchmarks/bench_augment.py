"""How fast trajectories are shuffled and their answers written, format by format, on one core.

    python -m benchmarks.bench_augment [--rows 2000]

Made-up rows of the 60k set's sizes go through the whole augmentation (all shuffles, a format, a style)
and have the answer of each step written. How long the machine takes to parse the same rows is printed
beside it: a busy machine is as busy for both. Of each small slice of the rows the best of several rounds
counts, so that what others do on the machine in between is not counted as this work.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from benchmarks.generate_60k import make_rows
from benchmarks.parse_yardstick import parse_lines
from xlam_backend.augment.augmented import Augmented, augment_all
from xlam_backend.augment.plan import AugmentPlan
from xlam_backend.augment.prompt import write_answer, write_prompt
from xlam_backend.domain.trajectory import Trajectory, content_id
from xlam_backend.importers.base import Kept, Place, RawRecord
from xlam_backend.importers.xlam_60k import Row, convert
from xlam_backend.output_formats import OUTPUT_FORMATS

ASKED = 10_000  # trajectories per second and core, for shuffling and one format
SEED = 7
SLICE = 50  # rows


class _NoCompanions:
    """Rows of this form need nothing beside them."""

    def read_json(self, *names: str) -> Any:
        raise AssertionError(names)


Slice = tuple[list[bytes], list[tuple[str, Trajectory]]]


class Work(NamedTuple):
    """A kind of work: the formats that chance may choose, and what is written of each trajectory."""

    name: str
    formats: tuple[str, ...]
    write: Callable[[Augmented], None]
    is_asked: bool = True


class Speed(NamedTuple):
    """Trajectories per second for one kind of work, beside the rows parsed per second in the same round."""

    name: str
    per_second: float
    parsed: float
    is_asked: bool

    @property
    def is_met(self) -> bool:
        """Whether it is fast enough, where a figure is asked for."""
        return not self.is_asked or self.per_second >= ASKED


def read_trajectories(lines: list[bytes]) -> list[tuple[str, Trajectory]]:
    """Return the trajectories of generated rows with their content ids, as a store has them at hand."""
    decode = msgspec.json.Decoder(Row).decode
    return [
        (content_id(made.trajectory), made.trajectory)
        for line in lines
        for made in convert(RawRecord(line, Place("made up"), decode(line)), _NoCompanions())
        if isinstance(made, Kept)
    ]


def measure(rows: int, rounds: int) -> list[Speed]:
    """Measure shuffling alone, with each format, and with the whole prompt written too."""
    lines = list(make_rows(rows, SEED))
    items = read_trajectories(lines)
    if len(items) != len(lines):
        raise SystemExit("Not every generated row gave a trajectory.")
    slices = [(lines[at : at + SLICE], items[at : at + SLICE]) for at in range(0, rows, SLICE)]
    works = [Work("shuffling alone", (), _write_nothing, is_asked=False)]
    works += [Work(form.name, (form.name,), _write_answers) for form in OUTPUT_FORMATS]
    works.append(Work("json_object, prompts written too", ("json_object",), _write_all, is_asked=False))
    return [_time(work, slices, rounds) for work in works]


def _write_nothing(_made: Augmented) -> None:
    pass


def _write_answers(made: Augmented) -> None:
    for step in range(len(made.trajectory.steps)):
        write_answer(made.trajectory, made.telling, step)


def _write_all(made: Augmented) -> None:
    for step in range(len(made.trajectory.steps)):
        write_prompt(made.trajectory, made.telling, step)
        write_answer(made.trajectory, made.telling, step)


def _time(work: Work, slices: list[Slice], rounds: int) -> Speed:
    """Time a kind of work and the parse of the same rows, slice by slice in turns."""
    plan = AugmentPlan(formats=work.formats)

    def run(items: list[tuple[str, Trajectory]]) -> None:
        for made in augment_all(items, plan, seed=SEED):
            if isinstance(made, Augmented):
                work.write(made)

    best = [(float("inf"), float("inf"))] * len(slices)
    for _ in range(rounds):
        for at, (lines, items) in enumerate(slices):
            parsed = _seconds(lambda lines=lines: parse_lines(lines))  # type: ignore[misc]
            worked = _seconds(lambda items=items: run(items))  # type: ignore[misc]
            best[at] = (min(best[at][0], parsed), min(best[at][1], worked))
    rows = sum(len(lines) for lines, _ in slices)
    return Speed(
        work.name,
        rows / sum(worked for _, worked in best),
        rows / sum(parsed for parsed, _ in best),
        work.is_asked,
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    print(f"Trajectories per second of one core; asked: {ASKED:,} for shuffling and one format")
    print(f"{'work':<34}{'per second':>12}{'of parsing':>12}")
    missed = 0
    for speed in measure(given.rows, given.rounds):
        missed += not speed.is_met
        said = "" if not speed.is_asked else "   met" if speed.is_met else "   MISSED"
        print(f"{speed.name:<34}{speed.per_second:>12,.0f}{speed.per_second / speed.parsed:>12.2f}{said}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
