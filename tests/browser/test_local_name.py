"""A local name that somebody chose in a browser lasts there, and nowhere else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from xlam_backend.settings import person_name

pytestmark = pytest.mark.browser


def test_a_chosen_name_outlasts_a_reload(demo_studio, screen):
    window = screen(demo_studio)
    page = window.page
    window.open("/queues", "Queues")
    page.get_by_role("button", name="Change name").click()
    page.get_by_label("Your name").fill("Zoë B.")
    page.get_by_label("Your name").press("Enter")
    page.get_by_role("button", name="Use this name").click()
    person = page.locator(".xs-person b")
    expect(person).to_have_text("Zoë B.")
    page.wait_for_function("document.cookie.includes('xlam_local_name')")

    window.open("/queues", "Queues")  # a new session, as after a reload or by a link
    expect(person).to_have_text("Zoë B.")
    other = screen(demo_studio)
    other.open("/queues", "Queues")
    expect(other.page.locator(".xs-person b")).to_have_text(person_name())

    page.get_by_role("button", name="Change name").click()
    page.get_by_role("button", name="Back to the name of this machine").click()
    expect(person).to_have_text(person_name())
    page.wait_for_function("!document.cookie.includes('xlam_local_name=Z')")
    window.open("/queues", "Queues")
    expect(person).to_have_text(person_name())
