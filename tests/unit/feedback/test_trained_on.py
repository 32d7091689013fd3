"""Forward from a trajectory: through releases, pairs, changes and later models, to scores."""

from __future__ import annotations

import shutil

import pytest

from tests.builders import AN_ADMIN
from tests.failing import (
    NOW,
    WRONG_TYPE,
    all_numbers,
    write_a_model,
    write_a_run,
    write_answers,
    write_release,
)
from tests.review_desk import add_pairs
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import NotFoundError
from xlam_backend.explore.search import find_trajectories
from xlam_backend.explore.trajectory_page import open_trajectory_page
from xlam_backend.feedback.trained_on import TrainedOn, find_trained_on
from xlam_backend.preference.rows import read_rows
from xlam_backend.preference.selection import PairSelection
from xlam_backend.releases.archive import archive_release
from xlam_backend.repair import apply_fix
from xlam_backend.store.connection import Store
from xlam_backend.training.plan import TrainingPlan

EVERY_PAIR = PairSelection()


@pytest.fixture
def store(demo_template, tmp_path):
    """The demo data."""
    folder = tmp_path / "store"
    shutil.copytree(demo_template, folder)
    opened = Store.open(folder)
    yield opened
    opened.close()


def ids_of(store, numbers):
    """The trajectories of these versions."""
    rows = find_trajectories(store, Filters(), page_size=1000).rows
    return {row.version_no: row.trajectory_id for row in rows if row.version_no in numbers}


def test_what_stands_nowhere_was_learnt_by_nothing(store):
    (trajectory_id,) = ids_of(store, all_numbers(store)[:1]).values()
    assert find_trained_on(store, trajectory_id) == TrainedOn()
    with pytest.raises(NotFoundError):
        find_trained_on(store, "f" * 32)


def test_through_a_release_to_runs_models_and_scores(store):
    numbers = all_numbers(store)
    release_id = write_release(store, numbers)
    write_a_run(store, "train-whole", TrainingPlan(release=release_id))
    write_a_run(store, "train-few", TrainingPlan(release=release_id, most_rows=10))
    write_a_model(store, "whole", release_id=release_id, run_id="train-whole")
    write_a_model(store, "preferring", parent="whole", method="dpo")
    write_a_model(store, "stranger")
    write_answers(store, {"multiple_0": WRONG_TYPE}, model="whole", kept_model="whole")
    ids = ids_of(store, numbers)
    late = find_trained_on(store, ids[numbers[10]])
    assert [(run.run_id, run.how) for run in late.runs] == [("train-whole", "itself")]
    assert {(one.model.name, one.through) for one in late.models} == {("whole", ""), ("preferring", "whole")}
    scores = {one.model.name: one.scores for one in late.models}
    assert [(one.correct, one.total, one.overall) for one in scores["whole"]] == [(103, 104, None)]
    assert scores["preferring"] == ()
    early = find_trained_on(store, ids[numbers[9]])
    assert {run.run_id for run in early.runs} == {"train-whole", "train-few"}


def test_a_model_is_known_when_its_run_was_deleted(store):
    numbers = all_numbers(store)[:20]
    release_id = write_release(store, numbers)
    write_a_model(store, "orphan", release_id=release_id)
    found = find_trained_on(store, ids_of(store, numbers)[numbers[0]])
    assert (found.runs, [one.model.name for one in found.models]) == ((), ["orphan"])


def test_a_release_holds_the_record_as_it_was(store):
    row = find_trajectories(store, Filters(fixed="fixable", level="fix")).rows[0]
    release_id = write_release(store, [*all_numbers(store)[:50], row.version_no])
    page = open_trajectory_page(store, row.trajectory_id)
    number = next(one.finding_no for one in page.findings.findings if one.finding.fix)
    assert [one.is_current for one in find_trained_on(store, row.trajectory_id).releases] == [True]
    apply_fix(store, number, person=AN_ADMIN, now=NOW)
    (after,) = find_trained_on(store, row.trajectory_id).releases
    assert (after.release_id, after.is_current) == (release_id, False)
    archive_release(store, release_id, confirmed=release_id, because="", person=AN_ADMIN, now=NOW)
    assert find_trained_on(store, row.trajectory_id).releases == (after,), (
        "put away, it was learnt all the same"
    )


def test_through_preference_pairs(store):
    clean = find_trajectories(store, Filters(level="clean", min_steps=1)).rows
    add_pairs(store, [(row.version_no, row.trajectory_no) for row in clean[:5]])
    paired = {row.trajectory_id for row in read_rows(store, EVERY_PAIR)}
    assert paired
    write_a_run(store, "prefer", TrainingPlan(method="dpo", pairs=EVERY_PAIR))
    for row in clean[:8]:
        runs = find_trained_on(store, row.trajectory_id).runs
        assert [run.run_id for run in runs] == (["prefer"] if row.trajectory_id in paired else [])
