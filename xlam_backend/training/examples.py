"""Rows as a model learns them: token ids, and which of them are learnt. What does not fit is counted.

Nothing is dropped or cut in silence: every row gives examples, or a reason that stands in the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training_text.base import ALL_STEPS, TrainingText, UntellableError
from xlam_backend.training_text.chat_template import write_answer, write_with_template
from xlam_backend.training_text.sections import write as write_sections
from xlam_backend.training_text.tokens import MaskedTokens, mask_tokens

NOT_LEARNT = -100  # a label that gives no loss, as transformers has it
TOO_LONG = "longer than the context"
NOTHING_LEFT = "nothing to learn is left within the context"
SAME_SIDES = "both sides are the same tokens"
OTHER_PROMPTS = "the two sides change how what stands before them is written"
_BATCH = 64


class Example(msgspec.Struct, frozen=True):
    """One example to be learnt; `labels` holds NOT_LEARNT where a token is only given."""

    row_id: str
    source: str
    input_ids: list[int]
    labels: list[int]


class PairExample(msgspec.Struct, frozen=True):
    """One pair to be learnt: what stands before, and both ways to go on."""

    row_id: str
    source: str
    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]


class ExampleCounts(msgspec.Struct):
    """What became of the rows.

    dropped      examples that are not learnt, by reason
    cut_count    examples of which only the beginning is learnt, with the tokens that are lost
    left_out     examples by what a template does not say of them
    lengths      tokens of each example that is learnt
    """

    row_count: int = 0
    example_count: int = 0
    token_count: int = 0
    target_count: int = 0
    cut_count: int = 0
    cut_token_count: int = 0
    cut_target_count: int = 0
    dropped: Counter[str] = msgspec.field(default_factory=Counter)
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    lengths: list[int] = msgspec.field(default_factory=list)

    @property
    def dropped_count(self) -> int:
        """How many examples are not learnt."""
        return self.dropped.total()

    def figures(self) -> dict[str, Any]:
        """Return the counts as plain values, with the longest and the middle example."""
        ordered = sorted(self.lengths)
        return {
            "rows": self.row_count,
            "examples": self.example_count,
            "tokens": self.token_count,
            "tokens learnt": self.target_count,
            "longest": ordered[-1] if ordered else 0,
            "median": ordered[len(ordered) // 2] if ordered else 0,
            "cut": self.cut_count,
            "tokens cut": self.cut_token_count,
            "learnt tokens cut": self.cut_target_count,
            "dropped": dict(self.dropped.most_common()),
            "left out": dict(self.left_out.most_common()),
        }


class _Told(msgspec.Struct, frozen=True):
    """The text of one example, before it is tokens."""

    row_id: str
    source: str
    text: TrainingText


def sft_examples(
    rows: Iterable[TrainingRow], tokenizer: Any, plan: TrainingPlan, counts: ExampleCounts
) -> Iterator[Example]:
    """Yield the examples of rows, and count in `counts` what becomes of them."""
    told = (each for row in rows for each in _told_rows(row, tokenizer, plan, counts))
    while group := list(islice(told, _BATCH)):
        masked = mask_tokens(tokenizer, [each.text for each in group])
        for each, tokens in zip(group, masked, strict=True):
            fitted = _fitted(tokens, plan, counts)
            if fitted is not None:
                yield Example(each.row_id, each.source, fitted.ids, _labels(fitted))


def dpo_examples(
    rows: Iterable[PreferenceRow], tokenizer: Any, plan: TrainingPlan, counts: ExampleCounts
) -> Iterator[PairExample]:
    """Yield the pairs of rows, and count in `counts` what becomes of them."""
    for row in rows:
        counts.row_count += 1
        try:
            sides = [_side_text(tokenizer, row, side, plan) for side in (row.chosen, row.rejected)]
        except UntellableError as error:
            counts.dropped[error.reason] += 1
            continue
        counts.left_out.update({what for text in sides for what in text.left_out})
        example = _pair(row, mask_tokens(tokenizer, sides), plan, counts)
        if example is not None:
            yield example


def texts_of(
    rows: Iterable[TrainingRow] | Iterable[PreferenceRow], tokenizer: Any, plan: TrainingPlan
) -> Iterator[str]:
    """Yield the texts that rows are learnt as; what cannot be told is left out."""
    for row in rows:
        if isinstance(row, TrainingRow):
            yield from (told.text.text for told in _told_rows(row, tokenizer, plan, ExampleCounts()))
            continue
        for side in (row.chosen, row.rejected):
            try:
                yield _side_text(tokenizer, row, side, plan).text
            except UntellableError:
                continue


def _told_rows(
    row: TrainingRow, tokenizer: Any, plan: TrainingPlan, counts: ExampleCounts
) -> Iterator[_Told]:
    counts.row_count += 1
    trajectory = row.trajectory if plan.with_thoughts else _without_thoughts(row.trajectory)
    steps: Sequence[int] = range(len(trajectory.steps))
    if row.telling is None and plan.example_of == "trajectory":
        steps = (ALL_STEPS,)
    for step in steps:
        try:
            text = _text_of_step(tokenizer, row, trajectory, step)
        except UntellableError as error:
            counts.dropped[error.reason] += 1
            continue
        counts.left_out.update(text.left_out)
        row_id = row.row_id if step == ALL_STEPS else f"{row.row_id}#{step + 1}"
        yield _Told(row_id, row.source, text)
    if not steps:
        counts.dropped["the trajectory has no step"] += 1


def _text_of_step(tokenizer: Any, row: TrainingRow, trajectory: Trajectory, step: int) -> TrainingText:
    if row.telling is None:
        return write_with_template(tokenizer, trajectory, step)
    told = write_sections(trajectory, step, row.telling)
    return write_answer(tokenizer, told.prompt.rstrip("\n"), told.target)


def _without_thoughts(trajectory: Trajectory) -> Trajectory:
    """Leave out what was thought beside calls; a reply without calls stays, for it is the answer."""
    steps = tuple(
        msgspec.structs.replace(step, thought="") if step.tool_calls else step for step in trajectory.steps
    )
    return msgspec.structs.replace(trajectory, steps=steps)


def _side_text(tokenizer: Any, row: PreferenceRow, side: PairSide, plan: TrainingPlan) -> TrainingText:
    own = Step(thought=side.thought, tool_calls=side.tool_calls)
    steps = (*row.trajectory.steps[: row.step], own)
    trajectory = msgspec.structs.replace(row.trajectory, steps=steps)
    if not plan.with_thoughts:
        trajectory = _without_thoughts(trajectory)
    return write_with_template(tokenizer, trajectory, row.step)


def _trimmed(tokens: MaskedTokens) -> MaskedTokens:
    """Leave out what stands behind the last token that is learnt: nobody learns anything of it."""
    end = max((at + 1 for at, learnt in enumerate(tokens.mask) if learnt), default=0)
    return MaskedTokens(tokens.ids[:end], tokens.mask[:end])


def _fitted(tokens: MaskedTokens, plan: TrainingPlan, counts: ExampleCounts) -> MaskedTokens | None:
    """Return the tokens that are learnt within the context, None when the example is dropped."""
    tokens = _trimmed(tokens)
    over = len(tokens.ids) - plan.max_length
    if over > 0 and plan.too_long == "drop":
        counts.dropped[TOO_LONG] += 1
        return None
    kept = MaskedTokens(tokens.ids[: plan.max_length], tokens.mask[: plan.max_length])
    if not any(kept.mask):
        counts.dropped[NOTHING_LEFT] += 1
        return None
    if over > 0:
        counts.cut_count += 1
        counts.cut_token_count += over
        counts.cut_target_count += sum(tokens.mask) - sum(kept.mask)
    _count(counts, len(kept.ids), sum(kept.mask))
    return kept


def _labels(tokens: MaskedTokens) -> list[int]:
    return [each if learnt else NOT_LEARNT for each, learnt in zip(tokens.ids, tokens.mask, strict=True)]


def _pair(
    row: PreferenceRow, sides: Sequence[MaskedTokens], plan: TrainingPlan, counts: ExampleCounts
) -> PairExample | None:
    chosen, rejected = (_trimmed(side) for side in sides)
    begin = chosen.mask.index(1) if any(chosen.mask) else 0
    reason = _reason_against(chosen, rejected, begin, plan)
    if reason:
        counts.dropped[reason] += 1
        return None
    length = max(len(chosen.ids), len(rejected.ids))
    _count(counts, length, sum(chosen.mask) + sum(rejected.mask))
    return PairExample(row.row_id, row.origin, chosen.ids[:begin], chosen.ids[begin:], rejected.ids[begin:])


def _reason_against(chosen: MaskedTokens, rejected: MaskedTokens, begin: int, plan: TrainingPlan) -> str:
    if not begin or not any(rejected.mask) or rejected.mask.index(1) != begin:
        return OTHER_PROMPTS
    if chosen.ids[:begin] != rejected.ids[:begin]:
        return OTHER_PROMPTS
    if chosen.ids == rejected.ids:
        return SAME_SIDES
    return TOO_LONG if max(len(chosen.ids), len(rejected.ids)) > plan.max_length else ""


def _count(counts: ExampleCounts, length: int, target_count: int) -> None:
    counts.example_count += 1
    counts.token_count += length
    counts.target_count += target_count
    counts.lengths.append(length)
