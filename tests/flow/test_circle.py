"""The whole circle on the demo data: import, check, mend, export, import again, and all of it undone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.explore.overview import read_overview
from xlam_backend.explore.search import find_trajectories
from xlam_backend.exports.export import export_trajectories
from xlam_backend.flow import ImportOptions, import_and_check
from xlam_backend.repair import apply_family, list_acts, undo
from xlam_backend.store.connection import Store
from xlam_backend.store.family_list import count_families

UNIFIED = ("unified_1", "unified_2")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def store(demo_data):
    store = Store.open(demo_data)
    yield store
    store.close()


@pytest.fixture
def second_store(tmp_path):
    store = Store.open(tmp_path / "second")
    yield store
    store.close()


def totals(store):
    return read_overview(store).totals


def mend_everything(store):
    """Mend family after family, the largest first, until none can be mended; return what was refused."""
    refused = set()
    while families := [
        f.family for f in count_families(store, Filters(), most=1000) if f.family not in refused
    ]:
        report = apply_family(store, families[0], person=A_RESEARCHER, now=NOW)
        refused |= {families[0]} if report.left_out_count else set()
    return refused


def test_mending_everything_lowers_what_is_flagged_and_can_be_taken_back(store):
    before = totals(store)
    flagged = {row.trajectory_id for row in find_all(store, Filters(level="flagged"))}
    refused = mend_everything(store)
    after = totals(store)
    assert 0 < after.flagged_count < before.flagged_count
    assert after.trajectory_count == before.trajectory_count
    assert after.fixed_count > 0
    assert after.fixable_count <= before.fixable_count * bool(refused)
    # Mending makes nobody worse: whoever is flagged now was flagged before.
    assert {row.trajectory_id for row in find_all(store, Filters(level="flagged"))} < flagged
    for act in list_acts(store, limit=10_000):
        undo(store, act.act_no, person=A_RESEARCHER, now=NOW)
    assert totals(store) == before


@pytest.mark.parametrize("form", UNIFIED)
def test_what_is_exported_clean_is_clean_where_it_is_imported(store, second_store, tmp_path, form):
    mend_everything(store)
    clean = find_trajectories(store, Filters(level="clean")).total
    report = export_trajectories(
        store, Filters(level="clean"), tmp_path / "clean.jsonl", form=form, now=NOW, person=A_RESEARCHER
    )
    imported = import_and_check(
        second_store, report.data_file, now=NOW, options=ImportOptions(importer=form), person=A_RESEARCHER
    ).imported
    assert (imported.kept_count, imported.rejected_count) == (clean, 0)
    assert totals(second_store).flagged_count == 0


def test_a_stopped_check_goes_on_where_it_stopped(store, second_store, tmp_path):
    report = export_trajectories(
        store, Filters(), tmp_path / "all.jsonl", form="unified_1", now=NOW, person=A_RESEARCHER
    )
    asked = []

    def stop_after_the_import():
        asked.append(totals(second_store).dataset_count)
        return asked[-1] > 0

    stopped = import_and_check(
        second_store, report.data_file, now=NOW, should_stop=stop_after_the_import, person=A_RESEARCHER
    )
    assert stopped.imported.kept_count > 0
    again = import_and_check(second_store, report.data_file, now=NOW, person=A_RESEARCHER)
    assert again.imported.new_count == 0
    assert totals(second_store).unchecked_count == 0


def find_all(store, filters):
    return find_trajectories(store, filters, page_size=100_000).rows
