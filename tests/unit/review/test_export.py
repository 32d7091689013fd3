"""Verdicts, pairs and the log as files: the same rows in every form, whole or absent, no formulas."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN, AN_ANNOTATOR, a_call, a_trajectory
from xlam_backend.access.audit import AuditFilters, read_audit
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.errors import AccessDeniedError, SettingError, StoppedError
from xlam_backend.flow import check_all
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.export import COLUMNS, NEEDED_ACTION, REVIEW_FORMS, REVIEW_TABLES, export_review
from xlam_backend.review.queues import create_queue
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.store.pairs import write_pairs

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://evil.example","click")'
HOSTILE = ["+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '"; DROP TABLE', "a\nb,c", "<script>", "\u202eabc"]


@pytest.fixture
def store(tmp_path):
    """Two flagged records in a queue, with one answer each by two people and a pair."""
    opened = Store.open(tmp_path / "opened", now=NOW)
    builder = ChunkBuilder()
    for line, city in enumerate(("Oslo", "Rome"), 1):
        builder.add(a_trajectory([a_call(city=city, days="3")], query=f"{city}, 3 days"), city, "a", line, "")
    builder.record_count = 2
    with Ingest(opened, NewDataset("weather", importer="made up"), now=NOW) as ingest:
        ingest.add(builder.build())
    check_all(opened, person=A_RESEARCHER, now=NOW)
    plan = QueuePlan(FORMULA, "finding", checks=("argument_type",), overlap=2)
    queue_no = create_queue(opened, plan, person=A_RESEARCHER, now=NOW)
    answer(opened, queue_no, "ann", FORMULA)
    answer(opened, queue_no, "bob", "".join(HOSTILE))
    with opened.write() as cursor:
        sides = PairSide(FORMULA, (a_call(),)), PairSide("", ())
        write_pairs(
            cursor, opened, [Pair(0, 1, 1, 0, 0, "generated", *sides, "missing call", False, 1.5, NOW)]
        )
    yield opened
    opened.close()


def answer(store, queue_no, name, note):
    person = Person(name, "annotator")
    for claim in claim_items(store, queue_no, person=person, count=2, now=NOW):
        draft = VerdictDraft(f"{name}-{claim.item_no}", claim.item_no, claim.lease, "agree", "fix", note=note)
        receipt = submit_verdict(store, draft, person=person, now=NOW + timedelta(seconds=9))
        assert receipt.state == "stored"


def export(store, tmp_path, table, form, **more):
    target = tmp_path / f"{table}.{form}"
    report = export_review(store, table, target, person=AN_ADMIN, now=NOW, **more)
    return report, target


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", REVIEW_TABLES)
def test_every_form_holds_the_same_rows(store, tmp_path, table):
    names = [column.name for column in COLUMNS[table]]
    lines = read_jsonl(export(store, tmp_path, table, "jsonl")[1])
    again = read_jsonl(export(store, tmp_path, table, "jsonl")[1])
    assert len(lines) >= 1
    assert all(list(line) == names for line in lines)
    parquet = pq.read_table(export(store, tmp_path, table, "parquet")[1])
    cells = read_csv(export(store, tmp_path, table, "csv")[1])
    assert parquet.column_names == list(cells[0]) == names
    rows = parquet.to_pylist()
    if table != "audit":  # the log grows with every export
        assert lines == again
    for line, row, cell in zip(lines, rows, cells, strict=False):
        assert line[names[0]] == row[names[0]] == int(cell[names[0]])
        assert line.get("note") == row.get("note")
        assert line.get("person") == row.get("person") == cell.get("person")


def test_a_verdict_says_what_was_reviewed_and_what_was_decided(store, tmp_path):
    rows = read_jsonl(export(store, tmp_path, "verdicts", "jsonl")[1])
    assert len(rows) == 4
    first = rows[0]
    assert (first["person"], first["flag"], first["disposition"], first["note"]) == (
        "ann",
        "agree",
        "fix",
        FORMULA,
    )
    assert (first["queue"], first["check"], first["dataset"]) == (FORMULA, "argument_type", "weather")
    assert (first["final_flag"], first["final_disposition"], first["decided_by"]) == (
        "agree",
        "fix",
        "agreement",
    )
    assert first["inclusion_probability"] == 1
    assert first["counts"]
    assert first["evidence"] == {}
    assert first["decided_at"] == "2026-01-01T00:00:09Z"


def test_pairs_carry_their_sides_as_values(store, tmp_path):
    (row,) = read_jsonl(export(store, tmp_path, "pairs", "jsonl")[1])
    assert row["chosen"]["thought"] == FORMULA
    assert row["chosen"]["tool_calls"][0]["arguments"] == {"city": "Oslo"}
    assert (row["reason"], row["margin"], row["verdict_count"], row["preference"]) == (
        "missing call",
        1.5,
        0,
        "",
    )
    assert read_jsonl(export(store, tmp_path, "pairs", "jsonl", queue_no=1)[1]) == []


def test_no_cell_of_a_csv_begins_a_formula(store, tmp_path):
    cells = [cell for row in read_csv(export(store, tmp_path, "verdicts", "csv")[1]) for cell in row.values()]
    assert f"'{FORMULA}" in cells
    assert [cell for cell in cells if cell.startswith(tuple("=+@\t\r＝"))] == []
    assert [cell for cell in cells if cell.startswith("-") and cell != "-1"] == []  # -1: a number of ours


def test_one_queue_can_be_asked_for(store, tmp_path):
    assert export(store, tmp_path, "verdicts", "jsonl", queue_no=1)[0].row_count == 4
    assert export(store, tmp_path, "verdicts", "jsonl", queue_no=2)[0].row_count == 0


@pytest.mark.parametrize("form", REVIEW_FORMS)
def test_nothing_is_a_file_that_can_be_read(tmp_path, form):
    empty = Store.open(tmp_path / "empty")
    _, target = export(empty, tmp_path, "verdicts", form)
    names = [column.name for column in COLUMNS["verdicts"]]
    if form == "parquet":
        assert pq.read_table(target).column_names == names
    else:
        assert target.read_text().strip() == ("" if form == "jsonl" else ",".join(names))
    empty.close()


def test_progress_is_told(store, tmp_path):
    told = []
    export(store, tmp_path, "verdicts", "csv", progress=told.append)
    assert told == [4]


@pytest.mark.parametrize("form", REVIEW_FORMS)
def test_a_stopped_export_leaves_nothing(store, tmp_path, form):
    with pytest.raises(StoppedError):
        export(store, tmp_path, "verdicts", form, should_stop=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["opened"]
    assert read_audit(store, AuditFilters(action="export"), person=AN_ADMIN).total == 0


def test_an_export_stands_in_the_log_with_its_hash(store, tmp_path):
    report, _ = export(store, tmp_path, "verdicts", "csv")
    (row,) = read_audit(store, AuditFilters(action="export"), person=AN_ADMIN).rows
    assert row.subject == "verdicts as verdicts.csv"
    assert json.loads(row.detail) == {"rows": 4, "queue_no": 0, "sha256": report.sha256}


def test_another_ending_is_refused(store, tmp_path):
    with pytest.raises(SettingError, match="xlsx"):
        export(store, tmp_path, "verdicts", "xlsx")


@pytest.mark.parametrize(
    ("table", "person"),
    [
        ("verdicts", AN_ANNOTATOR),
        ("pairs", AN_ANNOTATOR),
        ("audit", AN_ANNOTATOR),
        ("audit", A_RESEARCHER),
    ],
)
def test_whoever_may_not_gets_nothing(store, tmp_path, table, person):
    with pytest.raises(AccessDeniedError, match=NEEDED_ACTION[table]):
        export_review(store, table, tmp_path / "out.csv", person=person, now=NOW)
    assert not (tmp_path / "out.csv").exists()
