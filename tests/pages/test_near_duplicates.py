"""The page of near-duplicates: clusters, classes, decisions, what is stale, and the way from a trajectory."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.builders import a_call, a_trajectory
from tests.hostile import EVERYTHING
from tests.near_duplicates import search_store
from xlam_backend.domain.near_duplicate import SearchSettings
from xlam_backend.owner.app import app_store
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.review_queues import read_queues
from xlam_backend.store.verdicts import read_all_verdicts

AT = datetime(2026, 1, 2, tzinfo=UTC)
PAGE = "shape/near_duplicates"
TITLE = "Near-duplicates"
OSLO = "what is the weather going to be in the city of Oslo tomorrow please"
THREE = [OSLO, f"{OSLO} now", f"{OSLO} thanks"]


def ask(query, city="Oslo"):
    return a_trajectory([a_call(city=city)], query=query)


def import_into(store, dataset, trajectories):
    builder = ChunkBuilder()
    for line, trajectory in enumerate(trajectories, 1):
        builder.add(trajectory, f"id-{line}", "rows.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset(dataset), now=AT) as ingest:
        ingest.add(builder.build())


@pytest.fixture
def searched(tmp_path):
    """Three rows that are duplicates, two of another cluster, one with other arguments, one alone."""
    store = app_store()
    import_into(store, "weather", [*map(ask, THREE), ask(OSLO, "Bergen"), ask("sums", "Rome")])
    hostile = f"{EVERYTHING[:400]} plan my whole journey through the north of the country"
    import_into(store, "other", [ask(hostile, "Lima"), ask(f"{hostile} now", "Lima")])
    search_store(store, tmp_path / "job", now=AT)
    return store


def open_first(pages):
    """Open the largest cluster, as the list's first row does."""
    number = next(row["id"] for row in table_rows(pages, "near_clusters"))
    assert pages.open(PAGE, cluster=number) == TITLE
    return number


def table_rows(pages, key):
    """What a table of records holds."""
    tables = [element for element in pages.app.get("bidi_component") if key in element.proto.id]
    return json.loads(tables[0].proto.json)["rows"]


def test_before_the_first_search_the_page_says_what_to_do(demo_pages):
    assert demo_pages.open(PAGE) == TITLE
    assert "Nothing was compared yet." in demo_pages.words
    assert demo_pages.button("Compare").label != "Compare 0 trajectories"
    assert not demo_pages.button("Compare").disabled


def test_what_goes_is_counted_and_what_stays_has_its_reason(searched, pages):
    assert pages.open(PAGE) == TITLE
    assert (pages.fact("rows compared"), pages.fact("clusters of duplicates")) == (7, 2)
    assert pages.fact("rows would go") == 3
    assert "not measured yet" in pages.words
    pages.open(PAGE, show="pairs", **{"class": "same_query_other_arguments"})
    assert "Bergen" in pages.words
    assert "other value" in pages.words
    assert "That is how a model learns to take values from the request." in pages.words


def test_a_higher_threshold_lets_less_go(searched, pages):
    pages.open(PAGE, at="1.00")
    assert pages.fact("rows would go") == 0
    pages.open(PAGE, at="nonsense")
    assert pages.fact("rows would go") == 3


def test_a_cluster_is_decided_on_and_the_act_taken_back(searched, pages):
    pages.open(PAGE)
    number = open_first(pages)
    assert "3 rows" in pages.words
    pages.button("Keep the left one").click().run()
    assert pages.app.query_params["cluster"] != [number]  # the next one is open
    assert "kept one in 1 cluster: 2 go, 1 stay" in pages.words
    pages.button("Undo").click().run()
    pages.open(PAGE, show="decisions")
    assert "taken back" in pages.words
    assert "0 dropped so far" in pages.words


def test_the_right_row_can_be_the_one_that_stays(searched, pages):
    pages.open(PAGE)
    number = open_first(pages)
    pages.button("Keep the right one").click().run()
    pages.open(PAGE, cluster=number)
    assert "would go" not in pages.words
    assert pages.words.count("✔ stays") >= 1


def test_all_that_match_are_decided_at_once_after_a_look_at_the_count(searched, pages):
    pages.open(PAGE, across="datasets")
    assert "No cluster matches." in pages.words
    pages.open(PAGE, **{"in": "other"})
    pages.button("Decide on all that match").click().run()
    assert "1 row would go and 1 would stay." in pages.words
    pages.button("Drop 1 row").click().run()
    assert "kept one in 1 cluster: 1 go, 1 stay" in pages.words


def test_new_data_make_a_search_stale(searched, pages):
    pages.open(PAGE)
    assert "not up to date" not in pages.words
    import_into(searched, "later", [ask("something else entirely")])
    pages.open(PAGE)
    assert "1 trajectory came or changed since." in pages.words


def test_a_trajectory_leads_to_its_cluster_and_says_why_it_was_dropped(searched, pages):
    pages.open(PAGE)
    open_first(pages)
    pages.button("Keep the left one").click().run()
    with searched.cursor() as cursor:
        number, key = cursor.execute(
            "SELECT c.trajectory_no, t.trajectory_id FROM current_near_decision AS c "
            "JOIN trajectory AS t ON c.version_no = t.version_no WHERE c.disposition = 'drop'"
        ).fetchall()[0]
    assert pages.open("trajectory", id=key) == "Trajectory"
    assert "dropped as a near-duplicate" in pages.words
    assert pages.open(PAGE, of=str(number)) == TITLE
    assert "All rows of the cluster" in [heading.value for heading in pages.app.subheader]


def test_rows_of_an_evaluation_set_always_stay(searched, pages, tmp_path):
    import_into(searched, "evaluation", [ask(f"{OSLO} soon")])
    settings = SearchSettings(evaluation_sets=("evaluation",))
    search_store(searched, tmp_path / "again", now=AT, settings=settings)
    pages.open(PAGE, across="evaluation")
    open_first(pages)
    assert "Rows of an evaluation set stay in any case." in pages.words
    assert "of an evaluation set" in pages.words


def test_a_cluster_that_is_not_there_says_so(searched, pages):
    assert pages.open(PAGE, cluster="999999") == TITLE
    assert "there is no cluster 999999" in pages.words


def test_people_look_at_pairs_near_the_threshold_and_the_precision_is_theirs(searched, pages):
    assert pages.open(PAGE, at="0.90") == TITLE
    pages.app.button(key="near_review").click().run()
    assert "chance of each" in pages.words
    pages.app.button(key="near_draw_queue").click().run()
    (queue,) = read_queues(searched)
    assert (queue.plan.kind, queue.plan.threshold, queue.plan.search_no) == ("duplicate", 0.9, 1)
    pages.open("review/desk", queue=str(queue.queue_no), plain="1")
    assert "Are these two the same training sample?" in pages.words
    assert "Drop" not in [button.label for button in pages.app.button]
    for item in range(queue.first_item_no, queue.first_item_no + queue.item_count):
        pages.app.button(key=f"disagree-{item}").click().run()
    assert all((row.flag, row.disposition) == ("disagree", "") for row in read_all_verdicts(searched))
    pages.open(PAGE, at="0.90")
    assert "from pairs drawn by chance" in pages.words
    assert "<b>0.0 %</b><span>of pairs are duplicates</span>" in pages.html


def test_the_form_of_queues_draws_them_too(searched, pages):
    pages.open("review/queues", new="duplicate", near="1", near_at="0.90")
    pages.app.button(key="draw_queue").click().run()
    (queue,) = read_queues(searched)
    assert (queue.plan.kind, queue.plan.threshold, queue.plan.gold_share) == ("duplicate", 0.9, 0.0)
