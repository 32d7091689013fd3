"""Two people share one machine: a role given in one window counts in the other."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def take_name(window, name):
    window.page.get_by_role("button", name="Change name").click()
    field = window.page.get_by_label("Your name")
    field.fill(name)
    field.press("Enter")
    window.page.get_by_role("button", name="Use this name").click()
    expect(window.page.locator(".xs-person b")).to_have_text(name)


def test_an_admin_gives_a_role_that_counts_in_the_other_window(demo_studio, screen):
    admin, ann = screen(demo_studio), screen(demo_studio)
    ann.open("/import_data", "Import")
    take_name(ann, "Rita")
    expect(ann.page.get_by_text("this takes the role researcher")).to_be_visible()
    admin.open("/people", "People")
    chooser = admin.page.get_by_role("combobox", name="Person").first
    chooser.fill("Rita")
    chooser.press("Enter")
    admin.settle()
    role = admin.page.get_by_role("combobox", name="Role")
    role.click()
    admin.page.get_by_role("option", name="researcher").click()
    admin.page.get_by_role("button", name="Give").click()
    expect(admin.page.get_by_text("person Rita")).to_be_visible()
    ann.open("/import_data", "Import")
    expect(ann.page.locator(".xs-person")).to_contain_text("researcher")
    expect(ann.page.get_by_text("this takes the role")).to_have_count(0)
