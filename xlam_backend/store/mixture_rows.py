"""What a mixture is drawn from: every version's size, and what is known about it, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.licence import Licence
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.licences import read_terms
from xlam_backend.store.search import match_condition

_IS_MEASURED = "SELECT (SELECT count(*) FROM trajectory) = (SELECT count(*) FROM row_measure)"

# The names of the keys around a call are counted as 28 bytes.
_MEASURE = """
INSERT INTO row_measure
WITH fresh AS (
    SELECT * FROM trajectory WHERE version_no NOT IN (SELECT version_no FROM row_measure)
),
offered AS (
    SELECT version_no, sum(strlen(spec))::INTEGER AS tools_length
    FROM (SELECT version_no, unnest(tools) AS tool_no FROM fresh) AS f JOIN tool USING (tool_no)
    GROUP BY version_no
)
SELECT f.version_no, ('0x' || substr(f.content_id, 1, 16))::UBIGINT,
    ('0x' || substr(f.content_id, 17, 16))::UBIGINT, ('0x' || substr(f.trajectory_id, 1, 16))::UBIGINT,
    (
        strlen(f.query) + strlen(f.task_instruction) + strlen(f.format_instruction)
        + strlen(f.few_shot_examples)
        + coalesce(list_sum(list_transform(f.steps, lambda s:
            strlen(s.thought) + strlen(s.user_input)
            + coalesce(list_sum(list_transform(s.tool_calls, lambda c:
                strlen(c.name) + strlen(c.arguments) + strlen(c.unreadable) + 28)), 0)
            + coalesce(list_sum(list_transform(s.observations, lambda o: strlen(o.content))), 0)
        )), 0)
    )::INTEGER,
    coalesce(o.tools_length, 0), len(f.tools), f.trajectory_no, f.step_count, f.call_count,
    len(list_filter(f.steps, lambda s: len(s.tool_calls) = 1)),
    len(list_filter(f.steps, lambda s: len(s.tool_calls) = 2)),
    len(list_filter(f.steps, lambda s: len(s.tool_calls) > 2))
FROM fresh AS f LEFT JOIN offered AS o ON f.version_no = o.version_no
ORDER BY f.version_no
"""

_ALL_ROWS = """
SELECT version_no, trajectory_no, content_high, content_low, permalink_high, text_length, tools_length,
    tool_count, step_count, call_count, one_call_count, two_call_count, more_call_count FROM row_measure
"""
_DATASETS_OF = "SELECT version_no, dataset_no FROM trajectory"
_HAS_SHARED = """
SELECT (SELECT count(*) FROM membership) > (SELECT count(*) FROM trajectory WHERE version = 0)
"""

# Of a trajectory in several datasets the first by name counts, whichever was imported first.
_SHARED = """
SELECT m.trajectory_no, arg_min(d.dataset_no, d.name) AS dataset_no
FROM membership AS m JOIN dataset AS d ON m.dataset_no = d.dataset_no
WHERE m.trajectory_no IN (
    SELECT trajectory_no FROM membership GROUP BY trajectory_no HAVING min(dataset_no) < max(dataset_no)
)
GROUP BY m.trajectory_no
"""

# Version numbers of rows with a finding of level reject, unless people decided to keep that very version.
# What runs found out about sources (licence, contamination) has rules of its own.
_REJECTED = """
SELECT DISTINCT version_no FROM current_finding
WHERE level = 'reject' AND check_name NOT IN (SELECT check_name FROM run_check)
    AND version_no NOT IN (SELECT version_no FROM current_disposition WHERE state = 'keep')
"""
_FLAGGED = """
SELECT DISTINCT version_no FROM current_rating
WHERE is_flagged AND member <> 'member' AND candidate_no = 0
"""
# Trajectory numbers.
_NEAR_DUPLICATES = "SELECT trajectory_no FROM current_near_decision WHERE disposition = 'drop'"
_DROPPED = f"""
SELECT trajectory_no FROM current_disposition WHERE state = 'drop'
    AND trajectory_no NOT IN ({_NEAR_DUPLICATES})
"""
_CONTAMINATED = """
SELECT trajectory_no FROM current_contamination
UNION SELECT trajectory_no FROM membership SEMI JOIN evaluation_dataset USING (dataset_no)
"""
# Up to which version everything was held against every evaluation set, as it is today, by some method; NULL
# when that was not done for one of them, or when a run that counts took what is training data now for a set.
_COMPARED_UP_TO = """
WITH item AS (
    SELECT dataset_no, count(DISTINCT trajectory_no) AS item_count, max(trajectory_no) AS newest
    FROM membership GROUP BY dataset_no
),
whole AS (
    SELECT s.dataset_no, max(s.highest_version_no) AS highest, arg_max(s.run_id, s.search_no) AS run_id
    FROM current_contamination_search AS s JOIN item AS i ON s.dataset_no = i.dataset_no
    WHERE s.settings ->> '$.dataset' IS NULL
        AND s.evaluation_count = i.item_count AND s.highest_version_no >= i.newest
    GROUP BY s.dataset_no
),
counting AS (
    SELECT e.dataset_no, CASE WHEN w.run_id NOT IN (
        SELECT run_id FROM contamination_search ANTI JOIN evaluation_dataset USING (dataset_no)
    ) THEN w.highest END AS highest
    FROM evaluation_dataset AS e LEFT JOIN whole AS w ON e.dataset_no = w.dataset_no
)
SELECT CASE WHEN count(*) > 0 AND bool_and(highest IS NOT NULL) THEN min(highest) END FROM counting
"""
# What was made of other trajectories, and what of those in turn: every pair of both, in any distance.
_MADE_OF = """
WITH RECURSIVE made_of AS (
    SELECT trajectory_no, parent_no FROM derivation
    UNION SELECT m.trajectory_no, d.parent_no
    FROM made_of AS m JOIN derivation AS d ON m.parent_no = d.trajectory_no
)
SELECT trajectory_no, parent_no FROM made_of
"""
_FORMATS = """
SELECT trajectory_no, kind, coalesce(telling ->> '$.format_name', '') AS format_name FROM derivation
"""
_CATEGORIES = "SELECT trajectory_no, category FROM trajectory_category"
_UNITS = """
SELECT version_no, unit_no FROM near_row WHERE search_no = (SELECT max(search_no) FROM near_search)
"""
# A licence that a person gave to a record counts before the one that the record itself states; the licences
# of datasets are read apart, because they cover millions of rows.
_ROW_LICENCES = """
WITH corrected AS (
    SELECT trajectory_no, arg_max(licence, change_no) AS licence FROM licence_change
    WHERE trajectory_no > 0 GROUP BY trajectory_no
),
own AS (
    SELECT trajectory_no, left(coalesce(
        nullif(json_extract_string(extra, '$.licence'), ''), json_extract_string(extra, '$.license')
    ), 200) AS licence FROM current_trajectory
    WHERE contains(extra, '"licence"') OR contains(extra, '"license"')
)
SELECT trajectory_no, licence FROM corrected
UNION ALL SELECT trajectory_no, licence FROM own
WHERE licence <> '' AND trajectory_no NOT IN (SELECT trajectory_no FROM corrected)
"""
_LICENCES_OF_DATASETS = "SELECT dataset_no, name, licence FROM dataset_licence ORDER BY name"
_OF_DATASETS = """
t.trajectory_no IN (
    SELECT trajectory_no FROM membership AS m JOIN dataset AS d ON m.dataset_no = d.dataset_no WHERE {chosen}
)
"""


class RowColumns(NamedTuple):
    """Columns of rows, one entry for each version, rising by `version_no`."""

    version_no: Integers
    trajectory_no: Integers
    content_high: Integers
    content_low: Integers
    permalink_high: Integers
    text_length: Integers
    tools_length: Integers
    tool_count: Integers
    step_count: Integers
    call_count: Integers
    one_call_count: Integers
    two_call_count: Integers
    more_call_count: Integers
    dataset_no: Integers


class Marks(NamedTuple):
    """Numbers of rows, rising: of versions (`rejected`, `flagged`) or of trajectories (all others).

    What stands against a trajectory as such stands against whatever was made of it.
    """

    rejected: Integers
    flagged: Integers
    near_duplicates: Integers
    dropped: Integers
    contaminated: Integers
    compared_up_to: int | None


class MadeOf(NamedTuple):
    """What was made of other trajectories: parallel columns, a row for each that stands before it."""

    trajectory_no: Integers
    parent_no: Integers


class Labels(NamedTuple):
    """What some trajectories are called: parallel columns, rising by trajectory_no, and the texts."""

    trajectory_no: Integers
    texts: Sequence[str]


class DatasetLicence(NamedTuple):
    """A dataset, and its licence as somebody wrote it."""

    dataset_no: int
    name: str
    licence: str


class NearUnits(NamedTuple):
    """Which versions the latest search for near-duplicates compared, and the unit each is in."""

    version_no: Integers
    unit_no: Integers


def measure_rows(store: Store) -> None:
    """Measure every version that was not measured yet."""
    with store.cursor() as cursor:
        if cursor.execute(_IS_MEASURED).fetchall()[0][0]:
            return
    with store.write() as cursor:
        cursor.execute(_MEASURE)


def read_row_columns(store: Store) -> RowColumns:
    """Return the columns of every version that was measured."""
    with store.cursor() as cursor:
        found = cursor.execute(_ALL_ROWS).fetchnumpy()
        brought = cursor.execute(_DATASETS_OF).fetchnumpy()
        shared = None
        if cursor.execute(_HAS_SHARED).fetchall()[0][0]:
            shared = cursor.execute(_SHARED).fetchnumpy()
    order = _rising(found["version_no"])
    columns = {name: np.asarray(column)[order] for name, column in found.items()}
    columns["dataset_no"] = _looked_up(
        columns["version_no"], brought["version_no"], np.asarray(brought["dataset_no"]), otherwise=None
    )
    if shared is not None:
        columns["dataset_no"] = _looked_up(
            columns["trajectory_no"],
            shared["trajectory_no"],
            np.asarray(shared["dataset_no"]),
            otherwise=columns["dataset_no"],
        )
    return RowColumns(**columns)


def find_source_rows(
    store: Store, filters: Filters, *, datasets: Sequence[str] = (), read_as: Sequence[str] = ()
) -> Integers:
    """Return the numbers of the current versions that match, rising; no names mean all of them."""
    condition, values = match_condition(filters)
    parts = [condition]
    if datasets:
        parts.append(_OF_DATASETS.format(chosen="list_contains($datasets, d.name)"))
        values["datasets"] = [*datasets]
    if read_as:
        parts.append(_OF_DATASETS.format(chosen="list_contains($read_as, d.importer)"))
        values["read_as"] = [*read_as]
    query = f"SELECT t.version_no FROM current_trajectory AS t WHERE {' AND '.join(parts)}"
    with store.cursor() as cursor:
        return np.sort(cursor.execute(query, values).fetchnumpy()["version_no"])


def read_marks(store: Store) -> Marks:
    """Return what is known against rows."""
    made = read_made_of(store)
    with store.cursor() as cursor:
        return Marks(
            rejected=_numbers(cursor, _REJECTED),
            flagged=_numbers(cursor, _FLAGGED),
            near_duplicates=_with_made(_numbers(cursor, _NEAR_DUPLICATES), made),
            dropped=_with_made(_numbers(cursor, _DROPPED), made),
            contaminated=_with_made(_numbers(cursor, _CONTAMINATED), made),
            compared_up_to=cursor.execute(_COMPARED_UP_TO).fetchall()[0][0],
        )


def read_made_of(store: Store) -> MadeOf:
    """Return what was made of what."""
    with store.cursor() as cursor:
        found = cursor.execute(_MADE_OF).fetchnumpy()
    return MadeOf(np.asarray(found["trajectory_no"], np.int64), np.asarray(found["parent_no"], np.int64))


def _with_made(numbers: Integers, made: MadeOf) -> Integers:
    """Return these trajectories and all that was made of them: told in other words they are no better."""
    return np.union1d(numbers, made.trajectory_no[np.isin(made.parent_no, numbers)])


def read_formats(store: Store) -> Labels:
    """Return the output formats of what was made from other trajectories ("" where none was chosen)."""
    return _labels(store, _FORMATS, "format_name")


def read_categories(store: Store) -> Labels:
    """Return the categories of the trajectories that have one."""
    return _labels(store, _CATEGORIES, "category")


def read_row_licences(store: Store) -> Labels:
    """Return the licences of single records, where they have one of their own."""
    return _labels(store, _ROW_LICENCES, "licence")


def read_dataset_licences(store: Store) -> list[DatasetLicence]:
    """Return every dataset with its licence as it counts today, by name."""
    with store.cursor() as cursor:
        return [DatasetLicence(*row) for row in cursor.execute(_LICENCES_OF_DATASETS).fetchall()]


def read_licence_terms(store: Store) -> dict[str, Licence]:
    """Return what people said that licences allow."""
    with store.cursor() as cursor:
        return read_terms(cursor)


def read_near_units(store: Store) -> NearUnits:
    """Return what the latest search for near-duplicates compared; empty when there was none."""
    with store.cursor() as cursor:
        found = cursor.execute(_UNITS).fetchnumpy()
    order = _rising(found["version_no"])
    return NearUnits(found["version_no"][order], found["unit_no"][order])


def _numbers(cursor: Cursor, query: str) -> Integers:
    column = next(iter(cursor.execute(query).fetchnumpy().values()))
    return np.unique(np.asarray(column, np.int64))


def _labels(store: Store, query: str, name: str) -> Labels:
    with store.cursor() as cursor:
        found = cursor.execute(query).fetchnumpy()
    order = _rising(found["trajectory_no"])
    return Labels(found["trajectory_no"][order], found[name][order].tolist())


def _rising(numbers: Integers) -> Integers:
    if bool(np.all(numbers[1:] >= numbers[:-1])):  # as a rule the store gives them so
        return np.arange(len(numbers))
    return np.argsort(numbers, kind="stable")


def _looked_up(
    wanted: Integers, numbers: Integers, values: Integers, *, otherwise: Integers | None
) -> Integers:
    """Return the value of each wanted number; `otherwise` where it is not among the numbers."""
    if np.array_equal(numbers, wanted):
        return values
    order = _rising(numbers)
    numbers, values = numbers[order], values[order]
    if not len(numbers):
        return np.zeros(len(wanted), np.int64) if otherwise is None else otherwise
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return (
        values[places]
        if otherwise is None
        else np.where(numbers[places] == wanted, values[places], otherwise)
    )
