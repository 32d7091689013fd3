"""Journey 5 up to the release, in one window: alike, told anew, pairs, mixture, release, export, import."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
RUN_MS = 120_000


def press(window, role, name, seen):
    """Press the first that has this name until something is seen."""
    button = window.page.get_by_test_id("stMain").get_by_role(role, name=name).first
    window.press(button, lambda limit: expect(seen.first).to_be_visible(timeout=limit))
    window.settle()


def decide_on_a_cluster_and_undo(window):
    """Compare all requests, keep one row of the first cluster, and take that back."""
    page = window.page
    window.open("/near_duplicates", "Near-duplicates")
    page.get_by_role("button", name=re.compile(r"^Compare \d+ trajectories")).click()
    expect(page.get_by_text("rows compared", exact=True)).to_be_visible(timeout=RUN_MS)
    window.settle()
    assert window.fact("clusters of duplicates") > 0
    window.click_row(1)
    decided = page.get_by_text("decided last")
    press(window, "button", re.compile("^Keep the left one"), decided)
    press(window, "button", re.compile("^Undo"), page.get_by_role("button", name=re.compile("^Keep both")))
    expect(decided).to_be_hidden()


def tell_anew(window):
    """Make augmented trajectories of all data."""
    page = window.page
    window.go("/augment", "Augmentation")
    made = page.get_by_text(re.compile(r"^\d+ trajectories, augmented from"))
    page.get_by_role("button", name=re.compile(r"^Make \d+ from \d+")).click()
    expect(made).to_be_visible(timeout=RUN_MS)
    window.settle()


def plant_errors_and_take_them_back(window):
    """Plant errors, open a pair, go back to the list, and take the run back."""
    page = window.page
    window.go("/preferences", "Preference pairs")
    page.get_by_role("button", name=re.compile("Plant errors$")).click()
    expect(page.get_by_text("pairs count", exact=True)).to_be_visible(timeout=RUN_MS)
    window.settle()
    window.click_row(1)
    press(window, "link", "Back to the list", page.get_by_text("Planted so far: 1 run"))
    page.wait_for_url(lambda url: "pair=" not in url)  # the next click sends what the address says
    page.get_by_text("Planted so far: 1 run").click()
    press(window, "button", "Take back …", page.get_by_role("button", name="Take them back"))
    page.get_by_role("button", name="Take them back").click()
    expect(page.get_by_text("There are no pairs yet.")).to_be_visible()


def freeze_a_recipe_of_the_paper(window):
    """Begin with a preset, leave out what stands against it, freeze it; returns how many rows it holds."""
    page = window.page
    window.go("/mixture", "Mixture")
    press(window, "button", re.compile("^xLAM general"), page.get_by_text("(rule licence_unknown)"))
    page.get_by_text("What is left out", exact=True).click()
    window.choose("A row where nobody knows whether its licence allows commercial use", "leave out")
    expect(page.get_by_text("(rule licence_unknown)")).to_be_hidden()
    rows = window.fact("rows")
    page.get_by_role("button", name="Save and freeze").click()
    release = page.get_by_role("link", name="The release of version 2")
    expect(release).to_be_visible(timeout=RUN_MS)
    window.settle()
    window.press(release, lambda limit: page.wait_for_url(re.compile("release="), timeout=limit))
    window.wait_for("Releases")
    assert window.fact("rows") == rows > 100
    return rows


def look_through_the_lens(window):
    """See the exact text of a row, and how much of it is learnt, in two styles of the released models."""
    page = window.page
    window.go("/training_lens", "Training lens")
    row = page.locator(".xs-records tbody a").first
    window.press(row, lambda limit: page.wait_for_url(re.compile("id="), timeout=limit))
    window.settle()
    expect(page.get_by_text("characters learnt", exact=True)).to_be_visible()
    ours = window.fact("characters")
    window.choose("Style", "B · xLAM-7b-r, 8x7b-r, 8x22b-r")
    expect(page.get_by_text("Figure 5 of the paper")).to_be_visible()
    window.settle()
    assert window.fact("characters") != ours
    assert window.fact("characters") > window.fact("characters learnt") > 0


def export_the_release(window):
    """Write the release as a file in a run; returns the file's bytes and name."""
    page = window.page
    press(window, "link", "Export", page.get_by_role("heading", name="Exports", level=1))
    window.choose("Format", "Unified 2.0")
    page.get_by_role("button", name=re.compile("Export$")).click()
    expect(page.get_by_text("Finished exports")).to_be_visible(timeout=RUN_MS)
    window.settle()
    saved = window.download(page.get_by_role("button", name="Data", exact=False).first)
    return saved.path().read_bytes(), saved.suggested_filename


def import_again(window, packed, name, rows):
    """Import the file of the release: every row of it comes back, and none is rejected."""
    page = window.page
    window.go("/import_data", "Import")
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/gzip", "buffer": packed}
    )
    expect(page.locator(".xs-chip", has_text="recognised")).to_be_visible()
    window.settle()
    page.get_by_role("button", name="Import and check").click()
    expect(page.locator(".xs-chip", has_text="done").first).to_be_visible(timeout=RUN_MS)
    window.settle()
    assert [window.fact(label) for label in ("read", "kept", "rejected")] == [rows, rows, 0]


def test_from_near_duplicates_to_a_release_and_its_file(own_studio, screen):
    window = screen(own_studio)
    decide_on_a_cluster_and_undo(window)
    tell_anew(window)
    plant_errors_and_take_them_back(window)
    look_through_the_lens(window)
    rows = freeze_a_recipe_of_the_paper(window)

    press(window, "link", re.compile("^(What|Book|Give|How|Please)"), window.page.get_by_text("Raw record"))
    window.go(re.sub("^.*?(/releases.*?)&.*$", r"\1", window.page.url), "Releases")
    packed, name = export_the_release(window)
    lines = gzip.decompress(packed).splitlines()
    assert len(lines) == rows
    assert all(json.loads(line) for line in lines)
    import_again(window, packed, name, rows)
    assert window.foreign_requests == []
