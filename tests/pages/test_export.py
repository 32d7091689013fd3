"""Exports: started from Explore's link or the page itself, written in a run, offered with card and list."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.unit.activities.conftest import end_all_runs
from xlam_backend.activities import manager
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.search import find_trajectories
from xlam_backend.exports import EXPORT_FORMATS
from xlam_backend.exports.folder import exports_folder, list_exports


@pytest.fixture(autouse=True)
def nothing_left(data_folder):
    """What a test started is ended with it."""
    yield
    end_all_runs(data_folder)


def finish_runs(store):
    (status,) = manager.list_runs(store.folder)
    return manager.wait_for_run(store, status.run_id)


def test_a_view_is_written_offered_and_removed(demo_pages, demo_store):
    wanted = Filters(check="argument_type", level="fix")
    total = find_trajectories(demo_store, wanted).total
    assert demo_pages.open("shape/exports", check="argument_type", level="fix", new="view") == "Exports"
    assert f"{total} match." in demo_pages.words
    demo_pages.button("Export").click().run()
    assert finish_runs(demo_store).outcome["rows"] == total
    (export,) = list_exports(exports_folder(demo_store.folder))
    lines = gzip.decompress(export.data.read_bytes()).decode().splitlines()
    assert len(lines) == total
    assert all("query" in json.loads(line) for line in lines)

    demo_pages.open("shape/exports")
    assert export.name in demo_pages.words
    demo_pages.button("Remove").click().run()
    assert list_exports(exports_folder(demo_store.folder)) == ()
    assert not export.card.exists()


def test_the_address_chooses_the_format_and_what_it_refuses_lies_beside_it(demo_pages, demo_store):
    demo_pages.open("shape/exports", format="xlam_60k")
    demo_pages.button("Export").click().run()
    status = finish_runs(demo_store)
    (export,) = list_exports(exports_folder(demo_store.folder))
    assert "xlam_60k" in export.name
    refused = export.refused.read_text().splitlines()
    assert len(refused) + status.outcome["records"] == status.outcome["rows"]
    assert len(refused) == sum(status.outcome["not written"].values()) > 0


@pytest.mark.parametrize("form", [form for form in EXPORT_FORMATS if form.subject == "trajectory"])
def test_each_format_says_what_it_cannot_hold(demo_pages, form):
    demo_pages.open("shape/exports", format=form.name)
    for what in (*form.cannot_hold, *form.leaves_out):
        assert what in demo_pages.words
    assert demo_pages.button("Export").disabled == form.needs_tokenizer


def test_without_a_release_or_pairs_the_page_says_what_to_do(demo_pages):
    demo_pages.open("shape/exports", origin="release")
    assert "No release is frozen yet" in demo_pages.words
    assert demo_pages.button("Export").disabled
    demo_pages.open("shape/exports", origin="pairs")
    assert "0 of 0 pairs count" in demo_pages.words
    assert demo_pages.button("Export").disabled


def test_an_annotator_is_told_which_role_it_takes(demo_pages):
    demo_pages.open("shape/exports")
    demo_pages.take_name("ann")
    assert "takes the role researcher" in demo_pages.words
    assert not [button for button in demo_pages.app.button if button.label == "Export"]


def test_explore_leads_to_the_form_filled_in(demo_pages):
    demo_pages.open("explore", dataset="help_desk_unified_2")
    links = [link.proto for link in demo_pages.app.get("page_link")]
    (out,) = [link for link in links if link.label == "Export these"]
    assert "dataset=help_desk_unified_2" in out.query_string
