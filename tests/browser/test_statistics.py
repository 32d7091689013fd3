"""From the Errors and Tools pages to the records behind a number, and out of the app as files."""

from __future__ import annotations

import csv
import gzip
import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import RUN_LIMIT_MS
from xlam_backend.explore.error_statistics import CSV_COLUMNS

pytestmark = pytest.mark.browser


def test_a_row_of_the_errors_chart_leads_to_as_many_trajectories(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/errors", "Errors")
    label = window.page.locator(".js-plotly-plot .annotation-text").first.text_content()
    hits = int(label.split("(")[0].replace(",", ""))
    window.click_biggest_bar()
    window.wait_for("Explore")
    assert "check=argument_type" in window.page.url
    assert "level=fix" in window.page.url
    assert listed(window) == hits > 0


def test_every_link_under_the_errors_charts_leads_to_the_number_beside_it(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/errors", "Errors")
    window.page.locator("summary", has_text="Worth a look").click()
    for folded in window.page.locator("summary", has_text="As a table, with links").all():
        folded.click()
    expect(window.page.locator(".xs-table a", has_text="forecast").first).to_be_visible()
    expected = window.page.evaluate(LINKS_WITH_NUMBERS)
    assert {word for address, _ in expected for word in WORDS if f"{word}=" in address} == set(WORDS)
    assert len(expected) > 20
    for address, number in expected[::6]:
        window.go(f"/{address}", "Explore")
        assert listed(window) == number, address


WORDS = ("check", "dataset", "source", "tool", "step", "level")
# Links of tables whose first number counts trajectories.
LINKS_WITH_NUMBERS = """
() => [...document.querySelectorAll('.xs-table')].flatMap(table => {
    const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent);
    const place = heads.indexOf('Trajectories');
    if (place < 0) return [];
    return [...table.querySelectorAll('tbody tr')]
        .filter(row => row.querySelector('a'))
        .map(row => [row.querySelector('a').getAttribute('href'),
                     Number(row.children[place].textContent.replaceAll(',', ''))]);
})
"""


def test_a_table_under_a_chart_is_reached_by_keyboard(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/errors", "Errors")
    window.page.locator("summary", has_text="As a table, with links").first.focus()
    window.page.keyboard.press("Enter")
    link = window.page.locator(".xs-table a").first
    expect(link).to_be_visible()
    link.focus()
    window.page.keyboard.press("Enter")
    window.wait_for("Explore")


def test_the_rates_come_out_as_csv(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/errors", "Errors")
    download = window.download(window.page.get_by_role("button", name="Download CSV"))
    with download.path().open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == CSV_COLUMNS
    assert {line["group"] for line in lines} == {"check", "dataset", "source", "tool", "step", "tool check"}
    assert all(0 <= float(line["low"]) <= float(line["share"]) <= float(line["high"]) <= 1 for line in lines)


def test_a_row_of_the_tools_opens_the_tool_and_its_bars_open_its_trajectories(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/tools?sort=wrong", "Tools")
    window.click_row(1)
    expect(window.page.locator(".xs-tool-name")).to_be_visible()
    window.settle()
    name = window.page.locator(".xs-tool-name").inner_text()
    assert f"tool={name}" in window.page.url
    assert window.fact("wrong calls") > 0

    window.click_biggest_bar()
    window.wait_for("Explore")
    assert f"tool={name}" in window.page.url
    assert listed(window) > 0
    window.page.go_back()
    window.wait_for("Tools")
    window.page.get_by_role("button", name="All tools").click()
    expect(window.page.locator(".xs-records")).to_be_visible()


def test_a_tool_with_an_empty_name_opens(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/tools?sort=name", "Tools")
    window.page.locator(".xs-records a", has_text="(no name)").first.click()
    expect(window.page.locator(".xs-tool-name")).to_have_text("(no name)")


def test_another_check_stands_in_the_address(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/checks?check=argument_type", "Checks")
    expect(window.page.locator(".xs-tool-name")).to_have_text("C5 Wrong argument type")
    window.page.locator(".xs-table a").first.click()
    window.wait_for("Explore")
    assert "check=argument_type" in window.page.url
    window.page.go_back()
    window.wait_for("Checks")
    window.page.locator("label", has_text="Repeated call").first.click()
    expect(window.page.locator(".xs-tool-name")).to_have_text("C8 Repeated call")
    assert "check=repeated_call" in window.page.url


def test_a_view_goes_out_and_comes_back_in(demo_studio, kept_screen):
    window = kept_screen(demo_studio)
    window.go("/explore?check=argument_type&level=fix", "Explore")
    total = listed(window)
    way = window.page.get_by_role("link", name=re.compile("Export these")).get_attribute("href")
    window.go("/" + way.rpartition("/")[2], "Exports")
    expect(window.page.get_by_text(f"{total} match.")).to_be_visible()
    window.page.get_by_role("button", name=re.compile("Export$")).click()
    data = window.page.get_by_role("button", name=re.compile("Data$"))
    expect(data).to_be_visible(timeout=RUN_LIMIT_MS)
    window.settle()
    download = window.download(data)
    name, packed = download.suggested_filename, download.path().read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]
    assert len(rows) == total
    card = window.download(window.page.get_by_role("button", name="Data card"))
    assert f"| trajectories | {total} |" in card.path().read_text(encoding="utf-8")

    window.go("/import_data", "Import")
    window.page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/gzip", "buffer": packed}
    )
    expect(window.page.get_by_text("recognised", exact=False).first).to_be_visible()
    window.settle()
    window.page.get_by_role("button", name="Import and check").click()
    expect(window.page.locator(".xs-chip", has_text="done").first).to_be_visible()
    window.settle()
    assert [window.fact(label) for label in ("read", "kept", "rejected")] == [total, total, 0]
    assert f"0 new, {total} known already" in window.text()

    window.go("/exports", "Exports")
    remove = window.page.get_by_role("button", name="Remove", exact=True)
    window.press(remove, lambda limit: expect(data).to_have_count(0, timeout=limit))


def listed(window):
    """How many trajectories the Explore page says there are in its view."""
    return int(window.page.locator("[role=status]").first.inner_text().split(" of ")[0].replace(",", ""))
