"""Pairs of samples with a known answer, built on the spot from public data by code.

Three kinds, from single-turn function calling samples:
    same calls       the query said once more: politely, shouted, without its mark, with a filler
    other arguments  one value that stands in the query and in a call is exchanged for another one that the
                     same parameter has elsewhere, in both places
    unrelated        two queries that lie close together for the model and make different calls, and two
                     drawn at random
"""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.errors import XlamError
from xlam_backend.importers.pipeline import import_source
from xlam_backend.store.connection import Store
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.stored_chunk import decode_chunk
from xlam_backend.store.trajectories import iter_stored_chunks

SOURCES = (
    "sealtools/original",
    "xlam_60k/derived/xlam_native_format_reconstructed.jsonl",
    "toolace/zaego123_converted/sharegpt_func_fixed.json",
)
_MOST_OF_A_KIND = 400
_LONGEST_QUERY = 400


class Sample(NamedTuple):
    """What is compared: a query and the calls that answer it."""

    query: str
    calls: tuple[ToolCall, ...]


class LabelledPair(NamedTuple):
    """Two samples and whether they are duplicates."""

    left: Sample
    right: Sample
    is_duplicate: bool
    kind: str


def read_samples(shared: Path) -> list[Sample]:
    """Return single-turn samples with calls from the public data, each query once, in a fixed order."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        for source in SOURCES:
            try:
                import_source(
                    store, shared / "raw" / source, person=Person("benchmark", "admin"), now=datetime.now(UTC)
                )
            except XlamError as error:
                print(f"left out: {source}: {error.what}")
        known: dict[int, object] = {}
        numbers = find_all_numbers(store, Filters())
        found: dict[str, Sample] = {}
        for chunk in iter_stored_chunks(store, numbers):
            for stored in decode_chunk(chunk, known):
                sample = _sample(stored.trajectory)
                if sample is not None:
                    found.setdefault(sample.query, sample)
        store.close()
    return sorted(found.values(), key=lambda each: each.query)


def _sample(trajectory: Trajectory) -> Sample | None:
    calls = tuple(call for step in trajectory.steps for call in step.tool_calls if not call.unreadable)
    is_short = 0 < len(trajectory.query) <= _LONGEST_QUERY
    return Sample(trajectory.query, calls) if calls and is_short else None


def make_pairs(samples: Sequence[Sample], vectors: np.ndarray, seed: int) -> list[LabelledPair]:
    """Return labelled pairs, as many of each kind."""
    draw = random.Random(seed)
    order = list(range(len(samples)))
    draw.shuffle(order)
    shuffled = [samples[at] for at in order]
    same = [
        LabelledPair(each, Sample(_said_again(each.query, draw), each.calls), True, "same calls")
        for each in shuffled
    ]
    kinds = (same, _with_other_arguments(shuffled, draw), _unrelated(samples, vectors, draw))
    most = min(_MOST_OF_A_KIND, *map(len, kinds))
    return [pair for kind in kinds for pair in kind[:most]]


def _said_again(query: str, draw: random.Random) -> str:
    ways = (
        lambda text: f"Could you please help me with this? {text}",
        lambda text: f"{text.rstrip('.?! ')}, please. Thank you!",
        lambda text: text.upper(),
        lambda text: f"Hi there. {text[:1].lower()}{text[1:]}",
        lambda text: " ".join(text.rstrip(".?!").split()) + " ...",
        lambda text: f"I have a request: {text} Take your time.",
    )
    return draw.choice(ways)(query)


def _with_other_arguments(samples: Sequence[Sample], draw: random.Random) -> list[LabelledPair]:
    values: defaultdict[tuple[str, str], set[str | int]] = defaultdict(set)
    for sample in samples:
        for call in sample.calls:
            for name, value in call.arguments.items():
                if _can_be_exchanged(value):
                    values[call.name, name].add(value)
    return [
        LabelledPair(sample, changed, False, "other arguments")
        for sample in samples
        for changed in _exchanged(sample, values, draw)
    ]


def _can_be_exchanged(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _exchanged(
    sample: Sample, values: dict[tuple[str, str], set[str | int]], draw: random.Random
) -> Iterator[Sample]:
    """Yield the sample with one value exchanged, for every value that stands once in its query."""
    for at, call in enumerate(sample.calls):
        for name, value in call.arguments.items():
            text = str(value)
            if not _can_be_exchanged(value) or not text or sample.query.count(text) != 1:
                continue
            others = sorted({other for other in values[call.name, name] if str(other) != text}, key=str)
            if others:
                other = draw.choice(others)
                calls = list(sample.calls)
                calls[at] = msgspec.structs.replace(call, arguments={**call.arguments, name: other})
                yield Sample(sample.query.replace(text, str(other)), tuple(calls))


def _unrelated(samples: Sequence[Sample], vectors: np.ndarray, draw: random.Random) -> list[LabelledPair]:
    pairs: list[LabelledPair] = []
    chosen = draw.sample(range(len(samples)), min(_MOST_OF_A_KIND // 2, len(samples)))
    for at in chosen:
        products = vectors @ vectors[at]
        products[at] = -1
        near = int(products.argmax())
        pairs += [
            LabelledPair(samples[at], samples[other], False, "unrelated")
            for other in (near, draw.randrange(len(samples)))
            if samples[other].calls != samples[at].calls
        ]
    return pairs
