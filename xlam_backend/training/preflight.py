"""The check before a training: everything that can be known before it starts, each refusal with a way out."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from xlam_backend.errors import XlamError
from xlam_backend.store.connection import Store
from xlam_backend.training.base_look import BaseLook
from xlam_backend.training.devices import Placement
from xlam_backend.training.estimate import (
    Disk,
    Duration,
    Memory,
    Work,
    duration_at,
    estimate_disk,
    estimate_duration,
    estimate_memory,
    row_count,
    step_count,
)
from xlam_backend.training.hardware import Hardware, free_disk, read_hardware
from xlam_backend.training.measured_pace import find_pace
from xlam_backend.training.model_shapes import ModelShape, find_shape
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.preflight_data import DataFacts, LearntRows, data_points, find_rows, measure_rows
from xlam_backend.training.preflight_machine import (
    MemoryRow,
    disk_point,
    find_placement,
    memory_points,
    memory_table,
)
from xlam_backend.training.preflight_model import (
    base_point,
    find_model_start,
    look_at_base,
    method_points,
    shape_points,
)
from xlam_backend.training.preflight_points import POINT_LEVELS, Point, duration_words
from xlam_backend.training.start import Start
from xlam_backend.training_text.template_worker import TOKENIZERS, TokenizerProcess

_READABLE = ("here", "on the hub")


class Preflight(msgspec.Struct, frozen=True):
    """What is known before a training starts; what could not be found out is None.

    points     what was looked at, what stops it first
    work       examples, tokens and steps
    pace_run   the earlier run whose pace `duration` goes by, "" where a formula says it
    """

    plan: TrainingPlan
    points: tuple[Point, ...]
    data: DataFacts | None = None
    work: Work | None = None
    shape: ModelShape | None = None
    trained_count: int = 0
    placement: Placement | None = None
    memory: Memory | None = None
    memory_rows: tuple[MemoryRow, ...] = ()
    disk: Disk | None = None
    free_disk_bytes: int = 0
    duration: Duration | None = None
    pace_run: str = ""

    @property
    def may_start(self) -> bool:
        """Whether nothing stops it."""
        return not any(point.level == "stops" for point in self.points)

    @property
    def step_words(self) -> str:
        """Return how much all devices see between two steps."""
        devices = self.placement.process_count if self.placement else max(1, self.plan.devices)
        what = "pairs" if self.plan.method == "dpo" else "packed rows" if self.plan.packing else "examples"
        return f"{self.plan.effective_batch * devices:,} {what} a step"

    def of_level(self, level: str) -> tuple[Point, ...]:
        """Return the points of one level."""
        return tuple(point for point in self.points if point.level == level)


def preflight(
    store: Store,
    plan: TrainingPlan,
    *,
    hardware: Hardware | None = None,
    process: TokenizerProcess = TOKENIZERS,
) -> Preflight:
    """Say what will happen when a plan is started: what stops it, what it needs, how long it takes.

    Tokenizers are loaded, and the hub is asked, in the tokenizers' process; a large release is measured by
    a sample.
    """
    hardware = hardware or read_hardware()
    placement, points = find_placement(plan, hardware)
    rows, said = find_rows(store, plan)
    points += said
    start, said = find_model_start(store.folder, plan)
    points += said
    look = look_at_base(start, plan, process) if start else BaseLook("missing")
    if start:
        points.append(base_point(look, start))
    facts, said = _measured(store, rows, plan, start, look, process)
    points += said
    shape = look.shape or find_shape(plan.base_model, revision=plan.revision)
    return _reckoned(store, plan, points, placement, facts, shape, look, hardware)


def _measured(
    store: Store,
    rows: LearntRows | None,
    plan: TrainingPlan,
    start: Start | None,
    look: BaseLook,
    process: TokenizerProcess,
) -> tuple[DataFacts | None, list[Point]]:
    if rows is None or start is None or look.state not in _READABLE:
        return None, []
    try:
        facts = measure_rows(store, rows, plan, start, process)
    except XlamError as error:
        return None, [Point("stops", "template", error.what, error.way_out)]
    return facts, list(data_points(facts, plan))


def _reckoned(
    store: Store,
    plan: TrainingPlan,
    points: list[Point],
    placement: Placement | None,
    facts: DataFacts | None,
    shape: ModelShape | None,
    look: BaseLook,
    hardware: Hardware,
) -> Preflight:
    """Add what follows from data, shape and devices together."""
    devices = placement.process_count if placement else max(1, plan.devices)
    work = _work(plan, facts, devices)
    points += shape_points(shape, plan, vocabulary=facts.vocabulary if facts else 0)
    examples = facts.example_count if facts else 0
    points += method_points(plan, step_count=work.steps if work else 0, example_count=examples)
    found = Preflight(plan, (), facts, work, shape, placement=placement)
    if shape is None:
        return _ordered(found, points)
    longest = work.longest if work else 0
    memory = estimate_memory(shape, plan, placement, longest=longest) if placement else None
    disk = estimate_disk(shape, plan, steps=work.steps if work else 0)
    free = free_disk(store.folder)
    if placement and memory:
        points += memory_points(shape, plan, placement, memory, hardware)
    points.append(disk_point(disk, free, download=look.download_bytes, folder=store.folder))
    duration, pace_run = _duration(store, plan, shape, work, placement, hardware)
    adapter = shape.adapter_count(plan.lora_rank, plan.lora_targets)
    found = msgspec.structs.replace(
        found,
        trained_count=adapter if plan.is_adapter else shape.parameter_count,
        memory=memory,
        memory_rows=memory_table(shape, plan, longest=longest),
        disk=disk,
        free_disk_bytes=free,
        duration=duration,
        pace_run=pace_run,
    )
    return _ordered(found, points)


def _ordered(found: Preflight, points: list[Point]) -> Preflight:
    ordered = sorted(points, key=lambda point: POINT_LEVELS.index(point.level))
    return msgspec.structs.replace(found, points=tuple(ordered))


def _work(plan: TrainingPlan, facts: DataFacts | None, devices: int) -> Work | None:
    if facts is None or not facts.example_count:
        return None
    examples = max(0, facts.example_count - plan.eval_rows)
    tokens = round(facts.token_count * examples / facts.example_count)
    longest = min(facts.longest, plan.max_length)
    rows = row_count(plan, examples, tokens)
    return Work(examples, tokens, longest, step_count(plan, rows, devices=devices))


def _duration(
    store: Store,
    plan: TrainingPlan,
    shape: ModelShape,
    work: Work | None,
    placement: Placement | None,
    hardware: Hardware,
) -> tuple[Duration | None, str]:
    if work is None or placement is None or not work.steps:
        return None, ""
    devices = placement.process_count
    if pace := find_pace(store.folder, plan, devices=devices):
        measured = duration_at(
            plan,
            work,
            devices=devices,
            tokens_per_second=pace.tokens_per_second,
            step_seconds=pace.step_seconds,
        )
        return measured, pace.run_id
    name = hardware.gpus[0].name if hardware.gpus else ""
    return estimate_duration(shape, plan, work, placement, gpu_name=name, cores=hardware.cores), ""


def summary_lines(found: Preflight) -> Iterator[str]:
    """Yield the check as plain lines: the points, then the figures."""
    for point in found.points:
        mark = {"stops": "STOPS", "warns": "warns", "fine": "fine"}[point.level]
        yield f"{mark:<6} {point.words}" + (f" {point.way_out}" if point.way_out else "")
    if found.work:
        examples, tokens = f"{found.work.examples:,} examples", f"{found.work.tokens:,} tokens an epoch"
        yield f"{examples}, {tokens}, {found.work.steps:,} steps"
    if found.duration:
        low, high = found.duration.fastest_seconds, found.duration.slowest_seconds
        basis = (
            f"as in run {found.pace_run}" if found.pace_run else "a rough estimate, until 20 steps are done"
        )
        yield f"Between {duration_words(low)} and {duration_words(high)} ({basis})"
