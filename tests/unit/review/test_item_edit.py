"""Editing by hand: read, checked, refused while it is wrong, saved as a new version, taken back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.builders import a_call, a_step, a_trajectory
from tests.review_desk import WRONG_TYPE, versions_of
from tests.review_queues import NOW, annotator
from tests.unit.review.conftest import import_records
from xlam_backend.domain.edits import apply_edits
from xlam_backend.domain.review import ReviewItem
from xlam_backend.errors import AccessDeniedError, FixRefusedError
from xlam_backend.review.item_edit import check_edit, editable_text, read_edits, save_edit, undo_edit
from xlam_backend.store.fix_history import read_acts
from xlam_backend.store.trajectories import read_trajectories, read_versions

ANN, BOB = annotator("ann"), annotator("bob")
RIGHT_CALL = '{"name": "get_forecast", "arguments": {"city": "Oslo", "days": 3}}'


@pytest.fixture
def item(empty_store):
    """An item about the wrong type of one call."""
    import_records(empty_store, "records", [WRONG_TYPE])
    (version, trajectory), *_ = versions_of(empty_store)
    return ReviewItem(1, 1, 0, "finding", version, trajectory, step=0, call=0, pointer="/days")


def test_a_right_edit_says_what_it_clears_and_changes(empty_store, item):
    found = check_edit(empty_store, item, RIGHT_CALL, call=0)
    assert found.refused == ""
    assert [level for level, _ in found.cleared] == ["fix"]
    assert [(change.before, change.after) for change in found.changes] == [('"3"', "3")]
    assert found.introduced == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"name": "get_forecast", "arguments": {"city": "Oslo", "days": 3}', "not JSON"),
        ('{"name": "get_forecast", "arguments": [1]}', "not an object"),
        ('{"name": "", "arguments": {}}', "no name"),
        ('{"name": "get_forecast", "arguments": {}, "id": 4}', "has the key 'id'"),
        ('{"name": "get_forecast", "arguments": {"city": "Oslo", "city": "Rome", "days": 3}}', "twice"),
        ('{"name": "get_forecast", "arguments": {"city": "Oslo", "days": NaN}}', "NaN"),
        ('{"name": "get_forecast", "arguments": {"city": "\\ud800", "days": 3}}', "surrogate"),
        ('{"name": "get_forecast", "arguments": {"city": "\ud800", "days": 3}}', "surrogate"),
        ('{"name": "get_forecast", "arguments": {"city": "Oslo", "days": 1e999}}', "larger than any"),
        ('{"name": "get_forecast", "arguments": {"city": "oslo", "days": "3"}}', "still wrong: days"),
        ('{"name": "no_such_tool", "arguments": {"city": "Oslo", "days": 3}}', "new error"),
        ('{"name": "get_forecast", "arguments": {"days": 3}}', "new error"),
        ('{"name": "get_forecast", "arguments": {"city": "Oslo", "days": "3"}}', "Nothing is changed"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
        ("", "not JSON"),
    ],
)
def test_a_wrong_edit_says_why_and_cannot_be_saved(empty_store, item, text, words):
    assert words in check_edit(empty_store, item, text, call=0).refused
    with pytest.raises(FixRefusedError):
        save_edit(empty_store, item, text, call=0, person=ANN, now=NOW)
    assert read_acts(empty_store) == []


def test_an_error_names_its_line_and_column(empty_store, item):
    found = check_edit(empty_store, item, '{\n  "name": get_forecast\n}', call=0)
    assert (found.line, found.column) == (2, 11)


def test_saving_makes_a_version_once_and_undoing_takes_it_back(empty_store, item):
    act = save_edit(empty_store, item, RIGHT_CALL, call=0, person=ANN, now=NOW)
    assert save_edit(empty_store, item, RIGHT_CALL, call=0, person=ANN, now=NOW + timedelta(seconds=1)) == act
    assert [version.is_current for version in read_versions(empty_store, item.trajectory_no)] == [False, True]
    with pytest.raises(AccessDeniedError):
        undo_edit(empty_store, act, person=BOB, now=NOW)
    undo_edit(empty_store, act, person=ANN, now=NOW)
    assert [version.is_current for version in read_versions(empty_store, item.trajectory_no)] == [True, False]


def test_what_somebody_else_changed_is_not_written_over(empty_store, item):
    save_edit(empty_store, item, RIGHT_CALL, call=0, person=ANN, now=NOW)
    other = RIGHT_CALL.replace("3}", "4}")
    with pytest.raises(FixRefusedError, match="changed this record"):
        save_edit(empty_store, item, other, call=0, person=BOB, now=NOW)


def test_all_calls_of_a_step_are_edited_together(empty_store):
    record = a_trajectory(steps=[a_step(a_call(city="Oslo"), a_call(city="Rome"), thought="Two.")])
    import_records(empty_store, "records", [record])
    (version, trajectory), *_ = versions_of(empty_store)
    item = ReviewItem(1, 1, 0, "finding", version, trajectory, step=0)
    calls = json.loads(editable_text(record, 0))
    calls[1]["arguments"]["city"] = "Lima"
    wanted = [*calls, {"name": "get_weather", "arguments": {"city": "Bern"}}]
    save_edit(empty_store, item, json.dumps(wanted), person=ANN, now=NOW)
    current = next(each for each in read_versions(empty_store, trajectory) if each.is_current)
    stored = read_trajectories(empty_store, [current.version_no])[0].trajectory
    assert [call.arguments["city"] for call in stored.steps[0].tool_calls] == ["Oslo", "Lima", "Bern"]


def test_a_shorter_list_takes_calls_out(empty_store):
    record = a_trajectory([a_call(city="Oslo"), a_call(city="Rome"), a_call(city="Bern")])
    kept = json.dumps(json.loads(editable_text(record, 0))[:1])
    edits = read_edits(kept, record, 0, -1)
    assert len(apply_edits(record, edits).steps[0].tool_calls) == 1
