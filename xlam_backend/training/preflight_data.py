"""The data of a training before it starts: is it whole, how long is it, what of it will not be learnt."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.errors import XlamError
from xlam_backend.preference.rows import read_rows
from xlam_backend.releases.keeping import find_whole_release
from xlam_backend.releases.reading import Release, find_release
from xlam_backend.settings import named_folder
from xlam_backend.store.connection import Store
from xlam_backend.training.measuring import Measured, Measurement, MeasureRequest, measure
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.preflight_points import Point
from xlam_backend.training.start import Start
from xlam_backend.training_text.template_worker import TokenizerProcess

MOST_MEASURED = 20_000
MOST_SHOWN = 200
_MOST_KEPT = 8
TOO_LONG, CUT, UNUSABLE = "too long", "cut", "cannot be learnt"

_KEPT: dict[tuple[object, ...], Measurement] = {}
_LOCK = threading.Lock()


class LearntRows(msgspec.Struct, frozen=True):
    """The rows that a plan names: of a release, or the pairs that count."""

    row_count: int
    release: Release | None = None
    pairs: tuple[PreferenceRow, ...] = ()
    is_scripted: bool = False


class ProblemRow(msgspec.Struct, frozen=True):
    """A row that is not learnt, or not whole: how long it is (0: not known), what becomes of it, and why."""

    row_id: str
    trajectory_id: str
    request: str
    token_count: int
    outcome: str
    reason: str


class DataFacts(msgspec.Struct, frozen=True):
    """What would be learnt.

    looked_at      rows that were measured; fewer than `row_count` where it is a sample, evenly drawn
    example_count  examples that are learnt, reckoned for all rows, those held out included
    token_count    their tokens in one epoch; target_count: those that are learnt
    lengths        tokens of every example that was measured, too long ones included
    dropped        examples among those looked at that are not learnt, by reason
    cut_count      examples among those looked at of which only the beginning is learnt
    left_out       examples by what the template does not say of them
    is_marked      whether the template itself marks what is learnt
    unended_count  examples among those looked at whose answer does not end with the stop token
    problems       the first of the rows behind these counts, the longest first
    """

    row_count: int
    looked_at: int
    example_count: int
    token_count: int
    target_count: int
    lengths: tuple[int, ...]
    dropped: dict[str, int]
    cut_count: int
    cut_token_count: int
    left_out: dict[str, int]
    problems: tuple[ProblemRow, ...]
    is_marked: bool
    unended_count: int
    vocabulary: int

    @property
    def is_sample(self) -> bool:
        """Whether not every row was looked at."""
        return self.looked_at < self.row_count

    @property
    def dropped_count(self) -> int:
        """How many of the examples looked at are not learnt."""
        return sum(self.dropped.values())

    @property
    def longest(self) -> int:
        """Return the tokens of the longest example."""
        return max(self.lengths, default=0)

    def quantile(self, share: float) -> int:
        """Return the length that so large a share of the examples does not go beyond."""
        ordered = sorted(self.lengths)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def find_rows(store: Store, plan: TrainingPlan) -> tuple[LearntRows | None, list[Point]]:
    """Return the rows that a plan names, None where there are none, and what is to be said of them."""
    return _release_rows(store, plan) if plan.method == "sft" else _pair_rows(store, plan)


def measure_rows(
    store: Store, rows: LearntRows, plan: TrainingPlan, start: Start, process: TokenizerProcess
) -> DataFacts:
    """Return what would be learnt of these rows.

    Raises:
        XlamError: the tokenizer cannot be loaded, or has no template.
    """
    wanted = min(rows.row_count, plan.most_rows or rows.row_count)
    stride = max(1, math.ceil(wanted / MOST_MEASURED))
    request = MeasureRequest(
        plan, start, str(rows.release.folder) if rows.release else "", rows.pairs, stride
    )
    key = (
        rows.release.release_id if rows.release else (str(store.folder), store.revision, plan.pairs),
        start,
        tuple(_stamp(folder) for place in (start.base, start.adapter) if (folder := named_folder(place))),
        stride,
        (plan.most_rows, plan.template, plan.example_of, plan.with_thoughts, plan.tiny_vocabulary),
    )
    return _facts(_measured_once(key, request, process), plan, wanted)


def data_points(facts: DataFacts, plan: TrainingPlan) -> Iterator[Point]:
    """Yield what is to be said of the lengths and of what is left out."""
    if not facts.example_count:
        yield _nothing_left(facts, plan)
        return
    yield from _length_points(facts, plan)
    for reason, count in facts.dropped.items():
        if reason != TOO_LONG:
            words = f"{count:,} of the rows cannot be learnt: {reason}."
            yield Point("warns", "template", words, "They are listed below; the others are learnt.")
    for what, count in facts.left_out.items():
        yield Point("warns", "template", f"Of {count:,} examples the template leaves out {what}.")
    if facts.is_sample:
        measured = f"{facts.looked_at:,} of {facts.row_count:,} rows were measured, evenly drawn"
        yield Point("fine", "data", f"{measured}; totals are reckoned.")
    yield from _template_points(facts)


def _template_points(facts: DataFacts) -> Iterator[Point]:
    if not facts.is_marked:
        yield Point(
            "fine",
            "template",
            "The chat template of the model does not mark what the assistant says ({% generation %}), so it "
            "is marked here: each answer is learnt from its first token to its last, and nothing else. Rows "
            "in which the template hides where an answer begins are left out.",
        )
    if facts.unended_count:
        yield Point(
            "warns",
            "template",
            f"{facts.unended_count:,} of {len(facts.lengths):,} examples do not end with the stop token of "
            "the tokenizer: the model would not learn to end its answers.",
            "Choose the template studio, which writes it.",
        )


def _release_rows(store: Store, plan: TrainingPlan) -> tuple[LearntRows | None, list[Point]]:
    if not plan.release:
        return None, [
            Point("stops", "data", "No release is chosen.", "Freeze a mixture, then choose it here.")
        ]
    try:
        found = find_release(store.folder, plan.release)
        _refuse_damage(str(store.folder), found.release_id, _stamp(found.folder))
    except XlamError as error:
        return None, [Point("stops", "data", error.what, error.way_out)]
    points = [
        Point("fine", "data", f"Every file of the release {found.release_id[:12]} is as it was frozen.")
    ]
    if found.is_archived:
        points.append(Point("warns", "data", "The release was put away.", "Is there a newer one?"))
    return LearntRows(found.manifest.row_count, found), points


@lru_cache(maxsize=16)
def _refuse_damage(data_folder: str, release_id: str, _stamp: tuple[object, ...]) -> None:
    find_whole_release(Path(data_folder), release_id)


def _stamp(folder: Path) -> tuple[object, ...]:
    """Return what tells a changed file without reading it."""
    states = ((path.name, path.stat()) for path in sorted(folder.iterdir()) if path.exists())
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _pair_rows(store: Store, plan: TrainingPlan) -> tuple[LearntRows | None, list[Point]]:
    # All are read: that some of them were written by the scripted model must be known.
    pairs = tuple(islice(read_rows(store, plan.pairs), plan.most_rows or None))
    if not pairs:
        words = "No preference pair counts under this rule."
        return None, [Point("stops", "data", words, "The Preference pairs page says why, and makes some.")]
    scripted = sum(pair.is_scripted for pair in pairs)
    points = [Point("fine", "data", f"{len(pairs):,} preference pairs count.")]
    if scripted:
        words = f"{scripted:,} of the pairs were written by the scripted model (for trying out)."
        points.append(Point("warns", "data", words, "Leave them out where the model is to be used."))
    return LearntRows(len(pairs), None, pairs, is_scripted=bool(scripted)), points


def _measured_once(
    key: tuple[object, ...], request: MeasureRequest, process: TokenizerProcess
) -> Measurement:
    """Measure, or return what was measured before of the very same data with the same tokenizer."""
    with _LOCK:
        found = _KEPT.get(key)
    if found is not None:
        return found
    made = process.run(measure, request)
    with _LOCK:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = made
    return made


def _facts(measured: Measurement, plan: TrainingPlan, row_count: int) -> DataFacts:
    limit = plan.max_length
    learnt = [each for each in measured.examples if _is_learnt(each, plan)]
    cut = [each for each in learnt if each.length > limit]
    dropped = Counter(each.reason for each in measured.unusable)
    too_long = len(measured.examples) - len(learnt)
    if too_long:
        dropped[TOO_LONG] = too_long
    scale = row_count / measured.row_count if measured.row_count else 1.0
    tokens = sum(min(each.length, limit) for each in learnt)
    targets = sum(each.target_count for each in learnt)
    return DataFacts(
        row_count=row_count,
        looked_at=measured.row_count,
        example_count=round(scale * len(learnt)),
        token_count=round(scale * tokens),
        target_count=round(scale * targets),
        lengths=tuple(each.length for each in measured.examples),
        dropped=dict(dropped.most_common()),
        cut_count=len(cut),
        cut_token_count=sum(each.length - limit for each in cut),
        left_out=measured.left_out,
        problems=tuple(_problems(measured, plan)),
        is_marked=measured.is_marked,
        unended_count=sum(not each.is_ended for each in learnt),
        vocabulary=measured.vocabulary,
    )


def _is_learnt(example: Measured, plan: TrainingPlan) -> bool:
    if example.length <= plan.max_length:
        return True
    return plan.too_long == "cut" and example.prompt_count < plan.max_length


def _problems(measured: Measurement, plan: TrainingPlan) -> Iterator[ProblemRow]:
    long = sorted(
        (each for each in measured.examples if each.length > plan.max_length),
        key=lambda each: (-each.length, each.row_id),
    )
    for each in long[:MOST_SHOWN]:
        outcome = CUT if _is_learnt(each, plan) else TOO_LONG
        reason = f"{each.length - plan.max_length:,} tokens more than the context"
        yield ProblemRow(each.row_id, each.trajectory_id, each.request, each.length, outcome, reason)
    for unusable in measured.unusable[: MOST_SHOWN - min(MOST_SHOWN, len(long))]:
        yield ProblemRow(
            unusable.row_id, unusable.trajectory_id, unusable.request, 0, UNUSABLE, unusable.reason
        )


def _nothing_left(facts: DataFacts, plan: TrainingPlan) -> Point:
    if facts.lengths:
        words = (
            f"Nothing is left to learn: the shortest example has {min(facts.lengths):,} tokens, and the "
            f"context holds {plan.max_length:,}."
        )
        return Point("stops", "length", words, f"Raise max_length, to {facts.quantile(0.95):,} or more.")
    reason = next(iter(facts.dropped), "there is no row")
    words = f"Nothing is left to learn: {reason}."
    return Point("stops", "template", words, "Choose another template, base model or release.")


def _length_points(facts: DataFacts, plan: TrainingPlan) -> Iterator[Point]:
    too_long = facts.dropped.get(TOO_LONG, 0)
    looked_at = len(facts.lengths)
    if too_long:
        yield Point(
            "warns",
            "length",
            f"{too_long:,} of {looked_at:,} examples are longer than {plan.max_length:,} tokens and are "
            "not learnt.",
            f"A max_length of {facts.longest:,} would keep all of them.",
        )
    if facts.cut_count:
        yield Point(
            "warns",
            "length",
            f"{facts.cut_count:,} of {looked_at:,} examples are cut at {plan.max_length:,} tokens: "
            f"{facts.cut_token_count:,} tokens are lost, the ends of their last answers among them.",
            f"A max_length of {facts.longest:,} would keep all, too_long: drop leaves them out whole.",
        )
    if not too_long and not facts.cut_count:
        words = f"All {looked_at:,} examples fit; the longest has {facts.longest:,} tokens."
        yield Point("fine", "length", words)
