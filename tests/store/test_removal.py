"""Removing a dataset takes what only it holds, says so before, and leaves the others whole."""

from __future__ import annotations

import pytest

from tests.builders import AN_ADMIN, a_call, a_tool, a_trajectory
from tests.store.conftest import NOW
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.trajectory import content_id
from xlam_backend.errors import NotFoundError, StoreBusyError
from xlam_backend.store.connection import Store
from xlam_backend.store.finding_rows import finding_rows, not_checked_rows
from xlam_backend.store.findings import CheckVersion, save_findings
from xlam_backend.store.fixes import NewAct, NewVersion, record_act
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.removal import preview_removal, remove_dataset
from xlam_backend.store.trajectories import open_trajectory

CHECKS = (CheckVersion("argument_type", 1),)
TABLES = [
    "dataset",
    "import_event",
    "import_file",
    "tool",
    "trajectory",
    "membership",
    "reject",
    "tool_call",
    "checked",
    "not_checked",
    "finding",
    "trajectory_key",
    "tool_checked",
    "tool_finding",
    "tool_not_checked",
    "head_change",
]


def weather(*cities):
    return [a_trajectory([a_call(city=city)], query=city) for city in cities]


@pytest.fixture
def two_datasets(fill, store):
    """Dataset 1 with Oslo (fixed) and Rome, dataset 2 with Rome and Bonn; every version has a finding."""
    fill("first", [*weather("Oslo", "Rome"), a_trajectory(tools=[a_tool("only_here")])], [b"{"])
    fill("second", weather("Rome", "Bonn"), [b"["])
    found = finding_rows(
        (number, Finding("argument_type", 1, "warn", "IAT", "odd")) for number in (1, 2, 3, 4)
    )
    save_findings(store, CHECKS, [1, 2, 3, 4], findings=found, not_checked=not_checked_rows([]))
    fixed = NewVersion(1, 1, a_trajectory(query="Oslo, fixed"), ())
    record_act(store, NewAct("one", "fix", AN_ADMIN), [fixed], checks=CHECKS, now=NOW)


def test_what_would_go_is_what_goes(store, two_datasets, count):
    preview = preview_removal(store, 1)
    assert (preview.name, preview.membership_count, preview.reject_count) == ("first", 3, 1)
    assert (preview.trajectory_count, preview.kept_trajectory_count) == (2, 1)
    assert (preview.fixed_version_count, preview.finding_count) == (1, 2)
    before = {table: count(table) for table in TABLES}
    assert before == {table: count(table) for table in TABLES}
    assert remove_dataset(store, 1, person=AN_ADMIN, now=NOW) == preview
    gone = {table: before[table] - count(table) for table in TABLES}
    assert {table: number for table, number in gone.items() if number} == {
        "dataset": 1, "import_event": 1, "tool": 1, "trajectory": 3, "membership": 3, "reject": 1,
        "tool_call": 3, "checked": 3, "finding": 2, "head_change": 1, "trajectory_key": 2,
    }  # fmt: skip


def test_what_other_datasets_hold_too_stays_and_changes_hands(store, two_datasets):
    remove_dataset(store, 1, person=AN_ADMIN, now=NOW)
    rome = open_trajectory(store, content_id(weather("Rome")[0]))
    assert rome.dataset_no == 2
    assert rome.trajectory == weather("Rome")[0]
    with pytest.raises(NotFoundError):
        open_trajectory(store, content_id(weather("Oslo")[0]))


def test_a_removed_dataset_can_be_imported_again(store, two_datasets, fill):
    remove_dataset(store, 1, person=AN_ADMIN, now=NOW)
    counts = fill("first", weather("Oslo", "Rome"))
    assert (counts.new_count, counts.repeated_count, counts.kept_count) == (1, 0, 2)
    assert open_trajectory(store, content_id(weather("Oslo")[0])).version == 0


def test_removing_everything_leaves_no_row_behind(store, two_datasets, count):
    remove_dataset(store, 1, person=AN_ADMIN, now=NOW)
    remove_dataset(store, 2, person=AN_ADMIN, now=NOW)
    assert {table: count(table) for table in TABLES if count(table)} == {}


def test_numbers_of_what_went_are_never_given_again(store, two_datasets):
    folder = store.folder
    before = {kind: store.numbers.reserve(kind) for kind in ("version", "dataset", "contamination", "pair")}
    for number in (2, 1):
        remove_dataset(store, number, person=AN_ADMIN, now=NOW)
    store.close()
    opened = Store.open(folder)
    after = {kind: opened.numbers.reserve(kind) for kind in before}
    opened.close()
    assert all(after[kind] > before[kind] for kind in before), (before, after)


def test_no_such_dataset_and_a_running_import_are_told(store, two_datasets):
    with pytest.raises(NotFoundError, match="number 9"):
        preview_removal(store, 9)
    with pytest.raises(NotFoundError, match="number 9"):
        remove_dataset(store, 9, person=AN_ADMIN, now=NOW)
    with Ingest(store, NewDataset("third"), now=NOW), pytest.raises(StoreBusyError):
        remove_dataset(store, 1, person=AN_ADMIN, now=NOW)


def test_what_judges_and_people_said_goes_or_stays_as_told(store, two_datasets, count):
    with store.write() as cursor:
        for item, version in ((1, 1), (2, 2)):  # Oslo leaves with dataset 1, Rome stays in dataset 2
            cursor.execute(
                "INSERT INTO review_item VALUES (?, 1, 0, 'finding', ?, ?, 0, 0, 0, 'argument_type', 0, 0, "
                "'', '', 1, true, '', 0, false)",
                [item, version, version],
            )
            cursor.execute(
                "INSERT INTO lesson VALUES (?, 'gold', ?, 'argument_type', '{}', 'ann', false, ?)",
                [item, item, NOW.replace(tzinfo=None)],
            )
            cursor.execute(
                "INSERT INTO pair VALUES (?, ?, ?, 0, 0, 'generated', '{}', '{}', 'other', false, NULL, ?)",
                [item, version, version, NOW.replace(tzinfo=None)],
            )
    removal = remove_dataset(store, 1, person=AN_ADMIN, now=NOW)
    assert (removal.pair_count, removal.review_item_count) == (1, 1)
    assert count("pair") == count("lesson") == 1
    assert count("review_item") == 2
    assert count("review_item", "is_removed AND item_no = 1") == 1
