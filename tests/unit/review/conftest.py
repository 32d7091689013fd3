"""What the tests of review share: a store whose records were checked, some flagged and some not."""

from __future__ import annotations

import pytest

from tests.builders import a_call, a_tool, a_trajectory
from tests.review_queues import NOW, RESEARCHER
from tests.review_rows import ReviewRows
from xlam_backend.flow import check_all
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest


def import_records(store, dataset, trajectories):
    """Import trajectories into a dataset and check them."""
    builder = ChunkBuilder()
    for line, trajectory in enumerate(trajectories, 1):
        builder.add(trajectory, f"id-{line}", "rows.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset(dataset, importer=dataset), now=NOW) as ingest:
        ingest.add(builder.build())
    check_all(store, person=RESEARCHER, now=NOW)


def flagged_records(count, word):
    """Records whose one call says a number as text: a finding of `argument_type` each."""
    return [
        a_trajectory([a_call(city="Oslo", days="3")], query=f"{word} {number}: Oslo, 3 days")
        for number in range(count)
    ]


def clean_records(count, word):
    """Records without a fault."""
    return [
        a_trajectory([a_call(city="Oslo")], [a_tool()], query=f"{word} {number}: the weather in Oslo")
        for number in range(count)
    ]


@pytest.fixture
def empty_store(tmp_path):
    """A store without records."""
    opened = Store.open(tmp_path / "opened", now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def checked_store(empty_store):
    """Datasets `north` (40 flagged, 20 clean) and `south` (8 flagged, 30 clean), checked."""
    import_records(empty_store, "north", [*flagged_records(40, "north"), *clean_records(20, "north")])
    import_records(empty_store, "south", [*flagged_records(8, "south"), *clean_records(30, "south")])
    return empty_store


@pytest.fixture
def review_rows(tmp_path):
    """Queue 1 with an overlap of two, and nothing in it: rows written as the tables hold them."""
    store = Store.open(tmp_path / "opened", now=NOW)
    made = ReviewRows(store)
    made.queue(1, overlap=2)
    yield made
    store.close()
