"""The log: every act in the transaction that does it, filtered, paged, for admins, never the data."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN, AN_ANNOTATOR
from xlam_backend.access.audit import AuditFilters, list_audit_people, read_audit
from xlam_backend.errors import AccessDeniedError
from xlam_backend.store.audit import MOST_DETAIL_TEXT, write_audit
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


def log(store, person, action, subject, **detail):
    with store.write() as cursor:
        return write_audit(cursor, store, person, action, subject, detail, now=NOW)


def test_an_entry_is_as_it_was_written(store):
    number = log(store, A_RESEARCHER, "import", "dataset demo", kept=3, source="a.jsonl", forced=True)
    (row,) = read_audit(store, AuditFilters(), person=AN_ADMIN).rows
    assert (row.audit_no, row.person, row.role) == (number, "rita", "researcher")
    assert (row.action, row.subject) == ("import", "dataset demo")
    assert json.loads(row.detail) == {"kept": 3, "source": "a.jsonl", "forced": True}


def fail_in_the_middle(store):
    with store.write() as cursor:
        write_audit(cursor, store, A_RESEARCHER, "fix", "act 1", {}, now=NOW)
        raise ZeroDivisionError


def test_an_act_that_fails_leaves_no_entry(store):
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(store)
    assert read_audit(store, AuditFilters(), person=AN_ADMIN).total == 0


def test_long_texts_are_cut(store):
    log(store, A_RESEARCHER, "import", "s" * 9_000, source="d" * 9_000, many=["x" * 9_000])
    (row,) = read_audit(store, AuditFilters(), person=AN_ADMIN).rows
    assert len(row.subject) == MOST_DETAIL_TEXT
    assert {len(value) for value in json.loads(row.detail).values()} == {MOST_DETAIL_TEXT}


@pytest.mark.parametrize(
    ("filters", "subjects"),
    [
        (AuditFilters(), ["queue 2", "dataset B", "dataset a"]),
        (AuditFilters(person="rita"), ["dataset B", "dataset a"]),
        (AuditFilters(action="review"), ["queue 2"]),
        (AuditFilters(text="DATASET"), ["dataset B", "dataset a"]),
        (AuditFilters(text="train.jsonl"), ["dataset a"]),
        (AuditFilters(person="rita", text="queue"), []),
        (AuditFilters(text="%"), []),
    ],
)
def test_filters_narrow_it(store, filters, subjects):
    log(store, A_RESEARCHER, "import", "dataset a", source="train.jsonl")
    log(store, A_RESEARCHER, "import", "dataset B")
    log(store, AN_ANNOTATOR, "review", "queue 2")
    found = read_audit(store, filters, person=AN_ADMIN)
    assert ([row.subject for row in found.rows], found.total) == (subjects, len(subjects))


def test_it_comes_in_pages_the_newest_first(store):
    for number in range(7):
        log(store, A_RESEARCHER, "fix", f"act {number}")
    second = read_audit(store, AuditFilters(), person=AN_ADMIN, page=2, page_size=3)
    assert ([row.subject for row in second.rows], second.total) == (["act 3", "act 2", "act 1"], 7)
    assert read_audit(store, AuditFilters(), person=AN_ADMIN, page=9, page_size=3).rows == ()


@pytest.mark.parametrize("person", [AN_ANNOTATOR, A_RESEARCHER])
def test_it_is_for_admins(store, person):
    with pytest.raises(AccessDeniedError):
        read_audit(store, AuditFilters(), person=person)
    with pytest.raises(AccessDeniedError):
        list_audit_people(store, person=person)
