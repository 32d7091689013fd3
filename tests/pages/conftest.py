"""Pages run without a browser, always through the router, as Streamlit runs them."""

from __future__ import annotations

import html
import re
import shutil
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.manifest_scanner import scan_component_manifests
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from pages.parts.guard import INTERNAL_ERROR
from xlam_backend.owner.app import app_store, release_app_store

ROUTER = "pages/router.py"
SECONDS = 60


class Pages:
    """The app as one session sees it."""

    def __init__(self, root):
        self.app = AppTest.from_file(str(root / ROUTER), default_timeout=SECONDS)

    def open(self, script="", **params):
        """Run a page by the name of its script ("" = the first); returns the title that was reached.

        Pages outside data/ are named with their folder: "review/desk".
        """
        self.app.query_params.clear()
        if script:
            self.app.switch_page(f"{script if '/' in script else f'data/{script}'}.py")
        for name, value in params.items():
            self.app.query_params[name] = value
        self.app.run()
        return self.title

    def take_name(self, name):
        """Work under a name of one's own from here on: an annotator, until a role is given."""
        self.app.text_input(key="typed_name").set_value(name).run()
        self.app.button(key="use_name").click().run()

    @property
    def title(self):
        """The title of the page that was reached, whole."""
        assert not self.app.exception, self.app.exception
        assert INTERNAL_ERROR not in self.html
        return self.app.title[0].value

    @property
    def html(self):
        """Everything the page drew as HTML, the style sheet left out."""
        bodies = [element.proto.body for element in self.app.get("html")]
        return "\n".join(body for body in bodies if not body.startswith("<style>"))

    @property
    def words(self):
        """The words of that HTML."""
        return " ".join(html.unescape(re.sub("<[^>]+>", " ", self.html)).split())

    def fact(self, label):
        """The number of the card with this label."""
        found = re.search(rf"<b>([\d,]+)</b><span>{label}</span>", self.html)
        assert found, label
        return int(found[1].replace(",", ""))

    def button(self, label):
        """The first button whose label begins with these words."""
        return next(button for button in self.app.button if button.label.startswith(label))


@pytest.fixture(autouse=True, scope="session")
def look_through_the_packages_once():
    """Each AppTest would read the description of every installed package, as an app does at its start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def compile_each_page_once():
    """Each run of an AppTest would parse the router and its page anew; an app does it once."""
    with pytest.MonkeyPatch.context() as patch:
        compiled = local_script_runner.ScriptCache()
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(autouse=True, scope="session")
def wait_for_the_end_of_a_run():
    """An AppTest looks a thousand times a second whether its page has been drawn: let it sleep until then."""
    look = local_script_runner.require_widgets_deltas

    def wait(runner, timeout):
        runner._script_thread.join(timeout)
        look(runner, timeout=1 if runner.script_stopped() else 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(autouse=True)
def leave_empty(request, monkeypatch):
    """A store that a test does not fill stays empty; no store outlives its test, or those that only look."""
    monkeypatch.setenv("XLAM_DEMO", "no")
    yield
    if "folder_to_look_at" not in request.fixturenames:
        release_app_store()


@pytest.fixture(scope="module")
def folder_to_look_at(demo_template, tmp_path_factory):
    """A folder with the demo data that is opened once for all tests of a file."""
    folder = tmp_path_factory.mktemp("looked-at") / "store"
    shutil.copytree(demo_template, folder)
    yield folder
    release_app_store()


@pytest.fixture
def data_to_look_at(folder_to_look_at, monkeypatch):
    """The demo data, for files whose tests change nothing in it: there it is called `demo_data`."""
    monkeypatch.setenv("XLAM_DATA_DIR", str(folder_to_look_at))
    return folder_to_look_at


@pytest.fixture
def pages(root):
    """The app, not run yet."""
    return Pages(root)


@pytest.fixture
def demo_pages(demo_data, root):
    """The app with the demo data."""
    return Pages(root)


@pytest.fixture
def demo_store(demo_data):
    """The store behind `demo_pages`."""
    return app_store()
