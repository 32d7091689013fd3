"""A click on a number of Agreement or Calibration shows the items behind it once; they open at the desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from benchmarks.reviewed_store import review_small_store
from tests.browser.conftest import serve
from tests.builders import A_RESEARCHER
from xlam_backend.review.agreement_items import read_agreement_items
from xlam_backend.review.calibration import Voice, read_calibration_detail
from xlam_backend.store.connection import Store

pytestmark = pytest.mark.browser


@pytest.fixture
def reviewed(demo_data):
    """The data folder with reviewed demo data, and what its pages should say."""
    store = Store.open(demo_data)
    review_small_store(store)
    detail = read_calibration_detail(store, Voice("step_quality", "scripted-1", 1))
    differ = read_agreement_items(store, which="differ", people=("ann", "bob"), viewer=A_RESEARCHER).total
    store.close()
    return demo_data, differ, detail.ratings.counts[0][0]


def fields(window, chart):
    """The marks of a chart that can be clicked; a chart is drawn after its page."""
    marks = window.page.locator(".js-plotly-plot").nth(chart).locator(".bars .point path")
    expect(marks.first).to_be_visible()
    return marks


def click(window, mark):
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_shows_the_items_behind_a_number(root, reviewed, screen):
    folder, differ, ones = reviewed
    with serve(root, folder) as address:
        window = screen(address)
        window.open("/agreement", "Agreement")
        click(window, fields(window, 1).first)
        expect(window.page.get_by_text(f"{differ:,} items where the answers differ")).to_be_visible()
        assert "person=ann&other=bob" in window.page.url

        window.go("/calibration?check=step_quality&model=scripted-1&prompt=1", "Calibration")
        click(window, fields(window, 1).first)
        expect(window.page.get_by_text(f"{ones:,} items where people answered")).to_be_visible()
        assert "score=1&human=1" in window.page.url
        window.page.locator("a[href^='desk?item=']").first.click()
        window.wait_for("Review desk")
