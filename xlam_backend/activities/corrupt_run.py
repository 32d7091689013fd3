"""The run in which errors are planted in correct steps: pairs with a known reason for the store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.activities.manager import start_run
from xlam_backend.checks.sound_steps import compile_rules
from xlam_backend.domain.corruption import CorruptedPair
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError, StoppedError
from xlam_backend.preference.corrupting import TrajectoryOutcome, corrupt_all
from xlam_backend.preference.job import iter_shards, read_job, write_job
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.runs.base import Prepared, RunContext, RunKind
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.runs.part_rows import encode_rows, read_rows
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.preference import write_corruptions

KIND = "corrupt"


def corruption_params(plan: CorruptionPlan) -> dict[str, Any]:
    """Return the parameters of a run, as `start_run` takes them."""
    params: dict[str, Any] = msgspec.to_builtins(plan)
    return params


def start_corruptions(store: Store, plan: CorruptionPlan, *, person: Person, now: datetime) -> str:
    """Start a run that plants errors; returns its id.

    Raises:
        SettingError: nothing matches.
    """
    title = f"Plant errors: {plan.filters.dataset or 'all datasets'}, seed {plan.seed}"
    return start_run(store, KIND, corruption_params(plan), title=title, person=person, now=now)


def read_params(params: dict[str, Any]) -> CorruptionPlan:
    """Read the parameters of a run.

    Raises:
        SettingError: they are not those of a run that plants errors.
    """
    try:
        return msgspec.convert(params, CorruptionPlan)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"This is no plan for planting errors: {error}.", "Start from the page."
        ) from error


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write the trajectories that are drawn."""
    job = write_job(store, folder / INPUT, read_params(params))
    if not job.trajectory_count:
        raise SettingError("No trajectory matches these filters.", "Take a filter away.")
    return Prepared(job.trajectory_count, f"{job.trajectory_count:,} trajectories")


def work(context: RunContext) -> None:
    """Plant errors shard by shard; a stopped or killed run goes on with the first shard that is missing."""
    job = read_job(context.folder / INPUT)
    rules = compile_rules()
    done = 0
    for number, shard in enumerate(iter_shards(context.folder / INPUT, job)):
        name = _part_name(number)
        if not context.has_part(name):
            if context.should_stop():
                raise StoppedError(
                    f"The run was stopped; {done:,} of {job.trajectory_count:,} trajectories are done.",
                    "Resume it to go on.",
                )
            outcomes = list(corrupt_all(shard, job.plan, rules, now=datetime.now(UTC)))
            context.write_part(name, encode_rows(outcomes))
        done += len(shard)
        words = f"{done:,} of {job.trajectory_count:,} trajectories"
        context.progress(done, job.trajectory_count, words)
    context.set_outcome(_outcome(context.folder / OUTPUT, job.shard_count))


def take_in(store: Store, cursor: Cursor, part: Path, params: dict[str, Any]) -> int:
    """Write the pairs of a finished part, under the id of the run whose folder it stands in."""
    del params
    made: list[CorruptedPair] = [pair for each in read_rows(part, TrajectoryOutcome) for pair in each.pairs]
    return write_corruptions(cursor, store, part.parent.parent.name, made)


def _part_name(number: int) -> str:
    return f"pairs-{number:06}.jsonl"


def _outcome(folder: Path, shard_count: int) -> dict[str, Any]:
    """Return what came of a run from all its parts, in figures a page can show."""
    kinds: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    steps = barren = 0
    for number in range(shard_count):
        for each in read_rows(folder / _part_name(number), TrajectoryOutcome):
            kinds.update(pair.corruption.kind for pair in each.pairs)
            left_out.update(each.left_out)
            steps += each.step_count
            barren += each.barren_count
    return {
        "pairs": kinds.total(),
        "by kind": dict(kinds.most_common()),
        "steps": steps,
        "steps that no error could be planted in": barren,
        "left out": dict(left_out),
    }


RUN_KIND: RunKind = RunKind(
    name=KIND,
    title="Plant errors",
    lane="cpu",
    prepare=prepare,
    work=work,
    take_in=take_in,
)
