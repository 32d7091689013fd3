"""Evaluation sets, what searches found of them in training data, and the findings about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import pyarrow as pa

from xlam_backend.domain.contamination import ContaminationSettings, Method
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.person import Person
from xlam_backend.domain.shown_value import show_value
from xlam_backend.errors import InputError, NotFoundError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.bulk import insert_rows, query_rows, query_table
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store, utc_timestamp
from xlam_backend.store.findings import CheckVersion
from xlam_backend.store.run_findings import WantedFindings

CONTAMINATION_CHECK = CheckVersion("contamination", 1)

_SHOWN_QUERY = 500

TRAINING = """
    SELECT trajectory_no FROM membership ANTI JOIN evaluation_dataset USING (dataset_no)
"""
"""The trajectories that can be trained on: those that stand in a dataset that is no evaluation set."""

# What the user said, turn by turn.
_TURNS = """
SELECT t.trajectory_no, t.version_no, list_concat([t.query],
    list_filter(list_transform(t.steps, lambda step: step.user_input), lambda said: said <> '')) AS turns
FROM current_trajectory AS t
"""

_SETS = """
SELECT d.dataset_no, d.name, count(DISTINCT m.trajectory_no), e.dataset_no IS NOT NULL
FROM dataset AS d LEFT JOIN membership AS m USING (dataset_no)
LEFT JOIN evaluation_dataset AS e USING (dataset_no) GROUP BY ALL ORDER BY 1
"""
_RESULTS = """
SELECT s.search_no, s.run_id, s.dataset_no, d.name, s.method, s.settings, s.trajectory_count,
    s.evaluation_count, s.actor, s.searched_at, count(m.trajectory_no),
    count(DISTINCT m.evaluation_trajectory_no), coalesce(n.newer, 0)
FROM current_contamination_search AS s JOIN dataset AS d USING (dataset_no)
LEFT JOIN contamination_match AS m ON s.search_no = m.search_no
LEFT JOIN (
    SELECT s.search_no, count(*) AS newer FROM current_contamination_search AS s
    JOIN trajectory AS t ON t.version_no > s.highest_version_no AND t.version = 0 GROUP BY s.search_no
) AS n ON s.search_no = n.search_no
GROUP BY ALL ORDER BY d.name, s.method
"""
_PAIRS = """
SELECT c.search_no, c.method, c.score, c.shared, c.dataset_no, e.name, t.trajectory_id, d.name,
    left(t.query, $longest), v.trajectory_id, left(v.query, $longest), length(t.query), length(v.query)
FROM current_contamination AS c
JOIN current_trajectory AS t ON c.trajectory_no = t.trajectory_no
JOIN dataset AS d ON t.dataset_no = d.dataset_no
JOIN current_trajectory AS v ON c.evaluation_trajectory_no = v.trajectory_no
JOIN dataset AS e ON c.dataset_no = e.dataset_no
WHERE ($method = '' OR c.method = $method) AND ($dataset_no = 0 OR c.dataset_no = $dataset_no)
    AND ($trajectory_no = 0 OR c.trajectory_no = $trajectory_no)
ORDER BY c.score DESC, c.trajectory_no, c.dataset_no, c.method LIMIT $count OFFSET $first
"""

# The findings of the next versions; all of a version come in one part.
_FOUND = f"""
WITH next AS (
    SELECT t.trajectory_no, t.version_no FROM current_trajectory AS t
    WHERE t.version_no > $after AND t.trajectory_no IN (SELECT trajectory_no FROM current_contamination)
        AND t.trajectory_no IN ({TRAINING}) ORDER BY t.version_no LIMIT $count
)
SELECT n.version_no, c.method, c.score, c.shared, e.name, v.trajectory_id, left(v.query, $longest)
FROM current_contamination AS c JOIN next AS n ON c.trajectory_no = n.trajectory_no
JOIN current_trajectory AS v ON c.evaluation_trajectory_no = v.trajectory_no
JOIN dataset AS e ON c.dataset_no = e.dataset_no ORDER BY n.version_no, e.name, c.method
"""
_PART = 10_000


class EvaluationSet(msgspec.Struct, frozen=True):
    """A dataset, and whether it is marked as an evaluation set."""

    dataset_no: int
    dataset: str
    trajectory_count: int
    is_evaluation: bool


class SearchResult(msgspec.Struct, frozen=True):
    """What the search that counts found of one evaluation set with one method.

    `newer_count` is how many trajectories came into the store since: they were not looked at.
    """

    search_no: int
    run_id: str
    dataset_no: int
    dataset: str
    method: Method
    settings: dict[str, object]
    trajectory_count: int
    evaluation_count: int
    actor: str
    searched_at: datetime
    match_count: int
    matched_evaluation_count: int
    newer_count: int


class MatchedPair(msgspec.Struct, frozen=True):
    """A training record and the evaluation item it resembles; long queries are cut, their length is kept."""

    search_no: int
    method: Method
    score: float
    shared: str
    evaluation_no: int
    evaluation_set: str
    trajectory_id: str
    dataset: str
    query: str
    evaluation_id: str
    evaluation_query: str
    query_length: int
    evaluation_length: int


class MatchedPairs(msgspec.Struct, frozen=True):
    """Some of the matched pairs, the surest first, and how many there are."""

    rows: tuple[MatchedPair, ...]
    total: int


class Contaminated(NamedTuple):
    """What must not be trained on, one row for each trajectory, evaluation set and method; by trajectory."""

    trajectory_no: Integers
    evaluation_dataset_no: Integers
    method: Integers
    score: Integers


class NewSearch(NamedTuple):
    """What a run found with one method in one evaluation set.

    `matches` has the columns trajectory_no, evaluation_trajectory_no, score, shared.
    """

    dataset_no: int
    method: Method
    evaluation_count: int
    matches: pa.Table


def contaminated(cursor: Cursor) -> Contaminated:
    """Return what the searches that count found: the mixture leaves these trajectories out.

    Trajectories that stand in no dataset but evaluation sets are not among them: the mixture leaves
    those out as well (`TRAINING`).
    """
    rows = query_rows(
        cursor,
        "SELECT trajectory_no, dataset_no, method, score FROM current_contamination "
        "ORDER BY trajectory_no, dataset_no, method",
    )
    return Contaminated(rows["trajectory_no"], rows["dataset_no"], rows["method"], rows["score"])


def count_contaminated(store: Store) -> int:
    """Return how many training trajectories match an evaluation set, whichever way they were found."""
    with store.cursor() as cursor:
        found = cursor.execute("SELECT count(DISTINCT trajectory_no) FROM current_contamination").fetchall()
    return int(found[0][0])


def list_evaluation_sets(store: Store) -> list[EvaluationSet]:
    """Return every dataset, and whether it is an evaluation set."""
    with store.cursor() as cursor:
        return [EvaluationSet(*row) for row in cursor.execute(_SETS).fetchall()]


def mark_dataset(
    store: Store, dataset_no: int, *, is_evaluation: bool, person: Person, now: datetime
) -> None:
    """Mark a dataset as an evaluation set, or take the mark back; the findings follow.

    Raises:
        NotFoundError: there is no such dataset.
    """
    with store.write() as cursor:
        names = cursor.execute("SELECT name FROM dataset WHERE dataset_no = ?", [dataset_no]).fetchall()
        if not names:
            raise NotFoundError(
                f"There is no dataset number {dataset_no}.", "The Import page lists them all."
            )
        cursor.execute(
            "INSERT INTO evaluation_mark VALUES (?, ?, ?, ?, ?)",
            [
                store.numbers.reserve("evaluation"),
                dataset_no,
                is_evaluation,
                person.name,
                utc_timestamp(now),
            ],
        )
        detail = {"evaluation set": is_evaluation}
        write_audit(cursor, store, person, "curate", f"dataset {names[0][0]}", detail, now=now)
        sync_contamination_findings(cursor, store)


def evaluation_numbers(store: Store) -> list[int]:
    """Return the numbers of the evaluation sets.

    Raises:
        InputError: none is marked, or nothing is left to train on.
    """
    with store.cursor() as cursor:
        numbers = [row[0] for row in cursor.execute("SELECT * FROM evaluation_dataset ORDER BY 1").fetchall()]
        training = cursor.execute(f"SELECT 1 FROM ({TRAINING}) LIMIT 1").fetchall()
    if not numbers:
        raise InputError(
            "No dataset is marked as an evaluation set.",
            "Import one (BFCL, say), then mark it on the page Contamination or with `contamination mark`.",
        )
    if not training:
        raise InputError("Every dataset is marked as an evaluation set.", "Import something to train on.")
    return numbers


def training_versions(store: Store, dataset: str) -> Integers:
    """Return the versions that count of what can be trained on, of one dataset or ("") of all, ascending."""
    with store.cursor() as cursor:
        return query_rows(
            cursor,
            f"SELECT version_no FROM current_trajectory SEMI JOIN ({TRAINING}) USING (trajectory_no) "
            "WHERE ? = '' OR trajectory_no IN (SELECT m.trajectory_no FROM membership AS m "
            "JOIN dataset AS d USING (dataset_no) WHERE d.name = ?) ORDER BY version_no",
            [dataset, dataset],
        )["version_no"]


def read_turns(store: Store, version_nos: Integers) -> pa.Table:
    """Return what the user said in these versions (ascending): trajectory_no, version_no, turns."""
    if not len(version_nos):
        return pa.table({name: [] for name in ("trajectory_no", "version_no", "turns")})
    with store.cursor() as cursor:
        return query_table(
            cursor,
            f"{_TURNS} SEMI JOIN asked USING (version_no) WHERE t.version_no BETWEEN ? AND ? "
            "ORDER BY t.version_no",
            [int(version_nos[0]), int(version_nos[-1])],
            asked=pa.table({"version_no": version_nos}),
        )


def read_evaluation_turns(store: Store, dataset_no: int) -> pa.Table:
    """Return what the user says in an evaluation set: trajectory_no, version_no, turns."""
    with store.cursor() as cursor:
        return query_table(
            cursor,
            f"{_TURNS} SEMI JOIN (SELECT m.trajectory_no FROM membership AS m JOIN asked "
            "USING (dataset_no)) USING (trajectory_no) ORDER BY t.version_no",
            asked=pa.table({"dataset_no": [dataset_no]}),
        )


def highest_version(store: Store) -> int:
    """Return the highest number of a version there is."""
    with store.cursor() as cursor:
        return int(cursor.execute("SELECT coalesce(max(version_no), 0) FROM trajectory").fetchall()[0][0])


def write_searches(
    cursor: Cursor,
    store: Store,
    run_id: str,
    searches: Sequence[NewSearch],
    settings: ContaminationSettings,
    *,
    trajectory_count: int,
    highest_version_no: int,
    person: Person,
    now: datetime,
) -> int:
    """Write what a run found, and bring the findings to it; returns how many matches there are."""
    total = 0
    for search in searches:
        search_no = store.numbers.reserve("contamination")
        cursor.execute(
            "INSERT INTO contamination_search VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                search_no,
                run_id,
                search.dataset_no,
                search.method,
                msgspec.json.encode(settings.of_method(search.method)).decode(),
                trajectory_count,
                search.evaluation_count,
                highest_version_no,
                person.name,
                utc_timestamp(now),
            ],
        )
        insert_rows(
            cursor,
            "INSERT INTO contamination_match SELECT ?, ?, ?, trajectory_no, evaluation_trajectory_no, score, "
            "shared FROM added SEMI JOIN trajectory USING (trajectory_no) "
            "WHERE evaluation_trajectory_no IN (SELECT trajectory_no FROM trajectory) "
            "ORDER BY trajectory_no",
            search.matches,
            [search_no, search.dataset_no, search.method],
        )
        total += len(search.matches)
    detail = {"evaluation sets": len({each.dataset_no for each in searches}), "matches": total}
    write_audit(cursor, store, person, "run", f"contamination {run_id}", detail, now=now)
    sync_contamination_findings(cursor, store)
    return total


def read_results(store: Store) -> list[SearchResult]:
    """Return what the searches that count found, by evaluation set and method."""
    with store.cursor() as cursor:
        rows = cursor.execute(_RESULTS).fetchall()
    return [SearchResult(*(*row[:5], msgspec.json.decode(row[5]), *row[6:])) for row in rows]


def find_matches(
    store: Store,
    *,
    method: Method | str = "",
    dataset_no: int = 0,
    trajectory_no: int = 0,
    first: int = 0,
    count: int = 20,
) -> MatchedPairs:
    """Return matched pairs, the surest first; "" and 0 leave it open."""
    asked: dict[str, object] = {"method": method, "dataset_no": dataset_no, "trajectory_no": trajectory_no}
    paging = {"first": first, "count": count, "longest": _SHOWN_QUERY}
    with store.cursor() as cursor:
        total = cursor.execute(
            "SELECT count(*) FROM current_contamination WHERE ($method = '' OR method = $method) "
            "AND ($dataset_no = 0 OR dataset_no = $dataset_no) "
            "AND ($trajectory_no = 0 OR trajectory_no = $trajectory_no)",
            asked,
        ).fetchall()[0][0]
        rows = cursor.execute(_PAIRS, {**asked, **paging}).fetchall()
    return MatchedPairs(tuple(MatchedPair(*row) for row in rows), total)


def undo_search(store: Store, search_no: int, *, person: Person, now: datetime) -> str:
    """Take back what one search found; the one before it, if any, counts again. Returns the set's name.

    Raises:
        NotFoundError: there is no such search, or it counts no more.
    """
    with store.write() as cursor:
        rows = cursor.execute(
            "SELECT d.name, s.method FROM current_contamination_search AS s JOIN dataset AS d "
            "USING (dataset_no) WHERE s.search_no = ?",
            [search_no],
        ).fetchall()
        if not rows:
            raise NotFoundError(
                f"No search that counts has the number {search_no}.", "The page lists those that do."
            )
        name, method = rows[0]
        cursor.execute(
            "INSERT INTO contamination_undo VALUES (?, ?, ?)", [search_no, person.name, utc_timestamp(now)]
        )
        detail = {"undone": "contamination search", "method": method, "evaluation set": name}
        write_audit(cursor, store, person, "curate", f"search {search_no}", detail, now=now)
        sync_contamination_findings(cursor, store)
    return str(name)


def sync_contamination_findings(cursor: Cursor, store: Store) -> int:
    """Bring the findings to the searches that count; returns how many are new."""
    wanted = WantedFindings(cursor, store, CONTAMINATION_CHECK)
    after = -1
    while rows := cursor.execute(
        _FOUND, {"after": after, "longest": _SHOWN_QUERY, "count": _PART}
    ).fetchall():
        wanted.add((row[0], _finding(*row[1:])) for row in rows)
        after = rows[-1][0]
    return wanted.replace_all()


def _finding(method: Method, score: float, shared: str, name: str, evaluation_id: str, query: str) -> Finding:
    how = (
        f"shares {score:.0%} of the words of"
        if method == "n-gram"
        else f"has nearly the same embedding (cosine {score:.2f}) as"
    )
    return Finding(
        CONTAMINATION_CHECK.name,
        CONTAMINATION_CHECK.version,
        "reject",
        "other",
        f"The request {how} one of the evaluation set {show_value(name)}.",
        evidence={
            "evaluation set": name,
            "evaluation item": evaluation_id,
            "evaluation query": query,
            "method": method,
            "score": score,
            "shared": shared,
        },
    )
