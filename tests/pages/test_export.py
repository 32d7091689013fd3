"""Export from Explore: written in the background, offered with its card, gone when removed."""

from __future__ import annotations

import gzip
import json
import threading

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.exports import exports_folder, list_exports
from xlam_backend.explore.search import find_trajectories
from xlam_backend.owner.background import background, start_work
from xlam_backend.owner.export_work import start_export


def wait_for_all_before():
    """Wait until everything taken on so far has ended: work is done in its order."""
    reached = threading.Event()
    work_id = start_work("nothing", lambda *_: reached.set())
    assert reached.wait(60)
    background().forget(work_id, person=A_RESEARCHER)


def status_of(work_id):
    return next(one for one in background().statuses() if one.work_id == work_id)


def test_a_view_is_written_offered_and_removed(demo_pages, demo_store):
    wanted = Filters(check="argument_type", level="fix")
    total = find_trajectories(demo_store, wanted).total
    assert demo_pages.open("explore", check="argument_type", level="fix") == "Explore"
    demo_pages.button(f"Write {total} trajectories").click().run()
    wait_for_all_before()
    (export,) = list_exports(exports_folder(demo_store.folder))
    lines = gzip.decompress(export.data.read_bytes()).decode().splitlines()
    assert len(lines) == total
    assert all("query" in json.loads(line) for line in lines)
    assert export.card.is_file()

    demo_pages.open("explore")
    assert export.name in demo_pages.words
    demo_pages.button("Remove").click().run()
    assert list_exports(exports_folder(demo_store.folder)) == ()
    assert not export.card.exists()


def test_an_export_that_is_stopped_leaves_nothing(demo_store):
    release = threading.Event()
    start_work("wait", lambda *_: release.wait(60))
    work_id = start_export(Filters(), form="unified_2", packed=False, person=A_RESEARCHER)
    background().stop(work_id, person=A_RESEARCHER)
    release.set()
    wait_for_all_before()
    assert status_of(work_id).state == "stopped"
    assert list_exports(exports_folder(demo_store.folder)) == ()


@pytest.fixture(autouse=True)
def nothing_left():
    """What a test started is forgotten when it ends."""
    yield
    for status in background().statuses():
        background().forget(status.work_id, person=A_RESEARCHER)
