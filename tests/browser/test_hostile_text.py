"""Whatever the data holds, it is shown and does nothing: no script, no markup, no request to anywhere.

The pages are those the router knows, so a new one is looked at without a new line here; the links on
them are followed, so that the pages of single records are looked at as well.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from pages.parts import routes
from pages.parts.guard import INTERNAL_ERROR
from tests.browser.conftest import new_window, serve
from tests.browser.screen import AGAIN_MS, MOST_TRIES
from tests.hostile import ADDRESS_NAMES, ALIVE_WORDS, CORPUS, EVERYTHING, fill_with_hostile_text
from tests.routed_pages import routed_scripts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# Streamlit looks for itself below the page's address first, and finds itself at the root.
STREAMLITS_OWN = ("/_stcore/health", "/_stcore/host-config")


def known_pages():
    """The pages of the router, as they stand in the address."""
    first, *others = routed_scripts()
    assert first == routes.OVERVIEW
    return ["", *(script.rpartition("/")[2].removesuffix(".py") for script in others)]


@pytest.fixture(scope="module")
def hostile_studio(root, tmp_path_factory):
    """An app whose store holds the corpus in every field: its address, its queues, its trajectories."""
    folder = tmp_path_factory.mktemp("hostile")
    queue_nos, trajectory_ids = fill_with_hostile_text(folder)
    with serve(root, folder / "store") as address:
        yield address, queue_nos, trajectory_ids


@pytest.fixture(scope="module")
def followed():
    """Where links led that were followed from any page: one to each page with each set of parameters."""
    return set()


@pytest.fixture(scope="module")
def window_for_all(browser, hostile_studio):
    """One window for all tests of this file, which only look; it notes what its console is told."""
    opened = new_window(browser, hostile_studio[0])
    opened.console = []
    opened.page.on("console", lambda said: note(opened.console, said))
    opened.page.on("pageerror", lambda error: opened.console.append(str(error)))
    opened.open("/", "Overview")
    yield opened
    opened.page.context.close()


@pytest.fixture
def window(window_for_all, request):
    """The window, before which nothing was noted that belongs to another test."""
    request.node.windows = [window_for_all]
    for noted in (window_for_all.console, window_for_all.dialogs, window_for_all.foreign_requests):
        noted.clear()
    return window_for_all


def note(kept, said):
    """Keep what the console was told as an error."""
    if said.type == "error" and not said.location.get("url", "").endswith(STREAMLITS_OWN):
        kept.append(f"{said.text} {said.location.get('url', '')}")


@pytest.mark.parametrize("page", known_pages())
def test_a_page_shows_hostile_text_and_stays_as_it_is(window, followed, page):
    look_at(window, f"/{page}")
    for address in links_of(window):
        parts = urlsplit(address)
        signature = (parts.path, tuple(sorted(name for name, _ in parse_qsl(parts.query))))
        if signature not in followed:
            followed.add(signature)
            look_at(window, address)


@pytest.mark.parametrize("page", known_pages())
def test_a_hostile_address_does_nothing(window, page):
    look_at(window, f"/{page}?{urlencode(dict.fromkeys(ADDRESS_NAMES, EVERYTHING[:700]))}")


@pytest.mark.parametrize("name", CORPUS)
def test_a_trajectory_shows_every_field_as_it_is(hostile_studio, window, name):
    look_at(window, f"/trajectory?id={hostile_studio[2][name]}")
    told = re.sub(r"\s+", " ", window.text())
    assert told.count(shown_start(CORPUS[name])) >= 5


@pytest.mark.parametrize("plain", ["", "&plain=1"])
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_desk_shows_every_item_as_it_is(hostile_studio, window, kind, plain):
    look_at(window, f"/desk?queue={hostile_studio[1][kind]}{plain}")


def shown_start(text):
    """The first characters of a text that hide nothing, as a page shows them on one line."""
    seen = re.split(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u206f\ufeff]|\U000e0041", text)[0]
    return re.sub(r"\s+", " ", seen)[:40].strip()


def look_at(window, address):
    """Open an address, unfold all that is folded, and find nothing alive."""
    window.follow(address)
    window.page.locator("h1").first.wait_for()
    assert_inert(window)
    unfold(window)
    assert_inert(window)


def unfold(window):
    """Open whatever is folded away, all at once: one after the other waits for each to unfold."""
    folded = ".stMain details:not([open]) > summary"
    for _ in range(MOST_TRIES):  # what is drawn anew meanwhile is folded anew
        window.page.evaluate(CLICK_ALL, folded)
        with suppress(AssertionError):
            expect(window.page.locator(folded)).to_have_count(0, timeout=AGAIN_MS)
        window.page.evaluate(UNFOLDED)
        window.settle()
        if window.page.locator(folded).count() == 0:
            return
    assert window.page.locator(folded).count() == 0


def links_of(window):
    """The addresses of the app that the page links to, with parameters."""
    hrefs = window.page.evaluate(LINKS)
    return sorted({href for href in hrefs if urlsplit(href).query})


LINKS = (
    "() => [...document.querySelectorAll('a[href]')].map((a) => a.href)"
    ".filter((href) => href.startsWith(location.origin))"
)

CLICK_ALL = "(folded) => document.querySelectorAll(folded).forEach((one) => one.click())"
# Text counts as shown when it has unfolded; what spins forever has no end to go to.
UNFOLDED = """() => document.getAnimations()
    .filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime))
    .forEach((one) => one.finish())"""

# What came alive: marked elements, handlers, foreign addresses, words that stand alone; shadow trees too.
ALIVE = """(words) => {
    const found = [];
    const foreign = /^\\s*(javascript:|data:text|https?:\\/\\/(www\\.)?evil|mailto:|www\\.evil)/i;
    const look = (root) => {
        for (const one of root.querySelectorAll("*")) {
            if (one.shadowRoot) look(one.shadowRoot);
            const say = (why) => found.push(why + ": " + one.outerHTML.slice(0, 300));
            if (one.classList.contains("pwn")) say("element");
            if (["IFRAME", "OBJECT", "EMBED", "BASE"].includes(one.tagName)) say("frame");
            for (const { name, value } of one.attributes) {
                if (name.startsWith("on")) say("handler");
                const leads = ["href", "src", "action", "formaction", "data", "xlink:href"].includes(name);
                if (leads && foreign.test(value)) say("address");
                if (name === "style" && /evil|position:\\s*fixed.*z-index:\\s*9999/.test(value)) say("style");
            }
            if (one.children.length === 0 && words.includes(one.textContent.trim())) say("markup");
            if (one.classList.contains("katex")) say("formula");
        }
    };
    look(document);
    return found;
}"""


def assert_inert(window):
    assert window.dialogs == []
    assert window.page.evaluate("window.pwned") is None
    assert window.foreign_requests == []
    assert window.page.evaluate(ALIVE, list(ALIVE_WORDS)) == []
    assert window.page.evaluate("getComputedStyle(document.body).display") != "none"
    assert window.page.locator(".stException").count() == 0
    assert window.page.get_by_text(INTERNAL_ERROR).count() == 0
    assert window.console == []
