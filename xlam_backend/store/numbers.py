"""Numbers that rise with time: the integer keys of every bulk table."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import duckdb

NumberKind = Literal[
    "dataset",
    "import",
    "tool",
    "version",
    "check_set",
    "finding",
    "act",
    "rating",
    "candidate",
    "pair",
    "promotion",
    "labelled_set",
    "rehearsal",
    "queue",
    "item",
    "verdict",
    "comment",
    "adjudication",
    "lesson",
    "near_search",
    "near_pair",
    "near_decision",
    "audit",
    "role",
    "licence",
    "evaluation",
    "contamination",
    "scheme",
    "category_change",
    "model",
    "model_evaluation",
    "evaluation_change",
    "study",
    "published_table",
    "published_change",
]

_HIGHEST: dict[NumberKind, str] = {
    "dataset": "SELECT max(dataset_no) FROM dataset",
    "import": "SELECT max(import_no) FROM import_event",
    "tool": "SELECT max(tool_no) FROM tool",
    "version": "SELECT max(version_no) FROM trajectory",
    "check_set": "SELECT max(check_set_no) FROM check_set",
    "finding": "SELECT max(finding_no) FROM finding",
    "act": "SELECT max(act_no) FROM fix_act",
    "rating": "SELECT max(rating_no) FROM rating",
    "candidate": "SELECT max(candidate_no) FROM candidate",
    "pair": "SELECT max(pair_no) FROM pair",
    "promotion": "SELECT max(promotion_no) FROM prompt_promotion",
    "labelled_set": "SELECT max(set_no) FROM labelled_set",
    "rehearsal": "SELECT max(rehearsal_no) FROM rehearsal",
    "queue": "SELECT max(queue_no) FROM queue",
    "item": "SELECT max(item_no) FROM review_item",
    "verdict": "SELECT max(verdict_no) FROM verdict",
    "comment": "SELECT max(comment_no) FROM review_comment",
    "adjudication": "SELECT max(adjudication_no) FROM adjudication",
    "lesson": "SELECT max(lesson_no) FROM lesson",
    "near_search": "SELECT max(search_no) FROM near_search",
    "near_pair": "SELECT max(near_pair_no) FROM near_pair",
    "near_decision": "SELECT max(decision_no) FROM near_decision",
    "audit": "SELECT max(audit_no) FROM audit",
    "role": "SELECT max(role_no) FROM person_role",
    "licence": "SELECT max(change_no) FROM (SELECT change_no FROM licence_term "
    "UNION ALL SELECT change_no FROM licence_change)",
    "evaluation": "SELECT max(mark_no) FROM evaluation_mark",
    "contamination": "SELECT max(search_no) FROM contamination_search",
    "scheme": "SELECT max(scheme_no) FROM category_scheme",
    "category_change": "SELECT max(change_no) FROM category_change",
    "model": "SELECT max(model_no) FROM model",
    "model_evaluation": "SELECT max(evaluation_no) FROM evaluation",
    "evaluation_change": "SELECT max(change_no) FROM evaluation_change",
    "study": "SELECT max(study_no) FROM study",
    "published_table": "SELECT max(table_no) FROM published_table",
    "published_change": "SELECT max(change_no) FROM published_change",
}

# Verdicts, lineages and runs name rows that went: their numbers must not come to mean other rows.
_REMOVED = "SELECT max(highest) FROM removed_number WHERE kind = ?"


class Numbers:
    """Hands out numbers from memory: one process owns the file, so nobody else can take them.

    The highest number of a kind is looked up when the first of its kind is asked for: to look them all
    up costs as much as to open the file. A number handed out to work that was rolled back is not used
    again before the store is reopened; gaps mean nothing.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._next: dict[NumberKind, int] = {}

    def reserve(self, kind: NumberKind, count: int = 1) -> int:
        """Take `count` numbers in a row and return the first."""
        with self._lock:
            first = self._next_of(kind)
            self._next[kind] = first + count
        return first

    def keep_used(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write down, before rows are removed, which numbers were given: none is given again, ever."""
        with self._lock:
            used = [(kind, self._next_of(kind) - 1) for kind in _HIGHEST]
        cursor.executemany("INSERT INTO removed_number VALUES (?, ?)", used)

    def _next_of(self, kind: NumberKind) -> int:
        if kind not in self._next:
            # A cursor of its own sees what is committed: nothing of this kind was handed out before.
            with closing(self._connection.cursor()) as cursor:
                highest = cursor.execute(_HIGHEST[kind]).fetchall()[0][0] or 0
                removed = cursor.execute(_REMOVED, [kind]).fetchall()[0][0] or 0
            self._next[kind] = max(highest, removed) + 1
        return self._next[kind]
