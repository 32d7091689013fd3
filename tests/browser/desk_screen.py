"""What a reviewer does at the desk: reads the item that is shown, presses keys, waits until all is saved."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.screen import RUN_LIMIT_MS

DWELL_OVER = """() => new Promise((done) => {
    const desk = document.querySelector(".xd-desk");
    const painted = desk.dataset.painted;
    setTimeout(() => done(desk.dataset.painted === painted), 270);
})"""


class DeskScreen:
    """One window on the desk."""

    def __init__(self, window):
        self.window = window
        self.page = window.page

    def open(self, path):
        """Open a desk by its address and wait until its first item is on the screen."""
        self.page.goto(self.window.address + path)
        self.wait_for_item()

    def go(self, path):
        """Go to a desk inside the app, from a page that is no desk, and wait for its first item."""
        self.window.settle()
        self.window.go("/runs", "Runs")
        self.window.follow(path)
        self.wait_for_item()

    def wait_for_item(self):
        """Wait until an item is painted; returns its number."""
        self.page.wait_for_function(
            "() => Number(document.querySelector('.xd-desk')?.dataset.painted) > 0", timeout=RUN_LIMIT_MS
        )
        return self.item()

    def item(self):
        """The item on the screen."""
        return int(self.page.locator(".xd-desk").get_attribute("data-item"))

    def press(self, key):
        """Press a key on an item that has been on the screen long enough to be seen."""
        shown = self.wait_for_item()
        assert self.page.evaluate(DWELL_OVER)
        self.page.keyboard.press(key)
        return shown

    def press_twice(self, key):
        """Press a key on an item that was seen, and again before the next one can be painted."""
        shown = self.wait_for_item()
        assert self.page.evaluate(DWELL_OVER)
        self.page.evaluate(
            "(key) => { for (let time = 0; time < 2; time += 1) document.dispatchEvent("
            "new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, bubbles: true })); }",
            key,
        )
        return shown

    def answer(self, key):
        """Answer the item on the screen and wait for the next one; returns the item that was answered."""
        shown = self.press(key)
        self.page.wait_for_function(
            "(shown) => { const at = Number(document.querySelector('.xd-desk').dataset.painted);"
            " return document.querySelector('.xd-end') || (at && at !== shown); }",
            arg=shown,
            timeout=RUN_LIMIT_MS,
        )
        return shown

    def wait_until_saved(self):
        """Wait until everything that was pressed is acknowledged."""
        expect(self.page.locator(".xd-saved")).to_have_text("✔ all saved")

    def fact(self, words):
        """Read one number of the desk's head."""
        fact = self.page.locator(".xd-fact").filter(has=self.page.get_by_text(words, exact=True))
        return fact.locator("b").inner_text()

    def strip(self):
        """What the desk says of the last press."""
        return self.page.locator(".xd-strip")
