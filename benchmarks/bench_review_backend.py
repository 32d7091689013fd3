"""The review desk behind its pages: many people at once with a kill in the middle, and a large store.

    python -m benchmarks.bench_review_backend            # 50 people x 200 items; 1,000,000 trajectories
    python -m benchmarks.bench_review_backend --small    # the same in small, while other work runs

First reviewers work at a queue with overlap 2, each in a thread of the one process that owns the store;
in the middle that process is ended with kill -9 and started again. Then a queue is drawn from every
finding of a large store and the next items are asked for, with what the page reads first of each.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from benchmarks.big_store import fill_store
from benchmarks.figures import Figure, exit_status, show
from tests.review_load import examine, run_with_a_kill
from tests.review_queues import RESEARCHER, an_answer, annotator, make_queue
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.review import QueuePlan
from xlam_backend.explore.search import find_trajectories
from xlam_backend.review.desk import claim_items, queue_progress, submit_verdict
from xlam_backend.review.desk_room import room_of
from xlam_backend.review.queues import create_queue, list_queues, preview_queue
from xlam_backend.store.connection import Store
from xlam_backend.store.review_items import read_item
from xlam_backend.store.trajectories import read_trajectories

NEXT_ITEM_MS = 50.0
CREATE_SECONDS = 60.0
OVERLAP = 2


def load_figures(reviewer_count: int, items_each: int) -> list[Figure]:
    """Let people review with a kill in the middle, and count what is wrong afterwards."""
    with tempfile.TemporaryDirectory(prefix="xlam-review-") as made:
        folder, journals = Path(made) / "store", Path(made) / "journals"
        store = Store.open(folder)
        answers = reviewer_count * items_each
        queue_no = make_queue(store, answers // OVERLAP, overlap=OVERLAP)
        store.close()
        begun = time.perf_counter()
        timings = run_with_a_kill(folder, journals, queue_no, reviewer_count, kill_after=answers // 2)
        seconds = time.perf_counter() - begun
        store = Store.open(folder)
        outcome = examine(store, journals, queue_no, OVERLAP)
        store.close()
    return [
        Figure("answers missing", 0, answers - outcome.verdict_count),
        *(Figure(name, 0, count) for name, count in outcome.wrong.items()),
        *percentiles(f"claim, {reviewer_count} people at once", timings["claim"], None),
        *percentiles(f"submit, {reviewer_count} people at once", timings["submit"], None),
        Figure(f"all {answers:,} answers, kill and restart included", None, seconds, "s"),
    ]


def large_figures(store: Store, rounds: int) -> list[Figure]:
    """Draw a queue from every finding of a store, and take items from it."""
    now = datetime.now(UTC)
    plan = QueuePlan(
        f"everything {now.isoformat()}", "finding", unflagged_share=0.1, repeat_share=0.05, overlap=OVERLAP
    )
    preview_seconds = timed(lambda: preview_queue(store, plan))
    create_seconds = timed(lambda: create_queue(store, plan, person=RESEARCHER, now=now))
    queue_no = list_queues(store, person=RESEARCHER, now=now)[0].queue_no
    item_count = queue_progress(store, queue_no, person=RESEARCHER, now=now).item_count
    restart_ms = 1000 * timed(lambda: _look_again(store, queue_no, now))
    return [
        Figure(f"preview of a queue of {item_count:,} items", CREATE_SECONDS, preview_seconds, "s"),
        Figure(f"creation of a queue of {item_count:,} items", CREATE_SECONDS, create_seconds, "s"),
        Figure("first look at that queue after a restart", None, restart_ms, "ms"),
        *_next_items(store, queue_no, rounds),
    ]


def _look_again(store: Store, queue_no: int, now: datetime) -> None:
    room_of(store).forget(queue_no)
    queue_progress(store, queue_no, person=RESEARCHER, now=now)


def _next_items(store: Store, queue_no: int, rounds: int) -> list[Figure]:
    """Take items as the page does: twenty at first, then one more for each that is answered."""
    many, opened, submitted = [], [], []
    for number in range(rounds):
        person = annotator(f"person {number % 20}")
        begun = time.perf_counter()
        claims = claim_items(store, queue_no, person=person, count=20, now=datetime.now(UTC))
        many.append(time.perf_counter() - begun)
        draft = an_answer(f"{queue_no}-{number}", claims[0].item_no, claims[0].lease, seconds=1.0)
        begun = time.perf_counter()
        submit_verdict(store, draft, person=person, now=datetime.now(UTC))
        submitted.append(time.perf_counter() - begun)
        single = annotator(f"single {number}")
        begun = time.perf_counter()
        claim = claim_items(store, queue_no, person=single, count=1, now=datetime.now(UTC))[0]
        item = read_item(store, claim.item_no)
        read_trajectories(store, [item.version_no])
        opened.append(time.perf_counter() - begun)
    return [
        *percentiles("twenty items claimed", many, NEXT_ITEM_MS),
        *percentiles("next item claimed and read, with its trajectory", opened, NEXT_ITEM_MS),
        *percentiles("verdict stored", submitted, NEXT_ITEM_MS),
    ]


def percentiles(name: str, seconds: list[float], asked: float | None) -> list[Figure]:
    """Return p50 and p95 in milliseconds."""
    cuts = quantiles(seconds, n=20)
    return [Figure(f"{name}, p{part}", asked, 1000 * cuts[part // 5 - 1], "ms") for part in (50, 95)]


def timed(work: Callable[[], object]) -> float:
    """Return how long some work took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="10 people x 40 items; 50,000 trajectories")
    parser.add_argument("--rows", type=int, default=0, help="trajectories of the large store")
    parser.add_argument("--folder", default="", help="keep the large store here, or use the one that is here")
    given = parser.parse_args()
    people, items = (10, 40) if given.small else (50, 200)
    rows = given.rows or (50_000 if given.small else 1_000_000)
    figures = load_figures(people, items)
    print(
        f"{people} people x {items} items, overlap {OVERLAP}, kill -9 in the middle", show(figures), sep="\n"
    )
    with tempfile.TemporaryDirectory(prefix="xlam-bench-") as made:
        folder = Path(given.folder or made)
        store = Store.open(folder)
        if not find_trajectories(store, Filters()).total:
            store.close()
            store = fill_store(folder, rows)
        large = large_figures(store, 60 if given.small else 200)
        store.close()
    print(f"\n{rows:,} trajectories", show(large), sep="\n")
    return exit_status([*figures, *large])


if __name__ == "__main__":
    raise SystemExit(main())
