"""The run that checks much: shards from the store, checks in worker processes, findings back."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.checks import CHECKS
from xlam_backend.checks.run import WORTH_PROCESSES, count_pending, note_licences, run_checks
from xlam_backend.checks.shards import ShardFacts, ShardTask, check_shard, take_in_shard, write_shards
from xlam_backend.domain.person import Person
from xlam_backend.processes import map_in_processes
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT, part_names
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.table_file import read_facts

KIND = "check"
TITLE = "Check what is not checked yet"


def is_worth_a_run(store: Store) -> bool:
    """Tell whether so much is unchecked that a run of its own should do it."""
    return count_pending(store) >= WORTH_PROCESSES


def start_check_run(store: Store, *, person: Person, now: datetime, checks: Sequence[str] = ()) -> str:
    """Check what is not checked yet, by all checks or those named; returns the id of the run."""
    require(person, "check")
    params = {"checks": list(checks), "processes": os.cpu_count() or 1}
    return start_run(store, KIND, params, title=TITLE, person=person, now=now)


def check_what_came(taking: Taking) -> None:
    """Drop the parts of a run that brought trajectories, for the store holds them now, and check these."""
    for name in part_names(taking.folder):
        (taking.folder / OUTPUT / name).unlink(missing_ok=True)
    if is_worth_a_run(taking.store):
        start_check_run(taking.store, person=taking.person, now=taking.now)
    else:
        run_checks(taking.store, person=taking.person, now=taking.now)


def _prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    wanted = set(params.get("checks") or [])
    checks = [check for check in CHECKS if not wanted or check.name in wanted]
    count = write_shards(store, folder / INPUT, checks)
    return Prepared(count, f"{count:,} trajectories, {len(checks)} checks")


def _work(context: RunContext) -> None:
    shards = sorted((context.folder / INPUT).iterdir())
    facts = {path.name: msgspec.convert(read_facts(path), ShardFacts) for path in shards}
    total = sum(facts[path.name].count for path in shards)
    done = sum(facts[path.name].count for path in shards if context.has_part(path.name))
    started: deque[Path] = deque()

    def tasks() -> Iterator[ShardTask]:
        for path in shards:
            if not context.has_part(path.name):
                started.append(path)
                yield ShardTask(f"{context.run_id}/{context.attempt}", path)

    context.progress(done, total, _words(done, total))
    results = map_in_processes(check_shard, tasks(), int(context.params.get("processes") or 0))
    try:
        for part in results:
            path = started.popleft()
            context.write_part(path.name, part)
            done += facts[path.name].count
            context.progress(done, total, _words(done, total))
            if context.should_stop():
                return
    finally:
        results.close()
    context.set_outcome(_outcome([context.folder / OUTPUT / path.name for path in shards]))


def _words(done: int, total: int) -> str:
    return f"{done:,} of {total:,} checked"


def _outcome(parts: list[Path]) -> dict[str, int]:
    facts = [msgspec.convert(read_facts(part), ShardFacts) for part in parts]
    versions = [each for each in facts if each.about == "versions"]
    tools = [each for each in facts if each.about == "tools"]
    return {
        "trajectories checked": sum(each.count for each in versions),
        "findings": sum(each.finding_count for each in versions),
        "tools checked": sum(each.count for each in tools),
        "findings about tools": sum(each.finding_count for each in tools),
        "checks that gave no answer": sum(each.not_checked_count for each in facts),
    }


def _take_in(store: Store, cursor: Cursor, part: Path, _params: dict[str, Any]) -> int:
    return take_in_shard(store, cursor, part)


def _then(taking: Taking) -> None:
    note_licences(taking.store)


RUN_KIND: RunKind = RunKind(KIND, "Check", "cpu", _prepare, _work, _take_in, then=_then)
