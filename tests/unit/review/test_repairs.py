"""Repairs on offer: the finding's own first, then what a person would try; each was tried before."""

from __future__ import annotations

import msgspec
import pytest

from tests.review_desk import (
    MISSING,
    RIGHT,
    WRONG_ARGUMENT,
    WRONG_NAME,
    WRONG_TYPE,
    a_long_record,
    asked,
    versions_of,
)
from tests.unit.review.conftest import import_records
from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.repair.mending import make_engine
from xlam_backend.review.repairs import find_repairs
from xlam_backend.store.trajectories import read_trajectories


def repairs_of(store, record, check):
    """The repairs of the first finding of a check in a record, and the record as stored."""
    import_records(store, "records", [record])
    (version, _), *_ = versions_of(store)
    stored = read_trajectories(store, [version])[0]
    engine = make_engine()
    found = [each for each in engine.check_trajectory(stored.trajectory).findings if each.check == check]
    finding = found[0]
    return find_repairs(
        store, stored, step=finding.step, call=finding.call, pointer=finding.pointer, finding=finding
    ), finding


def first_call(repair, step=0):
    return repair.mended.trajectory.steps[step].tool_calls[0]


def test_a_wrong_name_becomes_the_nearest_one(empty_store):
    repairs, _ = repairs_of(empty_store, WRONG_NAME, "undefined_function")
    assert first_call(repairs[0]).name == "get_forecast"


def test_a_wrong_argument_is_renamed_before_it_is_left_out(empty_store):
    repairs, _ = repairs_of(empty_store, WRONG_ARGUMENT, "undefined_argument")
    assert first_call(repairs[0]).arguments == {"city": "Oslo", "days": 3}
    assert repairs[0].is_from_check


def test_a_missing_value_is_filled_from_what_was_said(empty_store):
    repairs, _ = repairs_of(empty_store, MISSING, "missing_argument")
    assert first_call(repairs[0]).arguments == {"city": "Oslo", "days": 5}


def test_a_number_inside_a_name_is_no_number_that_was_said(empty_store):
    asked_about = msgspec.structs.replace(MISSING, query="Booking B-17 in Oslo: the forecast for 2-5 days")
    repairs, _ = repairs_of(empty_store, asked_about, "missing_argument")
    filled = [first_call(repair).arguments["days"] for repair in repairs if "it was said" in repair.summary]
    assert filled == [2, 5]


def test_a_wrong_type_is_converted(empty_store):
    repairs, _ = repairs_of(empty_store, WRONG_TYPE, "argument_type")
    assert first_call(repairs[0]).arguments["days"] == 3
    assert len({repair.key for repair in repairs}) == len(repairs)


@pytest.mark.parametrize("record", [WRONG_NAME, WRONG_ARGUMENT, MISSING, WRONG_TYPE])
def test_what_is_offered_mends_the_place_and_brings_no_error(empty_store, record):
    check = make_engine().check_trajectory(record).findings[0].check
    repairs, finding = repairs_of(empty_store, record, check)
    assert repairs
    for repair in repairs:
        after = make_engine().check_trajectory(repair.mended.trajectory).findings
        assert not [
            each for each in after if (each.check, each.step, each.call, each.pointer)
            == (finding.check, finding.step, finding.call, finding.pointer)
        ]  # fmt: skip
        assert not [new for new in repair.mended.introduced if new.level in ("reject", "fix")]


def test_a_repair_that_would_bring_an_error_is_not_offered(empty_store):
    both = asked("Forecast", ToolCall("get_forecast", {"city": "Oslo", "days": 3, "unti": "kelvin"}))
    repairs, _ = repairs_of(empty_store, both, "undefined_argument")
    assert all(
        "unit" not in first_call(repair).arguments for repair in repairs if first_call(repair).arguments
    )
    assert any(first_call(repair).arguments == {"city": "Oslo", "days": 3} for repair in repairs)


def test_the_same_place_gives_the_same_keys(empty_store):
    repairs, finding = repairs_of(empty_store, WRONG_TYPE, "argument_type")
    (version, _), *_ = versions_of(empty_store)
    stored = read_trajectories(empty_store, [version])[0]
    again = find_repairs(empty_store, stored, step=0, call=0, pointer=finding.pointer, finding=finding)
    assert [repair.key for repair in again] == [repair.key for repair in repairs]


def test_without_a_call_nothing_is_offered(empty_store):
    import_records(empty_store, "records", [RIGHT])
    (version, _), *_ = versions_of(empty_store)
    stored = read_trajectories(empty_store, [version])[0]
    assert find_repairs(empty_store, stored, step=-1, call=-1, pointer="", finding=None) == ()


def test_in_a_long_record_only_the_findings_own_fix_is_tried(empty_store):
    repairs, _ = repairs_of(empty_store, a_long_record(), "argument_type")
    assert [repair.is_from_check for repair in repairs] == [True]
