"""Measures the examples that a plan would learn, with its tokenizer: lengths, and what cannot be learnt.

All of it runs in the tokenizers' process (`training_text.template_worker`), never in the web process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.releases.reading import read_rows
from xlam_backend.training.examples import (
    NOT_LEARNT,
    Example,
    ExampleCounts,
    PairExample,
    dpo_examples,
    sft_examples,
    texts_of,
)
from xlam_backend.training.plan import TINY, TrainingPlan
from xlam_backend.training.start import Start
from xlam_backend.training.template import put_template
from xlam_backend.training.tiny_model import learn_tokenizer
from xlam_backend.training.weights import load_tokenizer, refuse_unknown_architecture
from xlam_backend.training_text.chat_template import is_marked

_ANY_LENGTH = 1_048_576
_GROUP = 64
_REQUEST_LETTERS = 160
_NEAR_THE_END = 4  # tokens
_MOST_LEARNT = 2
# Tokenizers of tiny models, by what they were learnt from; in the tokenizers' process only.
_LEARNT: dict[tuple[Any, ...], Any] = {}
Row = TrainingRow | PreferenceRow


class MeasureRequest(msgspec.Struct, frozen=True):
    """What is to be measured: rows of a release's folder, or pairs; every `stride`-th of them."""

    plan: TrainingPlan
    start: Start
    release_folder: str = ""
    pairs: tuple[PreferenceRow, ...] = ()
    stride: int = 1


class Measured(msgspec.Struct, frozen=True):
    """One example: the row it comes from, its tokens, how many are learnt, how many stand before these.

    request   how the request of the row begins
    is_ended  whether what is learnt ends with the tokenizer's stop token
    """

    row_id: str
    trajectory_id: str
    request: str
    length: int
    target_count: int
    prompt_count: int
    is_ended: bool = True


class Unusable(msgspec.Struct, frozen=True):
    """A row that gives no example, whatever the context, and why."""

    row_id: str
    trajectory_id: str
    request: str
    reason: str


class Measurement(msgspec.Struct, frozen=True):
    """What was found in the rows that were looked at.

    left_out    examples by what the template does not say of them
    is_marked   whether the template itself marks what is learnt
    vocabulary  tokens that the tokenizer knows
    """

    row_count: int
    examples: tuple[Measured, ...]
    unusable: tuple[Unusable, ...]
    left_out: dict[str, int]
    is_marked: bool
    vocabulary: int


def measure(request: MeasureRequest) -> Measurement:
    """Return what a plan would learn of its rows, before any context cuts them."""
    plan = msgspec.structs.replace(request.plan, max_length=_ANY_LENGTH, too_long="drop")
    tokenizer = _tokenizer(request, plan)
    left_out: Counter[str] = Counter()
    examples: list[Measured] = []
    unusable: list[Unusable] = []
    row_count = 0
    rows: Iterator[Row] = _rows(request)
    while group := list(islice(rows, _GROUP)):
        row_count += len(group)
        counts = ExampleCounts()
        made = list(_measured(group, tokenizer, plan, counts))
        examples += made
        left_out.update(counts.left_out)
        if counts.dropped_count:
            unusable += _unusable(group, tokenizer, plan)
    return Measurement(
        row_count, tuple(examples), tuple(unusable), dict(left_out), is_marked(tokenizer), len(tokenizer)
    )


def _rows(request: MeasureRequest) -> Iterator[TrainingRow] | Iterator[PreferenceRow]:
    most = request.plan.most_rows or None
    if request.release_folder:
        return islice(read_rows(Path(request.release_folder)), 0, most, request.stride)
    return islice(request.pairs, 0, most, request.stride)


def _measured(
    rows: Sequence[Row], tokenizer: Any, plan: TrainingPlan, counts: ExampleCounts
) -> Iterator[Measured]:
    by_id = {row.row_id: row for row in rows}
    for example in _examples(rows, tokenizer, plan, counts):
        row = by_id[example.row_id.partition("#")[0]]
        known = (example.row_id, row.trajectory_id, _request(row))
        if isinstance(example, Example):
            learnt = [at for at, label in enumerate(example.labels) if label != NOT_LEARNT]
            is_ended = _is_ended(example.input_ids, tokenizer)
            yield Measured(*known, len(example.labels), len(learnt), learnt[0], is_ended)
        else:
            answers = len(example.chosen_ids), len(example.rejected_ids)
            given, is_ended = len(example.prompt_ids), _is_ended(example.chosen_ids, tokenizer)
            yield Measured(*known, given + max(answers), sum(answers), given, is_ended)


def _is_ended(ids: Sequence[int], tokenizer: Any) -> bool:
    """Tell whether what is learnt ends with the stop token; a template may write a line end behind it."""
    return tokenizer.eos_token_id in ids[-_NEAR_THE_END:]


def _examples(
    rows: Sequence[Row], tokenizer: Any, plan: TrainingPlan, counts: ExampleCounts
) -> Iterator[Example | PairExample]:
    told = [row for row in rows if isinstance(row, TrainingRow)]
    yield from sft_examples(told, tokenizer, plan, counts)
    paired = [row for row in rows if isinstance(row, PreferenceRow)]
    yield from dpo_examples(paired, tokenizer, plan, counts)


def _unusable(rows: Sequence[Row], tokenizer: Any, plan: TrainingPlan) -> Iterator[Unusable]:
    """Look at each row by itself: the counts of many do not say which of them it was."""
    for row in rows:
        counts = ExampleCounts()
        for _ in _examples([row], tokenizer, plan, counts):
            continue
        for reason, count in counts.dropped.items():
            for _ in range(count):
                yield Unusable(row.row_id, row.trajectory_id, _request(row), reason)


def _request(row: Row) -> str:
    return row.trajectory.query[:_REQUEST_LETTERS]


def _tokenizer(request: MeasureRequest, plan: TrainingPlan) -> Any:
    if request.start.base == TINY:
        return _learnt_tokenizer(request)
    refuse_unknown_architecture(request.start)
    tokenizer = load_tokenizer(request.start)
    put_template(tokenizer, plan)
    return tokenizer


def _learnt_tokenizer(request: MeasureRequest) -> Any:
    plan = request.plan
    key = (
        request.release_folder,
        request.stride,
        tuple(row.row_id for row in request.pairs),
        (plan.most_rows, plan.example_of, plan.with_thoughts, plan.tiny_vocabulary),
    )
    if key not in _LEARNT:
        if len(_LEARNT) >= _MOST_LEARNT:
            _LEARNT.clear()
        _LEARNT[key] = learn_tokenizer(
            plan.tiny_vocabulary, lambda speller: texts_of(_rows(request), speller, plan)
        )
    return _LEARNT[key]
