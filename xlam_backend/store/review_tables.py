"""Verdicts, pairs and the log as wide tables with all that belongs to a row, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec
import pyarrow as pa

from xlam_backend.store.connection import Store

ReviewTable = Literal["verdicts", "pairs", "audit"]

_BATCH_ROWS = 5_000
# What holds JSON: text in a table, the value itself where the form can hold one.
JSON_COLUMNS = frozenset({"evidence", "gold", "chosen", "rejected", "detail"})


class ReviewColumn(msgspec.Struct, frozen=True):
    """A column of an exported table: its name, what it means, and the SQL that gives it."""

    name: str
    meaning: str
    sql: str


def _column(sql: str, meaning: str, name: str = "") -> ReviewColumn:
    return ReviewColumn(name or sql.split(".")[-1], meaning, sql)


COLUMNS: dict[ReviewTable, tuple[ReviewColumn, ...]] = {
    "verdicts": (
        _column("v.verdict_no", "number of the row; a later row of the same person and item replaces it"),
        _column(
            "c.verdict_no IS NOT NULL", "whether this row counts: not changed later, not taken back", "counts"
        ),
        _column("v.is_withdrawn", "this row takes the person's answer back"),
        _column("v.queue_no", "number of the queue"),
        _column("coalesce(q.name, '')", "name of the queue", "queue"),
        _column("v.item_no", "number of the item"),
        _column("i.kind", "what was reviewed: finding, rating, pair, duplicate"),
        _column("v.person", "who answered"),
        _column("v.flag", "whether the check or judge is right: agree, disagree, unsure"),
        _column("v.disposition", "what becomes of the data: keep, fix, drop, flip"),
        _column("v.rating", "quality, 1 to 5"),
        _column("v.preference", "of a pair: chosen, rejected, equal, both_bad (never left or right)"),
        _column("v.reason", "of a pair: what is wrong with the worse side"),
        _column("v.evidence", "the place the reviewer points at (JSON)"),
        _column("v.note", "the reviewer's note"),
        _column("v.act_no", "the fix or edit that came with the answer, 0 when none"),
        _column("v.seconds", "how long the item was on screen"),
        _column("v.decided_at", "when, in UTC"),
        _column("i.check_name", "the check or judge the item calibrates", "check"),
        _column("i.is_flagged", "false: drawn from what no check or judge marked"),
        _column("i.stratum", "the part of the data the item was drawn from"),
        _column("i.inclusion_probability", "how probable it was to be drawn; weigh by its inverse"),
        _column("i.gold", "the known answer of a gold item (JSON), empty for others"),
        _column("i.repeats", "the item this one shows a second time, 0 when none"),
        _column("coalesce(t.trajectory_id, '')", "the trajectory", "trajectory_id"),
        _column("i.version_no", "the exact version that was reviewed"),
        _column("coalesce(d.name, '')", "the dataset", "dataset"),
        _column("coalesce(d.importer, '')", "the format it was read as", "source"),
        _column("i.step", "the step, from 0; -1: the whole trajectory"),
        _column("i.call", "the call in the step, from 0; -1: none"),
        _column("i.pointer", "the argument, as a JSON pointer"),
        _column("coalesce(r.judge, '')", "of a rating: the judge", "judge"),
        _column("coalesce(r.model, '')", "the judge's model", "model"),
        _column(
            "coalesce(r.is_scripted, false)",
            "the model was the scripted one, not a real judge",
            "is_scripted",
        ),
        _column("coalesce(r.prompt_name, '')", "the judge's prompt", "prompt_name"),
        _column("coalesce(r.prompt_version, 0)", "the version of the prompt", "prompt_version"),
        _column("coalesce(r.verdict, '')", "the judge's word", "judge_verdict"),
        _column("r.score", "the judge's score"),
        _column(
            "coalesce(p.flag, '')",
            "what was decided about the item, by agreement or adjudication",
            "final_flag",
        ),
        _column("coalesce(p.disposition, '')", "the decided disposition", "final_disposition"),
        _column("p.rating", "the decided rating", "final_rating"),
        _column("coalesce(p.preference, '')", "the decided preference", "final_preference"),
        _column("coalesce(p.decided_by, '')", "agreement, adjudication, or empty", "decided_by"),
    ),
    "pairs": (
        _column("a.pair_no", "number of the pair"),
        _column("coalesce(t.trajectory_id, '')", "the trajectory", "trajectory_id"),
        _column("a.version_no", "the exact version the pair was made from"),
        _column(
            "coalesce(h.version_no, a.trajectory_no) = a.version_no",
            "that version still counts",
            "is_current",
        ),
        _column("coalesce(d.name, '')", "the dataset", "dataset"),
        _column("a.step", "the step both sides answer, from 0"),
        _column("coalesce(t.query, '')", "the task", "query"),
        _column("a.chosen", "the side taken for the better: thought and tool calls (JSON)"),
        _column("a.rejected", "the other side (JSON)"),
        _column("a.reason", "what is wrong with the rejected side"),
        _column("a.origin", "how the rejected side came about"),
        _column("a.is_equal", "both sides make the same calls: no preference"),
        _column("a.margin", "rating of the chosen side minus that of the rejected one"),
        _column("coalesce(g.model, '')", "the model that wrote the rejected side", "model"),
        _column("coalesce(g.is_scripted, false)", "it was the scripted model, not a real one", "is_scripted"),
        _column("coalesce(g.prompt_hash, '')", "hash of the prompt it was given", "prompt_hash"),
        _column("coalesce(w.verdict_count, 0)", "how many people compared the sides", "verdict_count"),
        _column(
            "coalesce(w.preference, '')",
            "decided: chosen (confirmed), rejected (the other way round), equal or both_bad (no pair)",
            "preference",
        ),
        _column("coalesce(w.disposition, '')", "decided: keep, flip, drop", "disposition"),
        _column("a.made_at", "when, in UTC"),
    ),
    "audit": (
        _column("audit_no", "number of the entry; they rise with time"),
        _column("at_time", "when, in UTC"),
        _column("person", "who"),
        _column("role", "the role the person had then"),
        _column("action", "what kind of act"),
        _column("subject", "what it was done to"),
        _column("detail", "few plain values (JSON), never the data itself"),
    ),
}

_FROM: dict[ReviewTable, str] = {
    "verdicts": """
        FROM verdict AS v
        LEFT JOIN (SELECT verdict_no FROM current_verdict) AS c ON v.verdict_no = c.verdict_no
        JOIN review_item AS i ON v.item_no = i.item_no
        LEFT JOIN queue AS q ON v.queue_no = q.queue_no
        LEFT JOIN trajectory AS t ON i.version_no = t.version_no
        LEFT JOIN dataset AS d ON t.dataset_no = d.dataset_no
        LEFT JOIN rating AS r ON i.rating_no = r.rating_no AND i.rating_no > 0
        LEFT JOIN item_decision AS p ON i.item_no = p.item_no
        WHERE $queue_no = 0 OR v.queue_no = $queue_no ORDER BY v.verdict_no""",
    "pairs": """
        FROM pair AS a
        LEFT JOIN trajectory AS t ON a.version_no = t.version_no
        LEFT JOIN head AS h ON a.trajectory_no = h.trajectory_no
        LEFT JOIN dataset AS d ON t.dataset_no = d.dataset_no
        LEFT JOIN candidate AS g ON a.candidate_no = g.candidate_no AND a.candidate_no > 0
        LEFT JOIN (
            SELECT i.pair_no, count(v.verdict_no) AS verdict_count,
                arg_max(p.preference, p.decided_at) AS preference,
                arg_max(p.disposition, p.decided_at) AS disposition
            FROM review_item AS i
            JOIN current_verdict AS v ON i.item_no = v.item_no
            LEFT JOIN item_decision AS p ON i.item_no = p.item_no
            WHERE i.kind = 'pair' AND ($queue_no = 0 OR i.queue_no = $queue_no) GROUP BY i.pair_no
        ) AS w ON a.pair_no = w.pair_no
        WHERE $queue_no = 0 OR w.pair_no IS NOT NULL ORDER BY a.pair_no""",
    "audit": "FROM audit ORDER BY audit_no",
}


def count_review_rows(store: Store, table: ReviewTable) -> int:
    """Return how many rows a table has in all."""
    source = {"verdicts": "verdict", "pairs": "pair", "audit": "audit"}[table]
    with store.cursor() as cursor:
        return int(cursor.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])


@contextmanager
def open_review_table(
    store: Store, table: ReviewTable, *, queue_no: int = 0
) -> Iterator[pa.RecordBatchReader]:
    """Give a table in batches, all of it as it stands at the first; one queue, or (0) all."""
    chosen = ", ".join(f'{column.sql} AS "{column.name}"' for column in COLUMNS[table])
    asked = {} if table == "audit" else {"queue_no": queue_no}
    with store.cursor() as cursor:
        yield cursor.sql(f"SELECT {chosen} {_FROM[table]}", params=asked).to_arrow_reader(_BATCH_ROWS)
