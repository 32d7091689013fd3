"""Holds what the judges' rules leave out against the BFCL v4 gold answers and planted errors.

Of right answers little should be asked about (it costs calls); of wrong ones all should (it costs recall).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from benchmarks.bfcl_gold import GoldSample, read_gold
from benchmarks.quality import Report, Row, main
from xlam_backend.domain.json_pointer import split_pointer
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.judges import argument_hallucination, call_count, no_suitable_tool, swapped_arguments
from xlam_backend.judges.base import Judge, LeftOut
from xlam_backend.judges.grounding import would_be_asked
from xlam_backend.judges.sample import JudgedSample, Place

SEED = 20260101
Spoil = Callable[[Trajectory, random.Random], Trajectory | None]


# Of the right places of each judge, the most that may be asked about.
MOST_ASKED: dict[Judge, float] = {
    argument_hallucination.JUDGE: 0.06,
    swapped_arguments.JUDGE: 0.30,
    no_suitable_tool.JUDGE: 0.05,
    call_count.JUDGE: 0.20,
}


def measure(folder: Path, seed: int = SEED) -> Report:
    """Return the table for the gold answers in `folder` (bfcl)."""
    samples = read_gold(folder)
    queries = [sample.trajectory.query for sample in samples]

    def foreign_query(trajectory: Trajectory, dice: random.Random) -> Trajectory | None:
        return replace(trajectory, query=dice.choice(queries)) if len(trajectory.tools) == 1 else None

    report = Report([_asked_of_gold(judge, samples, most) for judge, most in MOST_ASKED.items()])
    report.rows.append(_foreign_values(samples, seed))
    for name, judge, spoil, bar in (
        # A throw-away prototype found 54.9 % of exchanged values.
        ("exchanged values", swapped_arguments.JUDGE, swap, 0.75),
        ("another question", no_suitable_tool.JUDGE, foreign_query, 0.75),
        ("one call dropped", call_count.JUDGE, drop_call, 0.55),
        ("one call added", call_count.JUDGE, add_call, 0.9),
    ):
        report.rows.append(_recall(f"{judge.name}: {name}, asked about", judge, samples, spoil, seed, bar))
    return report


def swap(trajectory: Trajectory, dice: random.Random) -> Trajectory | None:
    """Exchange the values of two arguments of the same type in the first call that has such."""
    sample = JudgedSample(trajectory)
    for place, call in sample.calls():
        pairs = swapped_arguments.same_type_pairs(sample, call)
        if pairs:
            first, second = dice.choice(pairs)
            arguments = call.arguments | {first: call.arguments[second], second: call.arguments[first]}
            return _with_call(trajectory, place, ToolCall(call.name, arguments))
    return None


def drop_call(trajectory: Trajectory, dice: random.Random) -> Trajectory | None:
    """Take one of several calls away."""
    calls = list(trajectory.steps[0].tool_calls)
    if len(calls) < 2:
        return None
    calls.pop(dice.randrange(len(calls)))
    return replace(trajectory, steps=(replace(trajectory.steps[0], tool_calls=tuple(calls)),))


def add_call(trajectory: Trajectory, dice: random.Random) -> Trajectory | None:
    """Make a call of another tool on offer that nobody asked for."""
    step = trajectory.steps[0]
    called = {call.name for call in step.tool_calls}
    others = [tool.name for tool in trajectory.tools if tool.name not in called]
    if not others:
        return None
    added = ToolCall(dice.choice(others), {"value": "1"})
    return replace(trajectory, steps=(replace(step, tool_calls=(*step.tool_calls, added)),))


def _with_call(trajectory: Trajectory, place: Place, call: ToolCall) -> Trajectory:
    step = trajectory.steps[place.step]
    calls = tuple(call if at == place.call else other for at, other in enumerate(step.tool_calls))
    return replace(trajectory, steps=(replace(step, tool_calls=calls),))


def _asked_of_gold(judge: Judge, samples: list[GoldSample], most: float) -> Row:
    asked = total = 0
    for sample in samples:
        for found in judge.find(JudgedSample(sample.trajectory), False):
            if isinstance(found, LeftOut) and found.reason == "nothing to judge":
                continue
            total += 1
            asked += isinstance(found, Place)
    return Row(f"{judge.name}: right places asked about", asked, total, most, at_most=True)


def _recall(name: str, judge: Judge, samples: list[GoldSample], spoil: Spoil, seed: int, bar: float) -> Row:
    dice = random.Random(seed)
    found = total = 0
    for sample in samples:
        spoilt = spoil(sample.trajectory, dice)
        if spoilt is None:
            continue
        total += 1
        found += any(isinstance(one, Place) for one in judge.find(JudgedSample(spoilt), False))
    return Row(name, found, total, bar)


def _foreign_values(samples: list[GoldSample], seed: int) -> Row:
    """Count how many values of another sample, of the same kind, would be asked about."""
    dice = random.Random(seed)
    strings = [value for _, _, value in _settled(samples) if isinstance(value, str)]
    found = total = 0
    for sample, place, value in _settled(samples):
        if not isinstance(value, str):
            continue
        foreign = dice.choice(strings)
        if foreign != value:
            total += 1
            found += would_be_asked(sample, place, foreign)
    return Row("argument_hallucination: foreign text, asked about", found, total, 0.95)


def _settled(samples: list[GoldSample]) -> Iterator[tuple[JudgedSample, Place, object]]:
    for gold in samples:
        sample = JudgedSample(gold.trajectory)
        for found in argument_hallucination.find(sample, False):
            if isinstance(found, LeftOut) and found.reason == "settled by grounding":
                name = split_pointer(found.place.pointer)[0]
                yield sample, found.place, sample.call_at(found.place).arguments[name]


if __name__ == "__main__":
    raise SystemExit(main(measure, __doc__))
