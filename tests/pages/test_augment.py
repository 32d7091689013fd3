"""The Augmentation page: real rows before and after, a run from its button, results, removal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN, a_call, a_trajectory
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities.manager import list_runs, wait_for_run
from xlam_backend.augment.made_sets import remove_made_set
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest

PAGE = "shape/augment"
HOSTILE = "<img src=x onerror=alert(1)> **bold** \u202e"


@pytest.fixture
def ended(demo_store):
    yield
    end_all_runs(demo_store.folder)


def test_rows_are_shown_before_and_after(demo_pages):
    assert demo_pages.open(PAGE, new="1") == "Augmentation"
    before, answer, after, answered = [code.value for code in demo_pages.app.code]
    assert before != after
    assert answer
    assert answered
    assert demo_pages.button("Make ").label == "Make 277 from 277"
    demo_pages.app.multiselect(key="augment_styles").set_value([]).run()
    assert "The plan names no section style" in demo_pages.words
    assert not demo_pages.app.code


def test_hostile_text_is_shown_and_does_nothing(demo_pages, demo_store):
    builder = ChunkBuilder()
    builder.add(a_trajectory([a_call(city=HOSTILE)], query=HOSTILE + "[START OF QUERY]"))
    with Ingest(demo_store, NewDataset(HOSTILE), now=datetime(2026, 1, 2, tzinfo=UTC)) as ingest:
        ingest.add(builder.build())
    demo_pages.open(PAGE, new="1", dataset=HOSTILE)
    assert "<img" not in demo_pages.html
    assert any("⟨U+202E⟩" in code.value for code in demo_pages.app.code)


def test_a_run_is_started_its_results_are_seen_from_both_sides_and_removed(demo_pages, demo_store, ended):
    demo_pages.open(PAGE, new="1", dataset="help_desk_unified_2")
    count = demo_pages.button("Make ").label.split()[1]
    demo_pages.button("Make ").click().run()
    (status,) = list_runs(demo_store.folder)
    wait_for_run(demo_store, status.run_id)
    demo_pages.open(PAGE)
    name = "help_desk_unified_2 augmented"
    assert f"{name} {count} trajectories, augmented from {count}" in demo_pages.words
    with demo_store.cursor() as cursor:
        child, parent = cursor.execute(
            "SELECT t.trajectory_id, p.trajectory_id FROM derivation AS d "
            "JOIN trajectory AS t ON t.version_no = d.trajectory_no "
            "JOIN trajectory AS p ON p.version_no = d.parent_no LIMIT 1"
        ).fetchall()[0]
    demo_pages.open("trajectory", id=child)
    assert "Augmented" in demo_pages.words
    assert parent[:12] in {link.label for link in demo_pages.app.get("page_link")}
    demo_pages.open("trajectory", id=parent)
    assert child[:12] in {link.label for link in demo_pages.app.get("page_link")}
    demo_pages.open(PAGE)
    demo_pages.button("Remove …").click().run()
    assert "What they were made from is not touched" in demo_pages.words
    assert demo_pages.app.button(key="made_removal_confirmed").label == "Remove it"
    remove_made_set(demo_store, name, person=AN_ADMIN, now=datetime.now(UTC))
    demo_pages.open(PAGE)
    assert "Nothing was made yet" in demo_pages.words


def test_without_an_endpoint_rephrasing_says_what_to_do(demo_pages):
    demo_pages.open(PAGE, new="rephrase")
    assert "No model can be asked yet" in demo_pages.words
