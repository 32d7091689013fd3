"""What a person sees and does: opening a page, reading its numbers, clicking a bar or a row."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import TimeoutError as BrowserTimeoutError
from playwright.sync_api import expect

RUN_LIMIT_MS = 30_000
OPEN_LIMIT_MS = 3_000
AGAIN_MS = 10_000
MOST_TRIES = 5

# True as soon as the first bars have stood at the same place for ten frames.
CHARTS_REST = """() => new Promise((resolve) => {
    let last = "", same = 0;
    const look = () => {
        const box = document.querySelector(".js-plotly-plot .barlayer .point path").getBoundingClientRect();
        const place = [box.x, box.y, box.width].join();
        same = place === last ? same + 1 : 0;
        last = place;
        same >= 10 ? resolve(true) : requestAnimationFrame(look);
    };
    look();
})"""

# True as soon as the app has run nothing for some moments: one run may bring on another, and what it
# told last is drawn piece by piece, for as long as the browser has no idle moment.
APP_RESTS = """() => new Promise((resolve) => {
    let moments = 0;
    const look = () => {
        const app = document.querySelector(".stApp");
        moments = app?.dataset.testScriptState === "notRunning" ? moments + 1 : 0;
        moments >= 5 ? resolve(true) : setTimeout(() => requestIdleCallback(look, { timeout: 2000 }), 30);
    };
    look();
})"""


# Counts what the server says, before Streamlit hears it.
COUNT_MESSAGES = """(() => {
    const Own = window.WebSocket;
    window.messagesHeard = 0;
    window.WebSocket = class extends Own {
        constructor(...words) {
            super(...words);
            this.addEventListener("message", () => { window.messagesHeard += 1; });
        }
    };
})()"""

# True as soon as the server has answered to an address put in place as the browser's Back button does.
GO = """(address) => new Promise((resolve) => {
    const before = window.messagesHeard;
    const look = () => window.messagesHeard > before ? resolve(true) : setTimeout(look, 10);
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
    look();
})"""


class Screen:
    """One browser window on the app."""

    def __init__(self, page, address):
        self.page = page
        page.add_init_script(COUNT_MESSAGES)
        self.address = address
        self.foreign_requests = []
        self.dialogs = []
        page.on("request", self._note_request)
        page.on("dialog", self._note_dialog)

    def open(self, path, title):
        """Open a page by its address and wait until it is drawn whole."""
        self.page.goto(self.address + path)
        self.wait_for(title)

    def go(self, path, title):
        """Go on to a page inside the app, which stays loaded: a fifth of the work of loading it anew."""
        self.follow(path)
        self.wait_for(title)

    def follow(self, path):
        """Go on inside the app to wherever an address leads."""
        self.page.wait_for_function(GO, arg=path, timeout=RUN_LIMIT_MS)
        self.settle()

    def wait_for(self, title):
        """Wait until the page with this title is drawn whole."""
        heading = self.page.get_by_role("heading", name=title, exact=True, level=1)
        expect(heading).to_be_visible()
        self.settle()

    def settle(self):
        """Wait until the app has nothing left to draw."""
        self.page.wait_for_function(APP_RESTS, timeout=RUN_LIMIT_MS)

    def choose(self, label, choice):
        """Choose from a list: what is typed opens it and narrows it down.

        Only the front window opens it, and what unfolds around it at that moment closes it again.
        """
        self.page.bring_to_front()
        box = self.page.get_by_role("combobox", name=label, exact=True)
        option = self.page.get_by_role("option", name=choice).first
        for _ in range(MOST_TRIES):
            box.fill("")
            box.press_sequentially(choice)
            with suppress(BrowserTimeoutError):
                option.click(timeout=OPEN_LIMIT_MS)
                break
        self.settle()
        expect(box).to_have_value(re.compile(re.escape(choice)))

    def press(self, button, see):
        """Press a button until `see(limit_ms)` sees what comes of it.

        A press that meets the app redrawing by itself can be lost; a person presses again.
        """
        for _ in range(MOST_TRIES - 1):
            button.click()
            with suppress(AssertionError, BrowserTimeoutError):
                return see(AGAIN_MS)
        button.click()
        return see(RUN_LIMIT_MS)

    def download(self, button):
        """Press a button; returns the download it brings."""
        for _ in range(MOST_TRIES):
            with suppress(BrowserTimeoutError):
                with self.page.expect_download(timeout=AGAIN_MS) as waiting:
                    button.click()
                self.settle()  # the press has the page drawn anew, which would undo going elsewhere
                return waiting.value
        raise AssertionError(f"no download came of {button}")

    def fact(self, label):
        """Read the number of the card with this label."""
        card = self.page.locator(".xs-fact").filter(has=self.page.get_by_text(label, exact=True))
        return int(card.locator("b").inner_text().replace(",", ""))

    def click_biggest_bar(self):
        """Click the widest bar of the page's first bar chart, which leads elsewhere."""
        self._lead_elsewhere(self._click_widest_bar)

    def click_row(self, number):
        """Click a row of the page's table, counted from 1, beside its link, which leads elsewhere."""
        row = self.page.locator(".xs-records tbody tr").nth(number - 1)
        expect(row).to_be_visible()
        self._lead_elsewhere(lambda: row.locator("td").nth(3).click(timeout=AGAIN_MS))

    def _lead_elsewhere(self, click):
        """Click until the address changes: see `press`."""
        before = self.page.url
        for _ in range(MOST_TRIES):
            with suppress(AssertionError, BrowserTimeoutError):
                click()
                self.page.wait_for_url(lambda url: url != before, timeout=AGAIN_MS, wait_until="commit")
                return
        raise AssertionError(f"a click led nowhere from {before}")

    def _click_widest_bar(self):
        bars = self.page.locator(".js-plotly-plot").first.locator(".barlayer .point path")
        expect(bars.first).to_be_visible()
        self.page.wait_for_function(CHARTS_REST)
        boxes = [bars.nth(index).bounding_box() for index in range(bars.count())]
        widest = max(boxes, key=lambda box: box["width"])
        x, y = widest["x"] + widest["width"] / 2, widest["y"] + widest["height"] / 2
        self.page.mouse.move(x - 5, y)
        self.page.mouse.move(x, y)
        expect(self.page.locator(".hoverlayer .hovertext").first).to_be_visible(timeout=AGAIN_MS)
        self.page.mouse.click(x, y)

    def text(self):
        """Everything the page says."""
        return self.page.get_by_test_id("stMain").inner_text()

    def text_or_reason(self):
        """What the window shows, or why that cannot be told; waits for nothing."""
        try:
            return self.page.evaluate("(document.querySelector('.stMain') ?? document.body).innerText")
        except BrowserError as error:
            return str(error)

    def _note_request(self, request):
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.foreign_requests.append(request.url)

    def _note_dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()
