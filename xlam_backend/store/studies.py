"""Studies in the store: what was asked for, which runs were started, what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from xlam_backend.domain.study import Study, StudyAct, StudyPlan, StudyRun
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

# Two events of one instant keep the order in which they were written.
_STUDIES = """
SELECT s.study_no, s.plan, s.person, s.made_at, e.event, e.note FROM study AS s JOIN (
    SELECT study_no, arg_max(event, rowid) AS event, arg_max(note, rowid) AS note
    FROM study_event GROUP BY study_no
) AS e USING (study_no)
"""


def write_study(cursor: Cursor, store: Store, plan: StudyPlan, person: str, *, now: datetime) -> int:
    """Write a study that is launched; returns its number."""
    number = store.numbers.reserve("study")
    text = msgspec.json.encode(plan).decode()
    cursor.execute(
        "INSERT INTO study VALUES (?, ?, ?, ?, ?)", [number, plan.name, text, person, utc_timestamp(now)]
    )
    write_study_event(cursor, number, "launched", person, now=now)
    return number


def write_study_event(
    cursor: Cursor, study_no: int, event: StudyAct, person: str, *, now: datetime, note: str = ""
) -> None:
    """Write down what became of a study."""
    cursor.execute(
        "INSERT INTO study_event VALUES (?, ?, ?, ?, ?)", [study_no, event, person, note, utc_timestamp(now)]
    )


def write_study_run(store: Store, study_no: int, run: StudyRun, *, now: datetime) -> None:
    """Write down that a run was started for a study."""
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO study_run VALUES (?, ?, ?, ?, ?, ?)",
            [study_no, *msgspec.structs.astuple(run), utc_timestamp(now)],
        )


def list_studies(store: Store) -> list[Study]:
    """Return the studies that were not removed, the latest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(f"{_STUDIES} WHERE e.event <> 'removed' ORDER BY s.study_no DESC").fetchall()
    return [_study(row) for row in rows]


def list_open_studies(store: Store) -> list[Study]:
    """Return the studies that go on by themselves, the first launched first."""
    query = f"{_STUDIES} WHERE e.event IN ('launched', 'taken up') ORDER BY s.study_no"
    with store.cursor() as cursor:
        return [_study(row) for row in cursor.execute(query).fetchall()]


def read_study(store: Store, study_no: int) -> Study:
    """Return one study.

    Raises:
        NotFoundError: there is none of this number, or it was removed.
    """
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"{_STUDIES} WHERE s.study_no = ? AND e.event <> 'removed'", [study_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(f"There is no study {study_no}.", "The Ablations page lists them.")
    return _study(rows[0])


def read_study_runs(store: Store, study_no: int) -> list[StudyRun]:
    """Return the runs of a study that count: the last one of each task, arm and seed.

    One whose id is '' stands for none: it is to be started anew.
    """
    query = """
        SELECT task, arm, seed, arg_max(run_id, rowid) AS last_run FROM study_run WHERE study_no = ?
        GROUP BY task, arm, seed HAVING last_run <> '' ORDER BY min(rowid)
    """
    with store.cursor() as cursor:
        return [StudyRun(*row) for row in cursor.execute(query, [study_no]).fetchall()]


def read_release_of_run(store: Store, run_id: str) -> str:
    """Return the release that a run froze; '' when the store has none of it (yet)."""
    query = "SELECT max(release_id) FROM release_event WHERE run_id = ? AND event = 'frozen'"
    with store.cursor() as cursor:
        return cursor.execute(query, [run_id]).fetchall()[0][0] or ""


class AnswerVerdict(msgspec.Struct, frozen=True):
    """Whether a question was answered correctly in an evaluation; None: it was not answered."""

    evaluation_no: int
    category: str
    item_id: str
    is_valid: bool | None


def read_answer_verdicts(store: Store, evaluation_nos: Sequence[int]) -> list[AnswerVerdict]:
    """Return the verdicts of several evaluations, without the answers themselves."""
    query = """
        SELECT evaluation_no, category, item_id, is_valid FROM current_evaluation_item
        WHERE evaluation_no IN (SELECT unnest(?)) ORDER BY evaluation_no, place
    """
    with store.cursor() as cursor:
        return [AnswerVerdict(*row) for row in cursor.execute(query, [list(evaluation_nos)]).fetchall()]


def _study(row: tuple[Any, ...]) -> Study:
    number, plan, *rest = row
    return Study(number, msgspec.json.decode(plan, type=StudyPlan), *rest)
