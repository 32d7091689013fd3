"""Journey 2, its second half: mend a whole family after a look at five, take it back, do it again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_family_is_mended_taken_back_and_mended_again(own_studio, screen):
    window = screen(own_studio)
    window.open("/", "Overview")
    before = window.fact("fixed trajectories")

    window.go("/explore?check=argument_type&level=fix", "Explore")
    mended = mend_largest_family(window, finish="Undo all")
    window.wait_for("Explore")
    window.go("/", "Overview")
    assert window.fact("fixed trajectories") == before

    window.go("/explore?check=argument_type&level=fix", "Explore")
    assert mend_largest_family(window, finish="Done") == mended
    window.wait_for("Explore")
    window.go("/", "Overview")
    assert window.fact("fixed trajectories") == before + mended

    window.go("/explore?fixed=fixed", "Explore")
    assert f"{mended} of" in window.text()


def mend_largest_family(window, finish):
    """Look at a sample of the largest family, mend all of it, press a button; returns its size."""
    window.page.locator("summary", has_text="Mend together").click()
    window.page.get_by_role("button", name="Look and mend").first.click()
    dialog = window.page.get_by_role("dialog")
    apply = dialog.get_by_role("button", name=re.compile("^.*Apply to"))
    expect(apply).to_be_visible()
    count = int(re.search(r"Apply to ([\d,]+)", apply.inner_text())[1].replace(",", ""))
    assert dialog.locator(".xs-diff").count() == min(count, 5)
    apply.click()
    expect(dialog.get_by_text(f"{count} trajectories: ")).to_be_visible()
    dialog.get_by_role("button", name=finish).click()
    expect(dialog).to_have_count(0)
    window.settle()
    return count
