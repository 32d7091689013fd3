"""Fixtures, options and rules that every test shares."""

from __future__ import annotations

import os
import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from tests.builders import AN_ADMIN
from tests.chromium import ARGUMENTS, find_chromium, install_command
from xlam_backend.flow import fill_with_demo_data
from xlam_backend.settings import database_file
from xlam_backend.store import connection
from xlam_backend.store.connection import Store

ROOT = Path(__file__).resolve().parent.parent
STORE_TESTS = ROOT / "tests" / "store"
# Tests start hundreds of processes: each would compile the project anew where nothing is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
NO_CHROMIUM = "no Chromium was found"

# Machines differ in speed, so no example has a deadline; a failing example prints how to repeat it.
hypothesis.settings.register_profile(
    "project", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("project")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="Write the golden files anew.")
    parser.addoption("--order-seed", type=int, default=None, help="Shuffle the tests with this seed.")


def pytest_report_header(config):
    seed = config.getoption("order_seed")
    return None if seed is None else f"test order: --order-seed={seed}"


def pytest_collection_modifyitems(config, items):
    missing = _missing_shared_data()
    no_chromium = "" if find_chromium() else f"{NO_CHROMIUM}; install it: {install_command()}"
    for item in items:
        if missing and (item.get_closest_marker("shared_data") or "shared_data" in item.fixturenames):
            item.add_marker(pytest.mark.skip(reason=missing))
        if no_chromium and (item.get_closest_marker("browser") or "chromium" in item.fixturenames):
            item.add_marker(pytest.mark.skip(reason=no_chromium))
    seed = config.getoption("order_seed")
    if seed is not None:
        items[:] = _shuffled(items, random.Random(seed))


def pytest_terminal_summary(terminalreporter):
    """Say loudly when the browser tests did not run: a green line alone would hide it."""
    reports = terminalreporter.stats.get("skipped", [])
    skipped = [report for report in reports if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.section("BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests were skipped: {NO_CHROMIUM}. This command installs one:")
        terminalreporter.line(f"    {install_command()}", bold=True)


def _shuffled(items, generator):
    # Whole files are shuffled, and the tests inside each: what a file sets up once is not made over and over.
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = list(files)
    generator.shuffle(order)
    # Browser files take longest: begun last, they would keep one worker busy when the others are done.
    order.sort(key=lambda path: -len(files[path]) if path.parent.name == "browser" else 0)
    for tests in files.values():
        generator.shuffle(tests)
    return [item for path in order for item in files[path]]


def _shared_data_folder():
    given = os.environ.get("XLAM_SHARED_DIR", "")
    return Path(given).expanduser() if given else ROOT.parent / "shared" / "data"


def _missing_shared_data():
    folder = _shared_data_folder()
    if (folder / "raw").is_dir():
        return ""
    return f"No public data sets at {folder}; set XLAM_SHARED_DIR to the folder that holds raw/ and bfcl/."


@pytest.fixture(scope="session")
def root():
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data():
    """The folder of the public data sets (raw/, bfcl/); tests that use it are skipped where it is missing."""
    return _shared_data_folder()


@pytest.fixture(scope="session")
def chromium():
    """How to launch a real Chromium: `playwright.chromium.launch(**chromium)`."""
    return {"executable_path": find_chromium(), "args": list(ARGUMENTS)}


@pytest.fixture
def update_golden(request):
    """Whether golden files are to be written anew (`--update-golden`)."""
    return request.config.getoption("update_golden")


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    """A folder of its own as XLAM_DATA_DIR, not made yet, so that no test can touch a person's store."""
    folder = tmp_path / "store"
    monkeypatch.setenv("XLAM_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory):
    """The file of a store that was just made; copy it, do not open it."""
    folder = tmp_path_factory.mktemp("empty") / "store"
    Store.open(folder).close()
    return database_file(folder)


@pytest.fixture(autouse=True)
def new_stores_are_copied(request, monkeypatch, empty_template):
    """Hundreds of tests begin with a new store: its tables are made once, and copied from there.

    The tests of the store itself make it each time.
    """
    if STORE_TESTS in request.path.parents:
        return
    connect = connection._connect

    def copy_and_connect(folder):
        if database_file(folder).exists():
            return connect(folder)
        shutil.copyfile(empty_template, database_file(folder))
        opened = connect(folder)
        opened.execute("UPDATE store_identity SET store_id = CAST(uuid() AS VARCHAR)")
        return opened

    monkeypatch.setattr(connection, "_connect", copy_and_connect)


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory):
    """A folder with the store as it is after the first start; copy it, do not open it."""
    folder = tmp_path_factory.mktemp("demo") / "store"
    store = Store.open(folder)
    fill_with_demo_data(store, now=datetime(2026, 1, 1, tzinfo=UTC), person=AN_ADMIN)
    store.close()
    return folder


@pytest.fixture
def demo_data(demo_template, data_folder):
    """The data folder with the demo data in it; ask for it before whatever opens the store."""
    shutil.copytree(demo_template, data_folder)
    return data_folder
