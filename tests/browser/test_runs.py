"""A large import goes on when the app is killed, and is there when it is started again."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.builders import write_records
from tests.unit.activities.conftest import end_all_runs, until
from xlam_backend.activities.manager import list_runs, read_run
from xlam_backend.owner.card import read_card
from xlam_backend.runs import lanes
from xlam_backend.runs.folder import runs_folder

pytestmark = pytest.mark.browser

# Past the size from which an import is a run of its own.
RECORDS, REQUEST_LENGTH = 60_000, 300


def start_import(window, source):
    window.open("/import_data", "Import")
    window.page.get_by_text("Path on this machine").click()
    window.page.get_by_label("File or folder").fill(str(source))
    window.page.get_by_label("File or folder").press("Enter")
    expect(window.page.locator(".xs-chip", has_text="recognised")).to_be_visible()
    window.settle()
    window.page.get_by_role("button", name="Import and check").click()


def test_a_run_outlives_the_app(root, tmp_path, screen):
    folder = tmp_path / "store"
    source = tmp_path / "large.jsonl"
    write_records(source, RECORDS, request_length=REQUEST_LENGTH)
    runs_folder(folder).mkdir(parents=True)
    ticket = lanes.take_ticket(runs_folder(folder), "cpu", "somebody-else")
    try:
        with serve(root, folder) as address:
            window = screen(address)
            start_import(window, source)
            # It waits while somebody else is at work, and says so on both pages.
            waiting = window.page.get_by_text("Waits for its turn: 1 run before it")
            expect(waiting).to_be_visible()
            window.go("/runs", "Runs")
            expect(waiting).to_be_visible()
            os.kill(read_card(folder).pid, signal.SIGKILL)
        os.close(ticket.descriptor)
        run_id = list_runs(folder)[0].run_id
        until(lambda: read_run(folder, run_id).state == "succeeded")
        with serve(root, folder) as address:
            window = screen(address)
            window.open(f"/runs?run={run_id}", "Runs")
            expect(window.page.locator(".xs-fact", has_text="rows in the store")).to_contain_text("60,000")
            window.page.get_by_role("button", name="Repeat").click()
            expect(window.page).not_to_have_url(f"{address}/runs?run={run_id}")
            window.page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
            expect(window.page.locator(".xs-chip", has_text="stopped")).to_be_visible()
            window.page.get_by_text("Delete …").click()
            window.page.get_by_role("button", name="Delete this run").click()
            expect(window.page.locator(".xs-records tbody tr").first).to_be_visible()
            assert window.foreign_requests == []
    finally:
        end_all_runs(folder)
