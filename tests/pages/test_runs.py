"""The Runs page: what is open, what has ended, one run in full, and its buttons."""

import os
import shutil

import pytest

from tests.builders import A_RESEARCHER, write_records
from tests.unit.activities.conftest import NOW, end_all_runs, until
from xlam_backend.activities.import_run import start_import_run
from xlam_backend.activities.manager import list_runs, read_run, wait_for_run
from xlam_backend.owner.app import app_store
from xlam_backend.runs import lanes
from xlam_backend.runs.folder import runs_folder


@pytest.fixture
def store(pages):
    """The app's store, empty; runs of the test end with it."""
    yield app_store()
    end_all_runs(app_store().folder)


@pytest.fixture
def lane(store):
    """The lane of imports, taken by somebody else until the test lets it go."""
    folder = runs_folder(store.folder)
    ticket = lanes.take_ticket(folder, "cpu", "somebody-else")
    held = [ticket.descriptor]

    def let_go():
        os.close(held.pop())

    yield let_go
    if held:
        let_go()


def an_import(store, tmp_path, count=20, name="<b>made</b> *up*"):
    source = tmp_path / "made_up.jsonl"
    write_records(source, count)
    return start_import_run(store, str(source), dataset=name, person=A_RESEARCHER, now=NOW)


def test_an_empty_page_says_what_to_do(pages, store):
    assert pages.open("runs") == "Runs"
    assert "Nothing has run yet." in pages.words


def test_a_run_that_waits_shows_its_place_and_can_be_stopped(pages, store, lane, tmp_path):
    run_id = an_import(store, tmp_path)
    pages.open("runs")
    assert pages.fact("waiting for their turn") == 1
    assert "Waits for its turn: 1 run before it" in pages.words
    assert "<b>made" not in pages.html
    pages.button("Stop").click().run()
    until(lambda: not read_run(store.folder, run_id).is_moving)
    pages.app.run()
    assert "Stop" not in [button.label for button in pages.app.button]
    assert pages.fact("waiting for their turn") == 0


def test_a_stopped_run_is_resumed_from_its_own_page(pages, store, lane, tmp_path):
    run_id = an_import(store, tmp_path)
    pages.open("runs", run=run_id)
    pages.button("Stop").click().run()
    until(lambda: not read_run(store.folder, run_id).is_moving)
    lane()
    pages.open("runs", run=run_id)
    assert "It was stopped." in pages.words
    pages.button("Resume").click().run()
    assert wait_for_run(store, run_id).state == "succeeded"
    pages.open("runs", run=run_id)
    assert "attempt 2" in pages.words
    assert pages.fact("rows in the store") == 20
    assert "Resume" not in [button.label for button in pages.app.button]


def test_a_failed_run_says_why_and_what_to_do(pages, store, tmp_path):
    source = tmp_path / "letter.txt"
    source.write_text("Dear all")
    run_id = start_import_run(store, str(source), person=A_RESEARCHER, now=NOW)
    wait_for_run(store, run_id)
    pages.open("runs")
    assert pages.fact("failed or lost") == 1
    pages.open("runs", run=run_id)
    assert "Something is wrong with its input" in pages.words
    assert "Choose a format by hand." in pages.words


def test_a_run_that_is_done_leads_to_what_it_made(pages, store, tmp_path):
    run_id = an_import(store, tmp_path)
    assert wait_for_run(store, run_id).state == "succeeded"
    pages.open("runs", run=run_id)
    links = {link.label: link.proto for link in pages.app.get("page_link")}
    assert links["Look at them in Explore"].page == "explore"
    assert "dataset=" in links["Look at them in Explore"].query_string


def test_a_run_is_repeated_and_deleted(pages, store, tmp_path):
    run_id = an_import(store, tmp_path)
    wait_for_run(store, run_id)
    pages.open("runs", run=run_id)
    pages.button("Repeat").click().run()
    second = pages.app.query_params["run"]
    second = second[0] if isinstance(second, list) else second
    assert second != run_id
    assert wait_for_run(store, second).outcome["new_count"] == 0
    pages.open("runs", run=run_id)
    pages.button("Delete this run").click().run()
    assert [run.run_id for run in list_runs(store.folder)] == [second]


def test_an_unknown_run_is_an_error_in_words(pages, store):
    pages.open("runs", run="../../etc")
    assert "There is no run" in pages.words


def test_a_run_whose_folder_went_is_not_listed(pages, store, tmp_path):
    run_id = an_import(store, tmp_path)
    wait_for_run(store, run_id)
    shutil.rmtree(runs_folder(store.folder) / run_id)
    pages.open("runs")
    assert "Nothing has run yet." in pages.words


def test_the_import_page_shows_its_runs_and_lets_them_be_dismissed(pages, store, tmp_path):
    wait_for_run(store, an_import(store, tmp_path))
    assert pages.open("import_data") == "Import"
    assert (pages.fact("kept"), pages.fact("rejected")) == (20, 0)
    pages.button("Dismiss").click().run()
    assert "Dismiss" not in [button.label for button in pages.app.button]


@pytest.mark.parametrize(
    "damaged", ["manifest.json", "status.json", "progress.json", "outcome.json", "intake.json"]
)
def test_a_run_with_a_damaged_file_is_listed_and_opens(pages, store, tmp_path, damaged):
    run_id = an_import(store, tmp_path)
    wait_for_run(store, run_id)
    (runs_folder(store.folder) / run_id / damaged).write_bytes(b'{"run_id": 7, "sta')
    until(lambda: not read_run(store.folder, run_id).is_moving)
    assert pages.open("runs") == "Runs"
    assert pages.open("runs", run=run_id) == "Runs"
    says_so = "The files of this run cannot be read." in pages.words
    assert says_so is (damaged in ("manifest.json", "status.json"))
    assert "Delete this run" in [button.label for button in pages.app.button]
