"""Curves of a training run from the lines its trainer wrote: read on as they grow, thinned out, smoothed.

After a resume some steps stand twice. What counts of a step is the last attempt that did it; and what an
earlier attempt did beyond the checkpoint that a later one began at is no part of the model any more.
"""

from __future__ import annotations

import math
import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from xlam_backend.training.metrics_file import MetricsLine, SamplePrediction, metrics_path

Numbers: TypeAlias = NDArray[np.float64]

_MOST_KEPT_FILES = 16
_MOST_SAMPLED_STEPS = 50
_PACE_LINES = 50
_LINES_AT_ONCE = 5_000
_NOT_TOLD = math.inf  # no line holds it: what is not finite is written as None


@dataclass(frozen=True)
class Series:
    """One figure over the steps, in their order; a value that was no number is NaN."""

    name: str
    steps: Numbers
    values: Numbers

    @property
    def latest(self) -> float | None:
        """The last value that is a number."""
        known = self.values[np.isfinite(self.values)]
        return float(known[-1]) if known.size else None


@dataclass(frozen=True)
class AttemptStart:
    """The first step that an attempt told of, and when."""

    attempt: int
    step: int
    at: float


@dataclass(frozen=True)
class SampledStep:
    """What the model wrote for the held-out rows at one step."""

    step: int
    attempt: int
    samples: tuple[SamplePrediction, ...]


@dataclass(frozen=True)
class Curves:
    """All that the trainer of one run told.

    line_count     lines that count
    undone_count   lines of earlier attempts whose steps were done anew
    torn_count     lines that cannot be read
    step_seconds   how long a step takes at the present attempt's pace; None before there is one
    """

    series: dict[str, Series]
    attempts: tuple[AttemptStart, ...] = ()
    samples: tuple[SampledStep, ...] = ()
    line_count: int = 0
    undone_count: int = 0
    torn_count: int = 0
    last_step: int = 0
    last_at: float | None = None
    step_seconds: float | None = None

    def latest(self, name: str) -> float | None:
        """Return the last value of a figure; None where there is none."""
        found = self.series.get(name)
        return None if found is None else found.latest


class _Growing:
    """One figure as it grows."""

    def __init__(self) -> None:
        self._steps = array("q")
        self._values = array("d")

    def extend(self, steps: list[int], values: list[float]) -> None:
        """Add values at steps that rise."""
        if self._steps and self._steps[-1] >= steps[0]:
            self.cut(steps[0])
        self._steps.extend(steps)
        self._values.extend(values)

    def cut(self, step: int) -> None:
        """Forget this step and all behind it."""
        place = bisect_left(self._steps, step)
        del self._steps[place:]
        del self._values[place:]

    def series(self, name: str) -> Series:
        return Series(name, np.array(self._steps, dtype=np.float64), np.array(self._values))


class _Reader:
    """Reads one file on from where it stopped; a last line that is still being written is left for later."""

    def __init__(self) -> None:
        self._begin(-1)

    def _begin(self, inode: int) -> None:
        self._inode = inode
        self._offset = 0
        self._figures: dict[str, _Growing] = {}
        self._attempts: list[AttemptStart] = []
        self._samples: list[SampledStep] = []
        self._told_steps = array("q")
        self._told_at = array("d")
        self._line_count = self._torn_count = 0
        self._made: Curves | None = None

    def read(self, path: Path) -> Curves:
        try:
            found = path.stat()
        except OSError:
            return Curves({})
        if found.st_ino != self._inode or found.st_size < self._offset:
            self._begin(found.st_ino)  # another file stands there now
        if found.st_size > self._offset:
            self._read_on(path)
        if self._made is None:
            self._made = self._curves()
        return self._made

    def _read_on(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        if not whole:
            return
        self._made = None
        self._offset += len(whole)
        lines = whole.splitlines()
        for begin in range(0, len(lines), _LINES_AT_ONCE):
            for stretch in _rising(self._decoded(lines[begin : begin + _LINES_AT_ONCE])):
                self._add(stretch)

    def _decoded(self, lines: list[bytes]) -> list[MetricsLine]:
        try:
            return msgspec.json.decode(b"[" + b",".join(lines) + b"]", type=list[MetricsLine])
        except msgspec.DecodeError:
            return self._one_by_one(lines)

    def _one_by_one(self, lines: list[bytes]) -> list[MetricsLine]:
        found = []
        for line in lines:
            try:
                found.append(msgspec.json.decode(line, type=MetricsLine))
            except msgspec.DecodeError:
                self._torn_count += bool(line.strip())  # torn by a kill: the others still count
        return found

    def _add(self, lines: list[MetricsLine]) -> None:
        """Take over lines of one attempt whose steps rise: many at once, for there may be very many."""
        first = lines[0]
        latest = self._attempts[-1].attempt if self._attempts else 0
        self._line_count += len(lines)
        if first.attempt < latest:
            return  # of a process that a kill has left behind
        if first.attempt > latest:
            self._begin_attempt(first)
        self._samples += [
            SampledStep(line.step, line.attempt, line.samples) for line in lines if line.kind == "sample"
        ]
        del self._samples[:-_MOST_SAMPLED_STEPS]
        steps, told = [line.step for line in lines], [line.numbers for line in lines]
        for name in dict.fromkeys(chain.from_iterable(told)):
            self._add_figure(name, steps, told)
        known = bisect_left(steps, self._told_steps[-1]) if self._told_steps else 0
        self._told_steps.extend(steps[known:])
        self._told_at.extend(line.at for line in lines[known:])

    def _add_figure(self, name: str, steps: list[int], told: list[dict[str, float | None]]) -> None:
        values = [numbers.get(name, _NOT_TOLD) for numbers in told]
        if _NOT_TOLD in values:
            steps = [step for step, value in zip(steps, values) if value != _NOT_TOLD]
            values = [value for value in values if value != _NOT_TOLD]
        finite = [math.nan if value is None else value for value in values]
        self._figures.setdefault(name, _Growing()).extend(steps, finite)

    def _begin_attempt(self, line: MetricsLine) -> None:
        for figure in self._figures.values():
            figure.cut(line.step)
        place = bisect_left(self._told_steps, line.step)
        del self._told_steps[place:]
        del self._told_at[place:]
        self._samples = [one for one in self._samples if one.step < line.step]
        self._attempts.append(AttemptStart(line.attempt, line.step, line.at))

    def _curves(self) -> Curves:
        counted = len(self._told_steps)
        return Curves(
            {name: figure.series(name) for name, figure in self._figures.items()},
            tuple(self._attempts),
            tuple(self._samples),
            counted,
            self._line_count - counted,
            self._torn_count,
            self._told_steps[-1] if counted else 0,
            self._told_at[-1] if counted else None,
            self._pace(),
        )

    def _pace(self) -> float | None:
        """Return the seconds for a step, of the last lines of the present attempt."""
        if not self._attempts:
            return None
        began = bisect_left(self._told_steps, self._attempts[-1].step)
        steps, told = self._told_steps[began:], self._told_at[began:]
        first = max(0, len(steps) - _PACE_LINES)
        made = steps[-1] - steps[first] if steps else 0
        return max(0.0, told[-1] - told[first]) / made if made > 0 else None


def _rising(lines: list[MetricsLine]) -> Iterator[list[MetricsLine]]:
    """Yield the lines in stretches of one attempt, in each of which every step is above the one before."""
    begin = 0
    for place in range(1, len(lines)):
        before, line = lines[place - 1], lines[place]
        if line.step <= before.step or line.attempt != before.attempt:
            yield lines[begin:place]
            begin = place
    if lines:
        yield lines[begin:]


_lock = threading.Lock()
_readers: OrderedDict[Path, _Reader] = OrderedDict()


def read_curves(run_folder: Path) -> Curves:
    """Return what the trainer of a run has told; only what was added since the last look is read."""
    with _lock:
        reader = _readers.pop(run_folder, None) or _Reader()
        _readers[run_folder] = reader
        while len(_readers) > _MOST_KEPT_FILES:
            _readers.popitem(last=False)
        return reader.read(metrics_path(run_folder))


def forget_all() -> None:
    """Forget what was read, as at the start of a process."""
    with _lock:
        _readers.clear()


def smooth(series: Series, weight: float) -> Series:
    """Return the running mean of a figure, where the past counts for `weight` (0..1) at each value.

    It starts unbiased, as TensorBoard's does. A value that is no number stays one, and changes nothing.

    >>> steps = np.arange(3.0)
    >>> smooth(Series("loss", steps, np.array([4.0, math.nan, 1.0])), 0.5).values.tolist()
    [4.0, nan, 2.0]
    """
    if not weight:
        return series
    finite = np.isfinite(series.values)
    share = 1 - weight
    weighted = (series.values[finite] * share).tolist()
    means = np.array(list(accumulate(weighted, lambda mean, value: weight * mean + value)))
    smoothed = np.full(series.values.size, math.nan)
    smoothed[finite] = means / (1 - weight ** np.arange(1, means.size + 1))
    return Series(series.name, series.steps, smoothed)


def thin_out(series: Series, most: int) -> Series:
    """Return at most about `most` points that draw the same line: of each stretch its lowest and highest.

    >>> thin_out(Series("loss", np.arange(6.0), np.array([1.0, 9, 2, 3, 0, 4])), 4).values.tolist()
    [1.0, 9.0, 0.0, 4.0]
    """
    count = series.values.size
    stretches = max(1, most // 2)
    if count <= most:
        return series
    width = -(-count // stretches)
    whole = count - count % width
    kept = [_extremes(series.values[:whole].reshape(-1, width), width)]
    if whole < count:
        kept.append(whole + _extremes(series.values[whole:].reshape(1, -1), 0))
    places = np.unique(np.concatenate([*kept, [0, count - 1]]))
    return Series(series.name, series.steps[places], series.values[places])


def _extremes(rows: Numbers, width: int) -> NDArray[np.int64]:
    """Return the places of the lowest and the highest value of each row, in the table's own count."""
    begin = np.arange(rows.shape[0]) * width
    lowest = np.where(np.isnan(rows), np.inf, rows).argmin(axis=1)
    highest = np.where(np.isnan(rows), -np.inf, rows).argmax(axis=1)
    return np.concatenate([begin + lowest, begin + highest]).astype(np.int64)
