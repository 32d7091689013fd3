"""A lead has less powerful models answer steps, in the browser only, and looks at the pairs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.timeout(300)  # it starts a server, then a run
def test_from_no_endpoint_to_a_pair_side_by_side(own_studio, screen):
    window = screen(own_studio)
    window.open("/responses", "Responses")
    expect(window.page.get_by_text("No model has answered a step yet.")).to_be_visible()
    window.page.get_by_role("button", name="Start the scripted server").click()
    start = window.page.get_by_role("button", name="Ask for")
    expect(start).to_be_enabled(timeout=60_000)
    try:
        window.settle()
        start.click()
        expect(window.page.get_by_text("could be read", exact=True)).to_be_visible(timeout=90_000)
        window.settle()
        assert window.fact("answers") >= window.fact("could be read") >= window.fact("rejected") > 0
        expect(window.page.get_by_text("not a real judgement").first).to_be_visible()

        window.click_row(1)
        expect(window.page.locator(".xs-pair")).to_be_visible()
        assert "pair=" in window.page.url
        expect(window.page.locator(".xs-pair mark").first).to_be_visible()
        window.page.get_by_role("link", name="Back to the list").click()
        expect(window.page.locator(".xs-records")).to_be_visible()

        window.page.get_by_role("link", name="Send pairs to a review queue").click()
        window.wait_for("Queues")
        assert "new=pair" in window.page.url
        expect(window.page.get_by_text("What should people look at?")).to_be_visible()
    finally:
        window.go("/responses?new=1", "Responses")
        window.page.get_by_text("Test it, or set up another").click()
        window.page.get_by_role("button", name="Stop it").click()
        window.settle()
    assert window.foreign_requests == []
