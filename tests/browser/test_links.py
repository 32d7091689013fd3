"""Every page can be reached by its address on a cold server, and says what to do when there is nothing."""

from __future__ import annotations

import http.client

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser

EMPTY_PAGES = {
    "/": ("Overview", "The store is empty."),
    "/import_data": ("Import", "There is no dataset yet."),
    "/rejects": ("Rejects", "Nothing was rejected."),
    "/explore": ("Explore", "The store is empty."),
    "/trajectory": ("Trajectory", "No trajectory is chosen."),
    "/errors": ("Errors", ""),
    "/tools": ("Tools", ""),
    "/checks": ("Checks", ""),
}


def test_the_first_visitor_of_a_cold_server_may_come_by_a_deep_link(empty_studio, screen):
    window = screen(empty_studio)
    window.open("/explore?check=argument_type&level=fix", "Explore")
    assert window.page.get_by_text("Page not found").count() == 0
    assert "check=argument_type" in window.page.url
    for path, (title, words) in EMPTY_PAGES.items():
        # The one page that no menu shows is loaded anew as well; the others are gone to inside the app.
        (window.open if path == "/trajectory" else window.go)(path, title)
        assert window.page.locator(".xs-error").count() == 0, path
        assert words in window.text()


def test_the_first_two_visitors_may_come_at_once(root, demo_data, browser):
    # Both load the packages that draw charts; see pages/parts/charts.py.
    with serve(root, demo_data) as address:
        windows = [Screen(browser.new_page(), address) for _ in range(2)]
        for window in windows:
            window.page.goto(address, wait_until="commit")
        for window in windows:
            window.wait_for("Overview")
            expect(window.page.locator(".js-plotly-plot").first).to_be_visible()
            assert window.page.locator(".xs-error").count() == 0
            window.page.close()


def test_a_link_to_a_trajectory_that_is_not_there_says_so(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/trajectory?id=nonsense", "Trajectory")
    expect(window.page.locator(".xs-error")).to_contain_text("No trajectory has the id")


def test_filters_stand_in_the_address_and_back_leads_back(demo_studio, kept_screen, screen):
    window = kept_screen(demo_studio)
    window.go("/explore", "Explore")
    everything = window.page.locator("[role=status]").first.inner_text()
    field = window.page.get_by_label("Text in the request")
    field.fill("weather")
    field.press("Enter")
    expect(window.page.locator("[role=status]").first).not_to_have_text(everything)
    window.settle()
    narrowed = window.page.locator("[role=status]").first.inner_text()
    assert "text=weather" in window.page.url

    other = screen(demo_studio)
    other.open(window.page.url.removeprefix(demo_studio), "Explore")
    assert other.page.locator("[role=status]").first.inner_text() == narrowed

    window.page.go_back()
    expect(window.page.locator("[role=status]").first).to_have_text(everything)


def test_both_themes_are_readable(demo_studio, screen):
    colours = {}
    for scheme in ("light", "dark"):
        window = screen(demo_studio, color_scheme=scheme)
        window.open("/checks", "Checks")
        card = window.page.locator(".xs-fact").first
        colours[scheme] = [
            card.evaluate(f"element => getComputedStyle(element).{name}")
            for name in ("color", "backgroundColor")
        ]
    assert colours["light"] != colours["dark"]
    assert all(contrast(*pair) > 7 for pair in colours.values())


def contrast(first, second):
    """The contrast of two CSS colours as WCAG counts it."""
    lights = sorted(map(luminance, (first, second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("host", "status"), [("evil.example", 403), ("localhost", 101)])
def test_a_page_of_the_internet_that_took_our_address_opens_no_session(demo_studio, host, status):
    port = demo_studio.rpartition(":")[2]
    connection = http.client.HTTPConnection("localhost", int(port), timeout=30)
    connection.request(
        "GET",
        "/_stcore/stream",
        headers={
            "Host": f"{host}:{port}",
            "Origin": f"http://{host}:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert connection.getresponse().status == status
    connection.close()
