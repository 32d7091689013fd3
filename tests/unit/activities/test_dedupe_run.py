"""The search for near-duplicates in a real worker with the real model, started and shown by commands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.dedupe_run import start_search
from xlam_backend.activities.manager import wait_for_run
from xlam_backend.dedupe.clusters import latest_search, list_clusters, map_points
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_duplicate import ClusterQuery, SearchSettings
from xlam_backend.embeddings.model import PACKAGED_SHA256
from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    end_all_runs(opened.folder)
    opened.close()


def search(store, chosen):
    run_id = start_search(store, chosen, person=A_RESEARCHER, now=NOW)
    status = wait_for_run(store, run_id)
    assert status.state == "succeeded", status.what
    return latest_search(store)


@pytest.mark.timeout(300)  # the model takes half a minute to load on a busy machine
def test_a_search_embeds_what_is_new_and_a_second_one_nothing(store):
    chosen = SearchSettings(filters=Filters(dataset="everyday_questions"))
    one = search(store, chosen)
    assert (one.model_sha256, one.new_text_count) == (PACKAGED_SHA256, one.text_count)
    again = search(store, chosen)
    assert (again.row_count, again.new_text_count) == (one.row_count, 0)
    first, second = (
        (list_clusters(store, each, ClusterQuery(0.8)), map_points(store, each, threshold=0.8))
        for each in (one.search_no, again.search_no)
    )
    assert first == second  # the same seed, the same rows: the same answer
    assert 0 < first[0].going_count < one.row_count // 2
    assert not list(store.folder.glob("runs/*/tmp*"))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (
            SearchSettings(filters=Filters(dataset="everyday_questions", text="no such words")),
            "No trajectory",
        ),
        (SearchSettings(model="./nowhere"), "no folder"),
        (SearchSettings(threshold=0), "similarity"),
    ],
)
def test_a_search_that_cannot_work_is_refused_before_it_starts(store, chosen, words):
    with pytest.raises(SettingError, match=words):
        start_search(store, chosen, person=A_RESEARCHER, now=NOW)


def test_annotators_may_not_search(store):
    with pytest.raises(AccessDeniedError):
        start_search(store, SearchSettings(), person=AN_ANNOTATOR, now=NOW)
