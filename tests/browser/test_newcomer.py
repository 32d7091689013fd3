"""Journey 1: from the Overview's biggest bar to one wrong argument, its fix, and the number that drops."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_newcomer_mends_one_call_and_takes_it_back(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/", "Overview")
    flagged, wrong, fixed = (window.fact(name) for name in FACTS)
    assert flagged > 0
    assert fixed == 0

    window.click_biggest_bar()
    window.wait_for("Explore")
    assert "check=argument_type" in window.page.url
    assert f"of {window_total(window)}" in window.text()

    window.click_row(1)
    window.wait_for("Trajectory")
    marked = window.page.locator(".xs-call tr.xs-mend").first
    expect(marked).to_be_visible()
    assert marked.locator(".xs-declared").inner_text().strip()  # what the tool declares, in the same row
    before = window.page.locator(".xs-call tr.xs-mend:not(.xs-says)").count()

    window.page.get_by_role("button", name="Apply", exact=True).first.click()
    expect(window.page.locator(".xs-chip", has_text="mended")).to_be_visible()
    window.settle()
    assert window.page.locator(".xs-call tr.xs-mend:not(.xs-says)").count() == before - 1
    assert "Findings cleared: 1, introduced: 0" in window.text()

    link = window.page.url
    go_to_overview(window)
    assert [window.fact(name) for name in FACTS] == [flagged - 1, wrong - 1, 1]

    window.page.goto(link)
    window.wait_for("Trajectory")
    window.page.get_by_role("button", name="Undo").click()
    expect(window.page.locator(".xs-chip", has_text="mended")).to_have_count(0)
    window.settle()
    go_to_overview(window)
    assert [window.fact(name) for name in FACTS] == [flagged, wrong, 0]


def test_the_list_beside_the_bars_leads_to_the_same_records_by_keyboard(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/", "Overview")
    window.page.locator("summary", has_text="The same as a list").focus()
    window.page.keyboard.press("Enter")
    link = window.page.get_by_role("link", name="Wrong argument type").first
    expect(link).to_be_visible()
    link.focus()
    window.page.keyboard.press("Enter")
    window.wait_for("Explore")
    assert "check=argument_type" in window.page.url


def test_rows_are_reached_and_opened_by_keyboard(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/explore?level=flagged", "Explore")
    links = window.page.locator(".xs-records a")
    expect(links.first).to_be_visible()
    links.first.focus()
    window.page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    wanted = links.nth(1).get_attribute("href")
    window.page.keyboard.press("Enter")
    window.wait_for("Trajectory")
    assert window.page.url.endswith(wanted)
    assert "2 of " in window.text()


FACTS = ("flagged trajectories", "wrong calls", "fixed trajectories")


def go_to_overview(window):
    window.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Overview").click()
    window.wait_for("Overview")


def window_total(window):
    return window.page.locator("[role=status]").first.inner_text().split(" of ")[1].split(" ")[0]
