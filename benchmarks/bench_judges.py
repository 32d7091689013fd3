"""A run of the judges against a server that misbehaves: nothing lost, nothing doubled, nothing paid twice.

    python -m benchmarks.bench_judges            # 10,000 calls
    python -m benchmarks.bench_judges --small    # 600 calls, while other work runs

The scripted server answers after a fixed time, and of its calls some are refused with 429 or 500, some break
off, hang past the time limit, or come in a form that cannot be read. First a run is carried out whole and
timed against the ideal (answered calls x time of an answer / calls at a time). Then a run with a budget is
ended with kill -9 in the middle and resumed, and a run without a budget asks what is left.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, exit_status, show
from benchmarks.scripted_stats import read_stats
from tests.builders import write_records
from xlam_backend.activities.judge_run import start_judging
from xlam_backend.activities.manager import read_run, resume_run, wait_for_run
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.person import Person
from xlam_backend.importers.pipeline import import_source
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import Budget
from xlam_backend.llm.scripted_process import ServerCard, start_scripted_server, stop_scripted_server
from xlam_backend.runs.folder import STATUS, Status, read_record, runs_folder
from xlam_backend.store.connection import Store

LEAD = Person("bench", "admin")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Twice as far from what one core can serve as it need be: the wait, not the work, is what is measured.
LATENCY_SECONDS = 0.2
CONCURRENCY = 16
TIMEOUT_SECONDS = 2.0
FAULTS = {
    "rate_limit": 0.02,
    "error": 0.02,
    "hang": 0.001,
    "truncated": 0.01,
    "wrong_schema": 0.01,
    "malformed": 0.02,
}
SETTINGS = JudgeSettings(
    judges=("step_quality",),
    endpoint="scripted",
    models=("scripted-careful",),
    concurrency=CONCURRENCY,
    timeout_seconds=TIMEOUT_SECONDS,
    most_retries=10,
)  # fmt: skip


def whole_run(store: Store, card: ServerCard, count: int) -> list[Figure]:
    """Carry out a run without a break, and time it against the ideal."""
    began = time.monotonic()
    status = wait_for_run(store, start_judging(store, SETTINGS, Filters(), person=LEAD, now=NOW))
    seconds = status.seconds
    bill = read_stats(card)
    ideal = bill["billed_calls"] * LATENCY_SECONDS / CONCURRENCY
    ratings, places, judged = _counts(store, SETTINGS.models[0])
    return [
        Figure(f"calls asked about: {count:,}; answered calls", None, bill["billed_calls"]),
        Figure("places lost", 0, count - places),
        Figure("places doubled", 0, ratings - places),
        Figure("places not judged, of 1,000", 5, 1000 * (places - judged) / count),
        Figure("calls answered twice", 0, bill["answered_twice"]),
        Figure("wall time of the run, of the ideal", 1.3, seconds / ideal),
        Figure("seconds in all, with start and taking in", None, time.monotonic() - began),
    ]


def killed_run(store: Store, card: ServerCard, count: int) -> list[Figure]:
    """End a run with a budget in the middle, resume it, then let it go on without the budget."""
    before = read_stats(card)
    budget = count // 2
    chosen = msgspec.structs.replace(SETTINGS, models=("scripted-hasty",), budget=Budget(calls=budget))
    run_id = start_judging(store, chosen, Filters(), person=LEAD, now=NOW)
    while read_stats(card)["billed_calls"] - before["billed_calls"] < budget // 2:
        time.sleep(0.02)
    os.kill(_worker_pid(store, run_id), signal.SIGKILL)
    wait_for_run(store, run_id)
    resume_run(store, run_id, person=LEAD, now=NOW)
    wait_for_run(store, run_id)
    spent = read_stats(card)["billed_calls"] - before["billed_calls"]
    again = msgspec.structs.replace(chosen, budget=Budget())
    wait_for_run(store, start_judging(store, again, Filters(), person=LEAD, now=NOW))
    after = read_stats(card)
    with store.cursor() as cursor:
        [(judged, doubled)] = cursor.execute(
            "SELECT count(DISTINCT version_no), count(*) - count(DISTINCT version_no) FROM rating "
            "WHERE model = 'scripted-hasty' AND state = 'judged'"
        ).fetchall()
    return [
        Figure(f"killed, resumed: calls over the budget of {budget:,}", 0, max(0, spent - budget)),
        Figure(
            "killed, resumed: calls answered twice", 0, after["answered_twice"] - before["answered_twice"]
        ),
        Figure("killed, resumed: calls billed twice", 0, after["billed_twice_by_key"]),
        Figure("then without a budget: places lost, of 1,000", 5, 1000 * (count - judged) / count),
        Figure("then without a budget: places judged twice", 0, doubled),
    ]


def _counts(store: Store, model: str) -> tuple[int, int, int]:
    with store.cursor() as cursor:
        [row] = cursor.execute(
            "SELECT count(*), count(DISTINCT (version_no, step)), count(*) FILTER (state = 'judged') "
            "FROM rating WHERE model = ?",
            [model],
        ).fetchall()
    return row[0], row[1], row[2]


def _worker_pid(store: Store, run_id: str) -> int:
    status = read_record(runs_folder(store.folder) / run_id / STATUS, Status)
    if status is None or not status.worker_pid:
        raise SystemExit(f"The run has no worker: {read_run(store.folder, run_id)}")
    return status.worker_pid


def measure(folder: Path, count: int) -> list[Figure]:
    """Return all figures."""
    store = Store.open(folder)
    write_records(folder / "records.jsonl", count)
    import_source(store, folder / "records.jsonl", person=LEAD, now=NOW, dataset="bench")
    options = ["--latency", str(LATENCY_SECONDS), "--hang", "60"]
    for kind, share in FAULTS.items():
        options += ["--fault", f"{kind}={share}"]
    card = start_scripted_server(folder, options=tuple(options), person=LEAD)
    try:
        return [*whole_run(store, card, count), *killed_run(store, card, count)]
    finally:
        stop_scripted_server(folder, person=LEAD)
        store.close()


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--small", action="store_true", help="600 calls")
    count = 600 if parser.parse_args().small else 10_000
    with tempfile.TemporaryDirectory(prefix="xlam-judges-") as made:
        os.environ["XLAM_DATA_DIR"] = made
        figures = measure(Path(made), count)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    raise SystemExit(main())
