"""A data engineer brings a file whose format she does not know, with three broken lines in it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

RUN_MS = 120_000
TOOLS = [
    {
        "name": "find_bus",
        "description": "Finds a bus.",
        "parameters": {"line": {"type": "int", "description": "Line."}},
    }
]


def a_line(number):
    calls = [{"name": "find_bus", "arguments": {"line": number}}]
    return json.dumps(
        {
            "id": number,
            "query": f"When does bus {number} go?",
            "answers": json.dumps(calls),
            "tools": json.dumps(TOOLS),
        }
    )


LINES = [a_line(number) for number in range(1, 21)]
BROKEN = {4: LINES[4][:33], 9: '{"id": NaN}', 15: "not json"}


def upload(window, name, lines):
    window.open("/import_data", "Import")  # anew: nothing of an earlier file is left in it
    window.page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": "\n".join(lines).encode()}
    )
    expect(window.page.locator(".xs-chip", has_text="recognised")).to_be_visible()
    window.settle()


def start_and_wait(window):
    window.page.get_by_role("button", name="Import and check").click()
    expect(window.page.locator(".xs-chip", has_text="done").first).to_be_visible()
    window.settle()


def test_broken_lines_are_shown_with_their_numbers_and_only_they_are_new_afterwards(empty_studio, screen):
    window = screen(empty_studio)
    bring_a_file_of_no_known_format(window)
    lines = [BROKEN.get(index, line) for index, line in enumerate(LINES)]
    upload(window, "colleague.jsonl", lines)
    assert "xlam-function-calling-60k" in window.text()

    start_and_wait(window)
    assert [window.fact(name) for name in ("read", "kept", "rejected")] == [20, 17, 3]

    window.page.get_by_role("link", name="See the 3 rejects").click()
    window.wait_for("Rejects")
    places = window.page.locator(".xs-reject-row > b").all_inner_texts()
    assert places == ["colleague.jsonl:5", "colleague.jsonl:10", "colleague.jsonl:16"]
    download = window.download(window.page.get_by_role("button", name="Raw lines"))
    assert download.path().read_text().splitlines() == list(BROKEN.values())

    upload(window, "colleague.jsonl", LINES)
    start_and_wait(window)
    newest = window.page.locator(".st-key-work_2")
    expect(newest).to_contain_text("3 new, 17 known already")


def bring_a_file_of_no_known_format(window):
    """It is refused with the reason, and cannot be imported."""
    window.open("/import_data", "Import")
    window.page.locator("input[type=file]").first.set_input_files(
        {"name": "../../notes.txt", "mimeType": "text/plain", "buffer": b"nothing that anyone knows"}
    )
    expect(window.page.locator(".xs-error")).to_be_visible()
    expect(window.page.get_by_role("button", name="Import and check")).to_be_disabled()
    expect(window.page.get_by_label("Read it as")).to_be_visible()  # ... which a person may know better


def test_an_import_in_the_middle_can_be_left_come_back_to_and_stopped(empty_studio, screen):
    window = screen(empty_studio)
    upload(window, "many.jsonl", [a_line(number) for number in range(60_000)])
    window.page.get_by_role("button", name="Import and check").click()
    on_page = window.page.get_by_test_id("stMain")  # the app's own bar has a "Stop", too
    stop = on_page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    window.go("/checks", "Checks")  # left ...
    window.go("/import_data", "Import")  # ... and come back to
    stop.click()
    stopped = window.page.locator(".xs-chip", has_text="stopped")
    expect(stopped.first).to_be_visible()
    window.settle()
    # Stopped while it reads, nothing is kept; on a fast machine the checks have begun: they can go on.
    rest = window.page.get_by_role("button", name=re.compile("^(Check the rest|Resume)$"))
    if "nothing of it was kept" in stopped.first.inner_text():
        expect(window.page.get_by_text("many", exact=True)).to_have_count(0)
    else:
        going_on = window.page.get_by_text("Check what is not checked yet").first
        window.press(rest, lambda limit: expect(going_on).to_be_visible(timeout=limit))
        expect(window.page.locator(".xs-chip", has_text="done").first).to_be_visible(timeout=RUN_MS)
        expect(window.page.locator(".xs-chip", has_text="the rest was checked since")).to_be_visible()
        expect(rest).to_have_count(0)
