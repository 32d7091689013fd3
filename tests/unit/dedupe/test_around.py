"""What stands before and after a cluster, and what was decided so far."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN, a_call, a_trajectory
from tests.near_duplicates import search_store
from tests.store.conftest import chunk_of
from xlam_backend.dedupe.around import find_cluster_of, find_clusters_around, stands_in_cluster
from xlam_backend.dedupe.clusters import list_clusters, read_search
from xlam_backend.dedupe.decided import DecidedCount, count_decided
from xlam_backend.dedupe.decisions import decide
from xlam_backend.dedupe.staleness import Staleness, read_staleness
from xlam_backend.domain.near_duplicate import ClusterQuery
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LONG = "please tell me what the weather in the city of {} will be like on the coming weekend"
ALL = ClusterQuery(0.8)


def import_into(store, name, queries):
    with Ingest(store, NewDataset(name), now=NOW) as ingest:
        ingest.add(chunk_of([a_trajectory([a_call(city=city)], query=text) for text, city in queries]))


@pytest.fixture
def searched(tmp_path):
    """Clusters of 3, 2 and 2 rows, and a row alone."""
    store = Store.open(tmp_path / "opened", now=NOW)
    rows = [(LONG.format(city) + " now" * more, city) for city in ("Oslo", "Rome", "Lima") for more in (0, 1)]
    import_into(store, "rows", [*rows, (LONG.format("Oslo") + "!", "Oslo"), ("sums", "Bergen")])
    search_store(store, tmp_path / "job", now=NOW)
    yield store
    store.close()


def numbers(store, query=ALL):
    return [line.number for line in list_clusters(store, 1, query).clusters]


def test_neighbours_are_those_of_the_list(searched):
    listed = numbers(searched)
    assert len(listed) == 3
    around = [find_clusters_around(searched, 1, ALL, number) for number in listed]
    assert [one.place for one in around] == [1, 2, 3]
    assert [one.previous for one in around] == [None, *listed[:2]]
    assert [one.following for one in around] == [*listed[1:], None]


def test_a_cluster_that_left_the_list_still_has_neighbours(searched):
    first, second, third = numbers(searched)
    decide(searched, 1, second, "keep one", threshold=0.8, person=AN_ADMIN, now=NOW)
    undecided = ClusterQuery(0.8, state="undecided")
    assert numbers(searched, undecided) == [first, third]
    assert find_clusters_around(searched, 1, undecided, second) == (first, third, 0, 2)
    assert count_decided(searched, 1, threshold=0.8) == DecidedCount(1, 1, 2)


def test_every_row_of_a_cluster_leads_to_it_and_the_others_to_none(searched):
    with searched.cursor() as cursor:
        every = [number for (number,) in cursor.execute("SELECT trajectory_no FROM near_row").fetchall()]
    places = [find_cluster_of(searched, number) for number in every]
    assert sorted(place.size for place in places if place) == [2, 2, 2, 2, 3, 3, 3]
    assert [place is not None for place in places] == [stands_in_cluster(searched, one) for one in every]


def test_what_came_since_a_search_makes_it_stale(searched):
    search = read_search(searched, 1)
    assert not read_staleness(searched, search).is_stale
    import_into(searched, "later", [("what else is there", "Lima"), ("and more", "Lima")])
    assert read_staleness(searched, search) == Staleness(2, 0)
