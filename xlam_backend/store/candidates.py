"""Candidates of less powerful models: written part by part, counted by model and by what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa

from xlam_backend.domain.candidate import CLASSIFICATIONS, Candidate, Classification
from xlam_backend.domain.finding import Finding, NotChecked
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.errors import NotFoundError
from xlam_backend.store.bulk import insert_rows
from xlam_backend.store.connection import Cursor, Store, utc_timestamp

_TYPES: dict[str, pa.DataType] = {
    "candidate_no": pa.int64(),
    "run_id": pa.string(),
    "version_no": pa.int64(),
    "trajectory_no": pa.int64(),
    "step": pa.int32(),
    "model": pa.string(),
    "endpoint": pa.string(),
    "is_scripted": pa.bool_(),
    "attempt": pa.int32(),
    "prompt_name": pa.string(),
    "prompt_version": pa.int32(),
    "prompt_hash": pa.string(),
    "state": pa.string(),
    "reason": pa.string(),
    "thought": pa.string(),
    "tool_calls": pa.string(),
    "findings": pa.string(),
    "flagged_by": pa.string(),
    "not_checked": pa.string(),
    "score": pa.float64(),
    "own_score": pa.float64(),
    "difference": pa.string(),
    "classification": pa.string(),
    "classified_because": pa.string(),
    "raw_reply": pa.string(),
    "input_tokens": pa.int64(),
    "output_tokens": pa.int64(),
    "cost": pa.float64(),
    "generated_at": pa.timestamp("us"),
}
_LISTS: dict[str, Any] = {
    "tool_calls": tuple[ToolCall, ...],
    "findings": tuple[Finding, ...],
    "not_checked": tuple[NotChecked, ...],
}
_COLUMNS = ", ".join(_TYPES)


class ModelCount(msgspec.Struct, frozen=True):
    """How far the candidates of one model came; each figure counts candidates.

    `flagged_count`: parsed, and the rules reject it. `pair_count`: of the rejected ones, those that
    became a pair; the others make the same calls as one that did. `tokens` and `cost` are those of its
    answers, without ratings; `cost` is None where the endpoint has no prices.
    """

    model: str
    is_scripted: bool
    asked_count: int
    generated_count: int
    parsed_count: int
    flagged_count: int
    rated_count: int
    pair_count: int
    classified: dict[Classification, int]
    tokens: int
    cost: float | None


class ReasonCount(msgspec.Struct, frozen=True):
    """How many candidates of a model became what they are for one reason."""

    model: str
    classification: Classification
    because: str
    count: int


def write_candidates(cursor: Cursor, store: Store, candidates: Sequence[Candidate]) -> int:
    """Add candidates, numbered anew in their order; returns the first number."""
    first_no = store.numbers.reserve("candidate", len(candidates))
    columns = {name: pa.array(_values(name, candidates), kind) for name, kind in _TYPES.items()}
    columns["candidate_no"] = pa.array(range(first_no, first_no + len(candidates)), pa.int64())
    insert_rows(cursor, f"INSERT INTO candidate ({_COLUMNS}) SELECT {_COLUMNS} FROM added", pa.table(columns))
    return first_no


def read_candidate(store: Store, candidate_no: int) -> Candidate:
    """Return one candidate, or raise NotFoundError."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM candidate WHERE candidate_no = ?", [candidate_no]
        ).fetchall()
    if not rows:
        raise NotFoundError(
            f"No candidate has the number {candidate_no}.", "See the Responses page for what there is."
        )
    fields = dict(zip(_TYPES, rows[0], strict=True))
    del fields["flagged_by"]  # told by the findings
    for name, kind in _LISTS.items():
        fields[name] = msgspec.json.decode(fields[name], type=kind)
    return Candidate(**fields)


class SideRating(msgspec.Struct, frozen=True):
    """What the judge said of one way to take a step; `is_own`: of the trajectory's own step."""

    is_own: bool
    model: str
    is_scripted: bool
    score: float | None
    rationale: str
    not_judged_reason: str


def read_side_ratings(store: Store, candidate: Candidate) -> list[SideRating]:
    """Return what the judge said of the own step and of a candidate beside it, the own step first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT candidate_no < 0, model, is_scripted, score, rationale, not_judged_reason FROM rating "
            "WHERE run_id = ? AND version_no = ? AND step = ? AND member <> 'member' "
            "AND (candidate_no = ? OR candidate_no < 0) ORDER BY candidate_no",
            [candidate.run_id, candidate.version_no, candidate.step, candidate.candidate_no],
        ).fetchall()
    return [SideRating(*row) for row in rows]


def count_by_model(store: Store, run_id: str = "") -> list[ModelCount]:
    """Return for each model how many of its candidates came how far, of one run or ("") of all."""
    classified = ", ".join(f"count(*) FILTER (c.classification = '{word}')" for word in CLASSIFICATIONS)
    with store.cursor() as cursor:
        rows = cursor.execute(
            f"""
            SELECT c.model, bool_or(c.is_scripted), count(*), count(*) FILTER (c.state <> 'not_generated'),
                count(*) FILTER (c.state = 'parsed'),
                count(*) FILTER (c.flagged_by <> ''), count(c.score), count(p.pair_no),
                sum(c.input_tokens + c.output_tokens)::BIGINT, sum(c.cost), {classified}
            FROM candidate AS c LEFT JOIN pair AS p USING (candidate_no)
            WHERE $run_id IN ('', c.run_id) GROUP BY c.model ORDER BY c.model
            """,
            {"run_id": run_id},
        ).fetchall()
    return [_model_count(row) for row in rows]


def count_becauses(store: Store, run_id: str = "") -> list[ReasonCount]:
    """Return how often each reason to classify was given, by model, the most frequent first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT model, classification, classified_because, count(*) AS n FROM candidate "
            "WHERE $run_id IN ('', run_id) GROUP BY ALL ORDER BY model, n DESC, classified_because",
            {"run_id": run_id},
        ).fetchall()
    return [ReasonCount(*row) for row in rows]


def list_candidate_runs(store: Store) -> list[str]:
    """Return the runs that gave candidates, the newest first."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT run_id FROM candidate GROUP BY run_id ORDER BY max(candidate_no) DESC"
        ).fetchall()
    return [run_id for (run_id,) in rows]


def _model_count(row: Sequence[Any]) -> ModelCount:
    model, is_scripted, asked, generated, parsed, flagged, rated, paired, tokens, cost, *classified = row
    counts = dict(zip(CLASSIFICATIONS, classified, strict=True))
    return ModelCount(
        model, is_scripted, asked, generated, parsed, flagged, rated, paired, counts, tokens, cost
    )


def _values(name: str, candidates: Sequence[Candidate]) -> list[Any]:
    values = [getattr(candidate, name) for candidate in candidates]
    if name in _LISTS:
        return [msgspec.json.encode(value).decode() for value in values]
    if name == "generated_at":
        return [utc_timestamp(value) for value in values]
    return values
