"""A researcher compares requests, looks at what is alike, and decides by keyboard, in the browser only."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.pages.test_near_duplicates import OSLO, ask, import_into
from xlam_backend.store.connection import Store

pytestmark = pytest.mark.browser
PAIR = "Book a table for two in the old harbour of Bergen on Friday at eight"


@pytest.fixture
def studio(root, tmp_path):
    """The address of an app whose store holds two clusters, one row with other arguments, one alone."""
    folder = tmp_path / "served"
    store = Store.open(folder)
    rows = [OSLO, f"{OSLO}!", f"{OSLO}.", PAIR, f"{PAIR}."]
    import_into(store, "weather", [*map(ask, rows), ask(OSLO, "Rome"), ask("Add two and three", "Lima")])
    store.close()
    with serve(root, folder) as address:
        yield address


def press(window, role, name, what):
    """Press what has this name until something is seen."""
    button = window.page.get_by_role(role, name=name).first
    window.press(button, lambda limit: expect(what.first).to_be_visible(timeout=limit))
    window.settle()


@pytest.mark.timeout(400)  # it starts a server, then a run that loads a model
def test_from_nothing_compared_to_rows_dropped_and_taken_back(studio, screen):
    window = screen(studio)
    window.open("/near_duplicates", "Near-duplicates")
    expect(window.page.get_by_text("Nothing was compared yet.")).to_be_visible()
    window.page.get_by_role("button", name="Compare 7 trajectories").click()
    expect(window.page.get_by_text("rows compared", exact=True)).to_be_visible(timeout=240_000)
    window.settle()
    assert (window.fact("rows compared"), window.fact("clusters of duplicates")) == (7, 2)
    assert window.fact("rows would go") == 3

    window.click_row(1)
    expect(window.page.get_by_text("3 rows", exact=True)).to_be_visible()
    expect(window.page.locator(".xs-pair mark").first).to_be_visible()
    window.settle()
    first = window.page.url
    window.page.keyboard.press("1")
    expect(window.page.get_by_text("kept one in 1 cluster: 2 go, 1 stay")).to_be_visible()
    window.page.wait_for_url(lambda url: url != first and "cluster=" in url)
    window.settle()
    window.page.keyboard.press("z")
    expect(window.page.get_by_text("decided last")).to_be_hidden()
    window.settle()

    page = window.page
    press(window, "link", "Open the left one", page.get_by_role("heading", name="Trajectory", level=1))
    press(window, "link", "See them beside", page.get_by_role("button", name=re.compile("^Keep both")))
    everything = page.get_by_role("button", name="Decide on all that match")
    press(window, "button", "Back to the list", everything)
    drop = page.get_by_role("button", name="Drop 3 rows")
    press(window, "button", "Decide on all that match", drop)
    press(window, "button", "Drop 3 rows", page.get_by_text("kept one in 2 clusters: 3 go, 2 stay"))
    press(window, "radio", "Map", page.get_by_text("All 7 rows are shown"))
    expect(page.locator(".js-plotly-plot").nth(1)).to_be_visible()
    assert window.foreign_requests == []
