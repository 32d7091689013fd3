"""What the grounding check saves a judge, and what that costs in recall.

An argument whose value stands in what had been said is not asked about. A wrong value may stand there, too.
How often is measured on values planted one at a time: an argument of a call gets the value that the same
argument of the same tool has in another record, and is looked at as if it had come so.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec

from xlam_backend.domain.evidence import evidence_of_argument
from xlam_backend.domain.json_pointer import split_pointer
from xlam_backend.judges import argument_hallucination
from xlam_backend.judges.base import LeftOut
from xlam_backend.judges.sample import JudgedSample, Place, unsettled
from xlam_backend.statistics.intervals import Rate, rate

MOST_PLANTED = 400  # of each dataset: enough for an interval of about +-2 points near 98 %
_MOST_VALUES = 20  # different values kept of one argument of a tool
ToolArgument = tuple[str, str]


class GroundingSaving(msgspec.Struct, frozen=True):
    """What the grounding check settles in one dataset, so that no model needs to be asked.

    `arguments` = `settled` + `asked`, empty ones and places that a rule rejects left out. `calls` have
    at least one such argument; of `spared_calls` none is asked about. `recall` is the share of planted
    foreign values that would still be asked about.
    """

    dataset: str
    arguments: int
    settled: int
    asked: int
    calls: int
    spared_calls: int
    recall: Rate


class _Settled(msgspec.Struct, frozen=True):
    """A settled argument that a foreign value can be planted into."""

    sample: JudgedSample
    place: Place
    key: ToolArgument


class SavingCount:
    """Counts one dataset, trajectory by trajectory."""

    def __init__(self, dataset: str, *, seed: int) -> None:
        self._dataset = dataset
        self._dice = random.Random(f"{seed} {dataset}")  # noqa: S311 - no secret
        self._counts: Counter[str] = Counter()
        self._values: dict[ToolArgument, list[Any]] = {}
        self._settled: list[_Settled] = []
        self._seen = 0

    def add(self, sample: JudgedSample) -> None:
        """Count the arguments of a trajectory."""
        asked_calls: set[tuple[int, int]] = set()
        calls: set[tuple[int, int]] = set()
        for found in argument_hallucination.find(sample, everything=False):
            is_settled = isinstance(found, LeftOut)
            if isinstance(found, LeftOut) and found.reason != "settled by grounding":
                continue
            place = found.place if isinstance(found, LeftOut) else found
            if sample.is_rejected(place):
                continue
            calls.add((place.step, place.call))
            self._counts["settled" if is_settled else "asked"] += 1
            if is_settled:
                self._keep(sample, place)
            else:
                asked_calls.add((place.step, place.call))
        self._counts["calls"] += len(calls)
        self._counts["spared"] += len(calls - asked_calls)

    def result(self, scale: float) -> GroundingSaving:
        """Return the counts, scaled up from a sample, and the recall as measured."""
        counts = {name: round(count * scale) for name, count in self._counts.items()}
        settled, asked = counts.get("settled", 0), counts.get("asked", 0)
        return GroundingSaving(
            self._dataset,
            settled + asked,
            settled,
            asked,
            counts.get("calls", 0),
            counts.get("spared", 0),
            self._recall(),
        )

    def _keep(self, sample: JudgedSample, place: Place) -> None:
        """Keep the value, and the place among those to plant into: a fair draw of all, by a reservoir."""
        call = sample.call_at(place)
        name = split_pointer(place.pointer)[0]
        key = (call.name, name)
        known = self._values.setdefault(key, [])
        if len(known) < _MOST_VALUES and call.arguments[name] not in known:
            known.append(call.arguments[name])
        self._seen += 1
        settled = _Settled(sample, place, key)
        if len(self._settled) < MOST_PLANTED:
            self._settled.append(settled)
        elif (at := self._dice.randrange(self._seen)) < MOST_PLANTED:
            self._settled[at] = settled

    def _recall(self) -> Rate:
        found = planted = 0
        for one in self._settled:
            own = one.sample.call_at(one.place).arguments[one.key[1]]
            foreign = [value for value in self._values[one.key] if value != own]
            if foreign:
                planted += 1
                found += would_be_asked(one.sample, one.place, self._dice.choice(foreign))
        return rate(found, planted)


def would_be_asked(sample: JudgedSample, place: Place, value: Any) -> bool:
    """Tell whether an argument would be asked about if it had this value."""
    call = sample.call_at(place)
    before = [text for text in sample.said if text.step < place.step]
    name = split_pointer(place.pointer)[0]
    return bool(unsettled(evidence_of_argument(name, value, sample.schemas.get(call.name), before)))
