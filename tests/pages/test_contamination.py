"""The page of contamination: marking a set, a real search, pairs beside each other, taking it back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN
from tests.hostile import EVERYTHING
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.manager import list_runs, wait_for_run
from xlam_backend.curation.evaluation_sets import list_evaluation_sets, read_results
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

PAGE = "shape/contamination"
NAME = "quiz <img src=x onerror=alert(1)> **bold**"


def import_talks(store, name, queries):
    builder = ChunkBuilder()
    for line, query in enumerate(queries, start=1):
        talk = Trajectory(query=query, steps=(Step(thought="Yes."),), tools_stated=False)
        builder.add(talk, f"id-{line}", "rows.jsonl", line, "")
    builder.record_count = len(builder)
    with Ingest(store, NewDataset(name), now=datetime.now(UTC)) as ingest:
        ingest.add(builder.build())


@pytest.fixture
def store(demo_store):
    """The demo data and a set whose name is hostile; runs that are left open end with the test."""
    import_talks(
        demo_store,
        NAME,
        [
            "Explain how to get rid of snails in a garden, please.",
            f"{EVERYTHING[:300]} and then nothing at all",
            "",
        ],
    )
    yield demo_store
    end_all_runs(demo_store.folder)


def test_a_set_is_marked_searched_for_and_taken_back(demo_pages, store):
    assert demo_pages.open(PAGE) == "Contamination"
    assert "No dataset is marked yet." in demo_pages.words
    demo_pages.app.selectbox(key="new_evaluation_set").set_value(NAME).run()
    demo_pages.app.button(key="mark_evaluation_set").click().run()
    assert [each.dataset for each in list_evaluation_sets(store) if each.is_evaluation] == [NAME]
    assert "Nothing was searched yet." in demo_pages.words

    demo_pages.app.number_input(key="contamination_n").set_value(5).run()
    demo_pages.app.button(key="contamination_start").click().run()
    [status] = list_runs(store.folder)
    assert wait_for_run(store, status.run_id).state == "succeeded"
    demo_pages.app.run()
    found = read_results(store)[0].match_count
    assert demo_pages.fact("training trajectories match one") == found > 0
    assert "Explain how to" in demo_pages.words
    assert "<mark>" in demo_pages.html
    assert "<img src=x" not in demo_pages.html

    demo_pages.app.button(key=f"undo_{read_results(store)[0].search_no}").click().run()
    assert demo_pages.fact("training trajectories match one") == 0
    with store.cursor() as cursor:
        left = cursor.execute("SELECT 1 FROM current_finding WHERE check_name = 'contamination'").fetchall()
    assert left == []


def test_without_a_way_to_compare_nothing_is_started(demo_pages, store):
    demo_pages.open(PAGE)
    demo_pages.app.selectbox(key="new_evaluation_set").set_value(NAME).run()
    demo_pages.app.button(key="mark_evaluation_set").click().run()
    demo_pages.app.checkbox(key="contamination_gram").uncheck().run()
    assert demo_pages.app.button(key="contamination_start").disabled
    assert "Choose at least one way" in demo_pages.words


def test_an_annotator_may_look_and_change_nothing(demo_pages, store):
    from xlam_backend.curation.evaluation_sets import mark

    number = next(each.dataset_no for each in list_evaluation_sets(store) if each.dataset == NAME)
    mark(store, number, is_evaluation=True, person=AN_ADMIN, now=datetime.now(UTC))
    demo_pages.open(PAGE)
    demo_pages.take_name("newcomer")
    keys = {button.key for button in demo_pages.app.button}
    assert not keys & {"mark_evaluation_set", "contamination_start", f"unmark_{number}"}
    assert "this takes the role researcher" in demo_pages.words
