"""A run that plants errors, with real processes: pairs in the store once, and taken back whole."""

from __future__ import annotations

import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.unit.activities.conftest import ANN, NOW
from xlam_backend.activities import manager
from xlam_backend.activities.corrupt_run import start_corruptions
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import AccessDeniedError, NotFoundError, SettingError
from xlam_backend.preference.counting import count_pairs
from xlam_backend.preference.plan import CorruptionPlan
from xlam_backend.preference.previewing import preview_corruptions
from xlam_backend.preference.removing import list_corruption_runs, take_back
from xlam_backend.preference.selection import PairSelection
from xlam_backend.responses.pairs import PairFilters, find_pairs
from xlam_backend.review.desk import claim_items
from xlam_backend.review.queues import create_queue, preview_queue
from xlam_backend.store.dataset_list import list_datasets
from xlam_backend.store.removal import remove_dataset

PLAN = CorruptionPlan(size=40, per_step=2)


def run(store, plan):
    run_id = start_corruptions(store, plan, person=ANN, now=NOW)
    return manager.wait_for_run(store, run_id)


def count(store, table, condition="true"):
    with store.cursor() as cursor:
        return cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchall()[0][0]


def sides(store):
    with store.cursor() as cursor:
        return cursor.execute("SELECT version_no, step, rejected FROM pair ORDER BY ALL").fetchall()


def test_planted_errors_become_pairs_once_and_are_taken_back_whole(demo):
    told = preview_corruptions(demo, PLAN)
    status = run(demo, PLAN)
    assert (status.state, status.what) == ("succeeded", "")
    planted = status.outcome["pairs"]
    assert planted == told.pair_count == count(demo, "pair") == count(demo, "corruption") > 60
    assert find_pairs(demo, PairFilters(origin="generated")).total == 0
    assert {pair.outcome for pair in count_pairs(demo, PairSelection()).pairs} == {"counts"}

    first = sides(demo)
    again = run(demo, PLAN)
    assert (again.outcome["pairs"], again.intake.row_count) == (planted, 0)  # they are pairs already
    [listed] = list_corruption_runs(demo)
    assert (listed.run_id, listed.pair_count, sum(listed.kinds.values())) == (status.run_id, planted, planted)

    queue_no = create_queue(
        demo, QueuePlan("planted", "pair", checks=("corruption",), size=5), person=A_RESEARCHER, now=NOW
    )
    assert preview_queue(demo, QueuePlan("answers", "pair", checks=("generated",))).item_count == 0
    assert list_corruption_runs(demo)[0].queued_count == 5
    with pytest.raises(AccessDeniedError):
        take_back(demo, status.run_id, person=AN_ANNOTATOR, now=NOW)
    assert take_back(demo, status.run_id, person=ANN, now=NOW) == planted
    assert (count(demo, "pair"), count(demo, "corruption"), list_corruption_runs(demo)) == (0, 0, [])
    assert claim_items(demo, queue_no, person=AN_ANNOTATOR, count=5, now=NOW) == []
    assert count(demo, "audit", "subject LIKE 'planted errors%'") == 1
    with pytest.raises(NotFoundError):
        take_back(demo, status.run_id, person=ANN, now=NOW)

    run(demo, PLAN)
    assert sides(demo) == first  # the same seed plants the same


def test_what_was_planted_goes_with_its_dataset(demo):
    assert run(demo, CorruptionPlan(size=0)).state == "succeeded"
    for dataset in list_datasets(demo):
        remove_dataset(demo, dataset.dataset_no, person=ANN, now=NOW)
    assert (count(demo, "pair"), count(demo, "corruption")) == (0, 0)


def test_a_plan_that_nothing_matches_is_refused(demo):
    with pytest.raises(SettingError):
        start_corruptions(demo, CorruptionPlan(filters=Filters(text="no such words")), person=ANN, now=NOW)
