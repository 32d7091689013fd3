"""Many reviewers at one queue in one process that may be killed; each keeps a journal of its answers.

    python -m tests.review_load FOLDER JOURNALS QUEUE REVIEWERS

A reviewer notes every answer before it is sent and again when it is acknowledged. Started again after a
kill, they first send once more, under the same entry id, what was never acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.review_queues import an_answer, annotator
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.store.connection import Store

HELD = 5
SENT_TWICE_SHARE = 0.1


class Journal:
    """What one reviewer sent and what was acknowledged, in a file that outlives a killed process."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.jsonl"
        self.sent: dict[str, tuple[int, str]] = {}  # entry id -> item, lease
        self.acknowledged: dict[str, int] = {}  # entry id -> verdict number
        self.refused: dict[str, str] = {}
        if self.path.exists():
            for line in self.path.read_bytes().split(b"\n"):
                if line.endswith(b"]"):
                    self._note(*json.loads(line))
        self._file = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    @property
    def unanswered(self) -> list[str]:
        """Return the entries nobody has heard of again."""
        return [entry for entry in self.sent if entry not in self.acknowledged and entry not in self.refused]

    def write(self, *line: Any) -> None:
        """Note one thing, in the file first."""
        os.write(self._file, json.dumps(line).encode() + b"\n")
        self._note(*line)

    def _note(self, kind: str, entry: str, *rest: Any) -> None:
        if kind == "sent":
            self.sent[entry] = (rest[0], rest[1])
        elif kind == "stored":
            self.acknowledged[entry] = rest[0]
        else:
            self.refused[entry] = rest[0]


class Reviewer(threading.Thread):
    """One person who answers items until none is due for them."""

    def __init__(self, store: Store, queue_no: int, name: str, journals: Path) -> None:
        super().__init__(name=name)
        self.store, self.queue_no, self.person = store, queue_no, annotator(name)
        self.journal = Journal(journals, name)
        self.chance = random.Random(name)
        self.claim_seconds: list[float] = []
        self.submit_seconds: list[float] = []
        self.failure = ""

    def run(self) -> None:
        """Work, and keep what went wrong for whoever waits."""
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
            self.failure = f"{self.name}: {error!r}"

    def work(self) -> None:
        """Send again what was not acknowledged, then take items until there are none."""
        for entry in self.journal.unanswered:
            self.send(entry, *self.journal.sent[entry])
        while True:
            begun = time.perf_counter()
            claims = claim_items(
                self.store, self.queue_no, person=self.person, count=HELD, now=datetime.now(UTC)
            )
            self.claim_seconds.append(time.perf_counter() - begun)
            if not claims:
                return
            for claim in claims:
                entry = f"{self.name}-{len(self.journal.sent)}"
                self.journal.write("sent", entry, claim.item_no, claim.lease)
                self.send(entry, claim.item_no, claim.lease)

    def send(self, entry: str, item_no: int, lease: str) -> None:
        """Submit one answer, at times twice."""
        draft = an_answer(entry, item_no, lease, seconds=1.0)
        begun = time.perf_counter()
        receipt = submit_verdict(self.store, draft, person=self.person, now=datetime.now(UTC))
        self.submit_seconds.append(time.perf_counter() - begun)
        if receipt.state == "refused":
            self.journal.write("refused", entry, receipt.reason)
            return
        self.journal.write("stored", entry, receipt.verdict_no)
        if self.chance.random() < SENT_TWICE_SHARE:
            again = submit_verdict(self.store, draft, person=self.person, now=datetime.now(UTC))
            if again.state != "repeated" or again.verdict_no != receipt.verdict_no:
                raise AssertionError(again)


def work_together(folder: Path, journals: Path, queue_no: int, names: list[str]) -> dict[str, list[float]]:
    """Let reviewers work at a queue until nothing is due; returns how long their calls took."""
    store = Store.open(folder)
    reviewers = [Reviewer(store, queue_no, name, journals) for name in names]
    for reviewer in reviewers:
        reviewer.start()
    for reviewer in reviewers:
        reviewer.join()
    store.close()
    if failures := [reviewer.failure for reviewer in reviewers if reviewer.failure]:
        raise RuntimeError(failures)
    return {
        "claim": [taken for reviewer in reviewers for taken in reviewer.claim_seconds],
        "submit": [taken for reviewer in reviewers for taken in reviewer.submit_seconds],
    }


def reviewer_names(count: int) -> list[str]:
    """Return the names of this many reviewers."""
    return [f"reviewer-{number}" for number in range(count)]


def acknowledged_count(journals: Path) -> int:
    """Return how many answers have been acknowledged so far."""
    return sum(path.read_bytes().count(b'["stored"') for path in journals.glob("*.jsonl"))


def run_with_a_kill(
    folder: Path, journals: Path, queue_no: int, reviewer_count: int, *, kill_after: int
) -> dict[str, list[float]]:
    """Start the reviewers, kill -9 their process after so many answers, start them again to the end."""
    journals.mkdir(exist_ok=True)
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "tests.review_load", str(folder), str(journals), str(queue_no)]
    first = subprocess.Popen([*command, str(reviewer_count)], cwd=root, stdout=subprocess.DEVNULL)
    while acknowledged_count(journals) < kill_after:
        if first.poll() is not None:
            raise RuntimeError("The reviewers ended before they could be killed.")
    first.kill()
    first.wait()
    second = subprocess.run(
        [*command, str(reviewer_count)], cwd=root, capture_output=True, text=True, check=True
    )
    timings: dict[str, list[float]] = json.loads(second.stdout)
    return timings


class Outcome(NamedTuple):
    """What a load test left: everything that must be 0 stands in `wrong`, by name."""

    item_count: int
    verdict_count: int
    acknowledged_count: int
    wrong: dict[str, int]


def examine(store: Store, journals: Path, queue_no: int, overlap: int) -> Outcome:
    """Hold the tables against the journals."""
    with store.cursor() as cursor:
        items = [
            number
            for (number,) in cursor.execute(
                "SELECT item_no FROM review_item WHERE queue_no = ?", [queue_no]
            ).fetchall()
        ]
        rows = cursor.execute(
            "SELECT verdict_no, entry_id, item_no, person FROM verdict WHERE queue_no = ?", [queue_no]
        ).fetchall()
    people: dict[int, list[str]] = {}
    for _, _, item, who in rows:
        people.setdefault(item, []).append(who)
    written = [Journal(journals, path.stem) for path in journals.glob("*.jsonl")]
    acknowledged = {entry: number for journal in written for entry, number in journal.acknowledged.items()}
    stored = {entry: number for number, entry, _, _ in rows}
    times = Counter(entry for _, entry, _, _ in rows)
    return Outcome(
        len(items),
        len(rows),
        len(acknowledged),
        {
            "items without exactly the overlap": sum(len(people.get(item, ())) != overlap for item in items),
            "items answered twice by a person": sum(len(who) != len(set(who)) for who in people.values()),
            "acknowledged answers lost": sum(
                stored.get(entry) != number for entry, number in acknowledged.items()
            ),
            "answers stored twice": sum(count > 1 for count in times.values()),
            "answers never acknowledged": len(stored.keys() - acknowledged.keys()),
            "answers refused": sum(len(journal.refused) for journal in written),
        },
    )


def main() -> None:
    """Work as the reviewers of the command line."""
    folder, journals, queue_no, count = sys.argv[1:]
    timings = work_together(Path(folder), Path(journals), int(queue_no), reviewer_names(int(count)))
    print(json.dumps(timings))


if __name__ == "__main__":
    main()
