"""Journeys 3 and 4 whole, in the browser: judges, queue, keyboard, agreement, pairs, last word, export."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk_screen import DeskScreen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

RUN_MS = 120_000
SIZE, OVERLAP = "Items to draw (0: all)", "People for each item"


@pytest.fixture
def reviewer(own_studio, screen):
    """A window of somebody's own, with the name they chose."""

    def sit_down(name):
        window = screen(own_studio)
        window.open("/queues", "Queues")
        window.page.get_by_role("button", name="Change name").click()
        window.page.get_by_label("Your name").fill(name)
        window.page.get_by_label("Your name").press("Enter")
        window.page.get_by_role("button", name="Use this name").click()
        expect(window.page.locator(".xs-person b")).to_have_text(name)
        window.page.wait_for_function("document.cookie.includes('xlam_local_name')")
        return window

    return sit_down


def start_scripted_server(window):
    """Start the scripted server from the page, unless it answers already."""
    either_way = re.compile("No model can be asked yet|Ask (for|about)")
    expect(window.page.get_by_text(either_way).first).to_be_visible()
    button = window.page.get_by_role("button", name="Start the scripted server")
    if button.is_visible():
        button.click()
        expect(window.page.get_by_label("Endpoint", exact=True)).to_be_visible(timeout=RUN_MS)
        window.settle()


def wait_for_the_run(window):
    """Wait for the end of the run that was just started; its page has opened by itself."""
    window.wait_for("Runs")
    expect(window.page.get_by_test_id("stMain").locator("h2")).to_contain_text("done", timeout=RUN_MS)


def draw_queue(window, kind, name, *amounts):
    """Draw a queue on the Queues page, with what its fields are set to; returns its desk's address."""
    page = window.page
    window.go(f"/queues?new={kind}", "Queues")
    page.get_by_label("Name of the queue").fill(name)
    page.get_by_label("Name of the queue").press("Enter")
    window.settle()
    for label, value in amounts:
        field = page.get_by_label(label, exact=True)
        field.fill(str(value))
        field.press("Enter")
        window.settle()
    page.get_by_role("button", name="items", exact=False).filter(has_text="Draw").click()
    expect(page.get_by_text("the queue is drawn")).to_be_visible()
    return page.get_by_role("link", name="Open it").get_attribute("href")


def is_over(desk):
    """Whether nothing is left to answer; what is on its way is waited for."""
    expect(desk.page.locator(".xd-end", has_text="One moment")).to_be_hidden()
    return desk.page.locator(".xd-end").is_visible()


def review_all(window, address, key_of, rating_of=None, most=1_000):
    """Answer every item that is due, `most` at most.

    The keys, one or more, are chosen by how many were answered before; where the desk asks for a rating
    from 1 to 5, `rating_of` chooses the key.
    """
    desk = DeskScreen(window)
    desk.page.goto(address if address.startswith("http") else f"{window.address}/{address.lstrip('/')}")
    desk.wait_for_item()
    answered = 0
    while answered < most and not is_over(desk):
        is_rated = rating_of is not None and desk.page.get_by_role("button", name="very good").is_visible()
        *before, last = rating_of(answered) if is_rated else key_of(answered)
        for key in before:
            desk.press(key)
        desk.answer(last)
        answered += 1
    desk.wait_until_saved()
    return answered


def download(window, table, form, file_name):
    """Export a review table from the Queues page; returns the text of the file, which has this name."""
    page = window.page
    window.go("/queues", "Queues")
    page.get_by_text("Export verdicts, pairs and the log").click()
    window.choose("What", table)
    window.choose("Form", form)
    return (
        window.download(page.get_by_role("button", name=f"Download {file_name}"))
        .path()
        .read_text(encoding="utf-8")
    )


def test_ratings_from_the_judges_to_the_report(own_studio, kept_screen, reviewer):
    lead = kept_screen(own_studio)
    lead.go("/judges", "Judges")
    start_scripted_server(lead)
    page = lead.page
    page.get_by_text("Step quality ·").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("Step quality\n")  # the estimate counts it, too
    page.get_by_role("button", name=re.compile(r"Ask about \d{3} places")).click()
    wait_for_the_run(lead)
    lead.go("/judges", "Judges")
    assert lead.fact("places judged") >= 60
    assert "scripted" in lead.text()

    amounts = (SIZE, 12), (OVERLAP, 2), ("Unflagged items on top, in % of the draw", 100)
    address = draw_queue(lead, "rating", "Ratings of the judges", *amounts)
    ann, bob = reviewer("Ann"), reviewer("Bob")
    given = review_all(ann, address, lambda at: "a" if at % 5 else "d", lambda at: "45"[at % 2])
    assert given >= 15
    both = review_all(bob, address, lambda at: "a" if at % 4 else "d", lambda at: "42"[at % 2], most=8)

    lead.go("/agreement", "Agreement")
    assert "Ann" in lead.text()
    assert "Bob" in lead.text()
    lead.go("/calibration", "Calibration")
    assert "precision" in lead.text().lower()
    assert "scripted" in lead.text()

    lead.go("/adjudication", "Adjudication")
    waiting = lead.fact("wait for a last word")
    assert waiting > 0
    page.locator(".xs-records tbody tr a").first.click()
    expect(page.get_by_role("button", name="Decide")).to_be_visible()
    page.get_by_text("✔ agree", exact=True).last.click()
    page.get_by_text("keep it", exact=True).last.click()
    lead.choose("Why did the reviewers come apart?", "slip of a reviewer")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Last word", exact=True)).to_be_visible()
    lead.go("/adjudication", "Adjudication")
    assert lead.fact("wait for a last word") == waiting - 1

    exported = csv.DictReader(io.StringIO(download(lead, "Verdicts", "CSV", "verdicts.csv")))
    rows = [row for row in exported if row["queue"] == "Ratings of the judges"]
    assert {row["person"] for row in rows} == {"Ann", "Bob"}
    assert len(rows) == given + both
    assert lead.foreign_requests == []


def look_at_a_pair(window):
    """Open the first pair side by side, go back to the list, and on to a new queue of pairs."""
    page = window.page
    window.click_row(1)
    expect(page.locator(".xs-pair")).to_be_visible()
    assert "pair=" in page.url
    expect(page.locator(".xs-pair mark").first).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".xs-records")).to_be_visible()

    page.get_by_role("link", name="Send pairs to a review queue").click()
    window.wait_for("Queues")
    assert "new=pair" in page.url
    expect(page.get_by_text("What should people look at?")).to_be_visible()


def stop_scripted_server(window):
    """Stop the scripted server from the page."""
    window.go("/responses?new=1", "Responses")
    window.page.get_by_text("Test it, or set up another").click()
    window.page.get_by_role("button", name="Stop it").click()
    window.settle()


def test_pairs_from_weak_models_to_the_file(own_studio, kept_screen, reviewer):
    lead = kept_screen(own_studio)
    lead.go("/responses", "Responses")
    expect(lead.page.get_by_text("No model has answered a step yet.")).to_be_visible()
    start_scripted_server(lead)
    lead.page.get_by_role("button", name=re.compile(r"Ask for \d+ answers")).click()
    expect(lead.page.get_by_text("could be read", exact=True)).to_be_visible(timeout=RUN_MS)
    lead.settle()
    assert lead.fact("answers") >= lead.fact("could be read") >= lead.fact("rejected") > 0
    expect(lead.page.get_by_text("not a real judgement").first).to_be_visible()
    assert "scripted" in lead.text()
    look_at_a_pair(lead)

    address = draw_queue(lead, "pair", "Pairs of weak models", (SIZE, 12), (OVERLAP, 1))
    assert review_all(reviewer("Cay"), address, lambda count: ("14", "24", "e", "b")[count % 4]) >= 12
    exported = download(lead, "Chosen/rejected pairs", "JSON Lines", "pairs.jsonl")
    rows = [json.loads(line) for line in exported.splitlines()]
    assert any(row["preference"] for row in rows if "preference" in row)
    stop_scripted_server(lead)
    assert lead.foreign_requests == []
