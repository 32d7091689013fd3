"""A real server on a free port with a store of its own, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.screen import RUN_LIMIT_MS, Screen
from tests.builders import AN_ADMIN
from xlam_backend.llm.scripted_process import stop_scripted_server

START_SECONDS = 60
VIEWPORT = {"width": 1280, "height": 900}
# What moves is drawn again for every frame, by the processor: a third of the work of loading a page.
WINDOW = {"viewport": VIEWPORT, "reduced_motion": "reduce"}
expect.set_options(timeout=RUN_LIMIT_MS)


@contextmanager
def serve(root, folder, *, port=0, more=(), **environment):
    """Serve the app with the store in `folder`; gives its address.

    `more` are further words for Streamlit, `environment` further settings of ours.
    """
    port = port or free_port()
    log = folder.parent / f"{folder.name}.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *more],
            cwd=root,
            env={**os.environ, "XLAM_DATA_DIR": str(folder), "XLAM_DEMO": "no", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://localhost:{port}"
        wait_until_healthy(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        stop_scripted_server(folder, person=AN_ADMIN)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_healthy(address, process, log):
    """Wait until the server answers; fail with its log when it does not."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)  # the server is on its way: there is nothing else to wait on
    pytest.fail(f"The app did not start:\n{log.read_text()}")


@pytest.fixture(scope="package")
def browser(chromium):
    """One Chromium for the tests of this folder.

    Closed after them: while it is open this thread has a running event loop, and no test can run its own.
    """
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**chromium)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def demo_studio(root, demo_template, tmp_path_factory):
    """The address of an app with the demo data for all tests that leave the data as they are."""
    with serve_demo(root, demo_template, tmp_path_factory) as address:
        yield address


@pytest.fixture(scope="module")
def own_studio(root, demo_template, tmp_path_factory, kept_windows):
    """The address of an app with the demo data for the tests of a file, which may change them."""
    with serve_demo(root, demo_template, tmp_path_factory) as address:
        yield address
        close_kept(kept_windows, address)


@contextmanager
def serve_demo(root, demo_template, tmp_path_factory):
    """Serve the app with the demo data; gives its address."""
    folder = tmp_path_factory.mktemp("served") / "store"
    shutil.copytree(demo_template, folder)
    with serve(root, folder) as address:
        yield address


@pytest.fixture
def empty_studio(root, tmp_path_factory):
    """The address of an app of its own, whose store is empty at first."""
    with serve(root, tmp_path_factory.mktemp("served") / "store") as address:
        yield address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show with a failure what stood in the windows at that moment."""
    report = yield
    if report.failed:
        item.has_failed = True
    if report.when == "call" and report.failed:
        for window in getattr(item, "windows", ()):
            report.sections.append((f"window at {window.page.url[:200]}", window.text_or_reason()))
    return report


@pytest.fixture
def screen(browser, request):
    """Open a window on an address: `screen(address)`. Its errors and foreign requests are recorded."""
    opened = []

    def look_at(address, **options):
        opened.append(new_window(browser, address, **options))
        note_window(request.node, opened[-1])
        return opened[-1]

    yield look_at
    for window in opened:
        window.page.context.close()


def note_window(item, window):
    """Note that a test looks at this window; what it shows is reported with a failure."""
    item.windows = [*getattr(item, "windows", ()), window]


def new_window(browser, address, **options):
    """Open a window on an address, with nothing in it yet."""
    return Screen(browser.new_context(**WINDOW, **options).new_page(), address)


@pytest.fixture(scope="package")
def kept_windows(browser):
    """The windows that stay open from one test to the next, by their address.

    Whoever ends a server before the folder's tests are over closes the window on it.
    """
    kept = {}
    yield kept
    for address in list(kept):
        close_kept(kept, address)


def close_kept(kept_windows, address):
    """Close the window that was kept open on an address, if there is one."""
    if address in kept_windows:
        kept_windows.pop(address).page.context.close()


@pytest.fixture
def kept_screen(browser, kept_windows, request):
    """Give the window on an address that tests share, with the app loaded in it.

    To load the app costs more than most tests do in it. A window in which a test failed is not kept.
    """
    used = []

    def look_at(address):
        if address not in kept_windows:
            kept_windows[address] = new_window(browser, address)
            kept_windows[address].page.goto(f"{address}/runs")
        window = kept_windows[address]
        used.append(address)
        note_window(request.node, window)
        window.settle()
        for noted in (window.dialogs, window.foreign_requests):
            noted.clear()
        return window

    yield look_at
    for address in used if getattr(request.node, "has_failed", False) else ():
        close_kept(kept_windows, address)
