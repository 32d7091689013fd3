"""The exports in a data folder: safe and free names, a list of what is finished, removal."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import NotFoundError
from xlam_backend.exports.folder import exports_folder, list_exports, new_target, remove_export
from xlam_backend.exports.plan import ExportPlan
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOSTILE = ["../../etc/passwd", "a/b\\c", "<img src=x>", "..", "x" * 500, "dör\x00\u202e", "-rf", "a\nb"]


EVERYTHING = Filters()


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


def target(folder, filters=EVERYTHING, packed=False):
    plan = ExportPlan("unified_1", filters=filters, ending=".jsonl.gz" if packed else ".jsonl")
    return new_target(folder, plan, now=NOW)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_data_stays_in_the_folder(tmp_path, name):
    path = target(tmp_path, Filters(dataset=name))
    assert path.parent == tmp_path
    assert path.name.isascii()
    assert not set(path.name) & set("/\\<> \n\x00")
    assert not path.name.startswith((".", "-"))
    assert len(path.name) < 160
    path.write_text("{}")
    assert [export.name for export in list_exports(tmp_path)] == [path.name]


def test_a_name_that_is_taken_is_not_given_again(tmp_path):
    names = []
    for packed in (False, True, False):
        path = target(tmp_path, packed=packed)
        path.write_text("{}")
        names.append(path.name)
    assert names == [
        "store-unified_1-20260102-030405.jsonl",
        "store-unified_1-20260102-030405-2.jsonl.gz",
        "store-unified_1-20260102-030405-3.jsonl",
    ]


def test_only_finished_exports_are_listed_the_newest_first(tmp_path):
    folder = exports_folder(tmp_path)
    assert list_exports(folder) == ()
    folder.mkdir()
    for age, name in enumerate(
        ("new.jsonl", "old.jsonl.gz", ".half.jsonl.part", "old.card.md", "old.not-written.jsonl")
    ):
        (folder / name).write_text(name)
        os.utime(folder / name, (1_000 - age, 1_000 - age))
    found = list_exports(folder)
    assert [(export.name, export.card.name, export.byte_count) for export in found] == [
        ("new.jsonl", "new.card.md", 9),
        ("old.jsonl.gz", "old.card.md", 12),
    ]


def test_an_export_is_removed_with_its_card_and_nothing_else(store):
    folder = exports_folder(store.folder)
    folder.mkdir()
    beside = (folder / "a.card.md", folder / "a.not-written.jsonl")
    for path in (folder / "a.jsonl", *beside, folder / "b.jsonl", store.folder / "c.jsonl"):
        path.write_text("{}")
    remove_export(store, "a.jsonl", person=A_RESEARCHER, now=NOW)
    assert {path.name for path in folder.iterdir()} == {"b.jsonl"}
    for name in ("a.jsonl", "../c.jsonl", ""):
        with pytest.raises(NotFoundError):
            remove_export(store, name, person=A_RESEARCHER, now=NOW)
    assert (store.folder / "c.jsonl").exists()
