"""How long a training run with very many steps takes to be read and drawn, and to be read on.

    python -m benchmarks.bench_training_curves [--events 100000] [--rounds 5]

A run's lines as a trainer writes them (seven figures a step) are read anew, smoothed, thinned out and made
into the figures that the page sends to the browser. It is timed by the clock, and the best of several rounds
counts; the processor's time, and how long the machine takes to parse the same lines, is told beside it.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, exit_status, show
from xlam_backend.charts.training_curves import training_chart
from xlam_backend.training import curves
from xlam_backend.training.curve_panels import CurvesOfRun, draw_panels
from xlam_backend.training.metrics_file import MetricsLine, metrics_path, tell_metrics

ASKED_SECONDS = 1.0
ASKED_VISIBLE_SECONDS = 2.0
RESUMED_SHARE = 0.6


def write_events(folder: Path, count: int) -> None:
    """Write the lines of a run that was killed once, and went on from a checkpoint."""
    first = int(count * RESUMED_SHARE)
    steps = [(1, step) for step in range(1, first + 1)]
    steps += [(2, step) for step in range(first - first // 10 + 1, count - first // 10 + 1)]
    metrics_path(folder).parent.mkdir(parents=True)
    with metrics_path(folder).open("wb") as file:
        for attempt, step in steps:
            line = MetricsLine(1.7e9 + step, attempt, step, numbers=_numbers(step))
            file.write(msgspec.json.encode(line) + b"\n")


def _numbers(step: int) -> dict[str, float | None]:
    noise = math.sin(step * 12.9898)
    return {
        "loss": 0.4 + 40 / (20 + step) + 0.1 * noise,
        "grad_norm": 1.2 + 0.3 * noise,
        "learning_rate": 5e-5 * math.exp(-step / 50_000),
        "mean_token_accuracy": 0.9 + 0.02 * noise,
        "tokens_per_second": 3_000 + 50 * noise,
        "memory_bytes": 9e8,
        "epoch": step / 1_000,
    }


def draw(folder: Path) -> int:
    """Read the lines of a run anew and make all its figures; returns the characters sent to the browser."""
    curves.forget_all()
    found = curves.read_curves(folder)
    return _figures(found)


def _figures(found: curves.Curves) -> int:
    panels = draw_panels([CurvesOfRun("", found)], weight=0.99)
    return sum(len(training_chart(panel.lines, marks=panel.marks).to_json()) for panel in panels)


def _best(rounds: int, work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    best = math.inf
    for _ in range(rounds):
        began = clock()
        work()
        best = min(best, clock() - began)
    return best


def measure(events: int, rounds: int) -> list[Figure]:
    """Measure drawing all, drawing after one more step, and writing and seeing a step."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        write_events(folder, events)
        content = metrics_path(folder).read_bytes()
        _figures(curves.read_curves(folder))  # plotly is loaded once in a process
        characters = draw(folder)
        whole = _best(rounds, lambda: draw(folder))
        parse = _best(rounds, lambda: [msgspec.json.decode(line) for line in content.splitlines()])
        step = events

        def one_more() -> None:
            nonlocal step
            step += 1
            tell_metrics(folder, attempt=2, step=step, numbers={"loss": 0.4}, at=1.7e9 + step)
            if curves.read_curves(folder).last_step != step:
                raise SystemExit("A step that was told is not seen.")

        more = _best(max(rounds, 20), one_more)
        of_processor = _best(rounds, lambda: draw(folder), time.process_time)
        return [
            Figure(f"{events:,} events read, smoothed, thinned out and drawn", ASKED_SECONDS, whole, "s"),
            Figure("one more step told, written and read", ASKED_VISIBLE_SECONDS, more, "s"),
            Figure("the first, time of the processor", None, of_processor, "s"),
            Figure("the same lines only parsed", None, parse, "s"),
            Figure("sent to the browser", None, characters / 1_000, "kB"),
        ]


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    figures = measure(given.events, given.rounds)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    raise SystemExit(main())
