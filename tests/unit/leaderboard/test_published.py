"""Published tables: recognised, read with every fault named, kept with source, date and hash."""

import hashlib

import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.unit.leaderboard.conftest import NOW, v4_csv, v4_line
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, SourceUnreadableError
from xlam_backend.leaderboard.published import put_back_published, remove_published
from xlam_backend.leaderboard.published_csv import date_in_name, read_published_csv
from xlam_backend.store.audit import AuditFilters, read_audit
from xlam_backend.store.published import list_published_tables, read_published_rows


def test_a_table_is_kept_with_source_date_and_hash(store, publish):
    content = v4_csv(v4_line("m", "56.00%"))
    told = publish(content)
    [table] = list_published_tables(store)
    assert told.table == table
    assert (table.version, table.part, table.source, table.source_date) == (
        "v4", "overall", "a leaderboard", "2025-12-16",
    )  # fmt: skip
    assert table.file_hash == hashlib.sha256(content).hexdigest()
    [row] = read_published_rows(store, "v4")
    assert row.scores["overall"] == 56
    assert row.licence == "MIT"
    [entry] = [
        row for row in read_audit(store, AuditFilters(), first=0, count=9).rows if row.action == "evaluate"
    ]
    assert "published table 1" in entry.subject


def test_the_same_bytes_count_once(store, publish):
    first = publish(v4_csv(v4_line("m", "56.00%")))
    again = publish(v4_csv(v4_line("m", "56.00%")))
    assert again.is_known
    assert again.table == first.table
    assert len(list_published_tables(store)) == 1


def test_what_was_removed_can_be_put_back(store, publish):
    number = publish(v4_csv(v4_line("m", "56.00%"))).table.table_no
    remove_published(store, number, person=A_RESEARCHER, now=NOW)
    assert not list_published_tables(store)
    assert not read_published_rows(store, "v4")
    assert [table.table_no for table in list_published_tables(store, removed=True)] == [number]
    put_back_published(store, number, person=A_RESEARCHER, now=NOW)
    assert len(read_published_rows(store, "v4")) == 1
    remove_published(store, number, person=A_RESEARCHER, now=NOW)
    assert publish(v4_csv(v4_line("m", "56.00%"))).is_known
    assert len(read_published_rows(store, "v4")) == 1


def test_only_who_may_evaluate_reads_in_and_removes(store, publish):
    with pytest.raises(AccessDeniedError):
        publish(v4_csv(v4_line("m", "56.00%")), person=AN_ANNOTATOR)
    with pytest.raises(AccessDeniedError):
        remove_published(store, 1, person=AN_ANNOTATOR, now=NOW)
    with pytest.raises(NotFoundError):
        remove_published(store, 7, person=A_RESEARCHER, now=NOW)


def test_faults_of_lines_are_named_and_the_rest_is_read(publish):
    content = v4_csv(
        v4_line("m", "56.00%"),
        v4_line("m", "57.00%"),
        v4_line("", "58.00%"),
        v4_line("n", "much"),
        v4_line("o", "101%"),
    )
    told = publish(content)
    assert {fault.line: fault.words.split(" ")[0] for fault in told.table.faults} == {
        3: "'m'", 4: "no", 5: "Overall", 6: "Overall",
    }  # fmt: skip
    assert told.table.row_count == 3


def test_a_sum_that_its_parts_do_not_come_to_is_named(publish):
    told = publish(v4_csv(v4_line("right", "56.00%"), v4_line("wrong", "66.00%")))
    assert [(fault.model, fault.column) for fault in told.sum_faults] == [("wrong", "overall")]
    assert told.sum_faults[0].computed == pytest.approx(56)


def test_a_source_and_a_date_are_needed(publish):
    content = v4_csv(v4_line("m", "56.00%"))
    with pytest.raises(InputError, match="who published"):
        publish(content, source="  ")
    with pytest.raises(InputError, match="date"):
        publish(content, "overall.csv")
    with pytest.raises(InputError, match="no date"):
        publish(content, "overall.csv", source_date="yesterday")
    assert publish(content, "overall.csv", source_date="2025-12-16").table.source_date == "2025-12-16"


def test_heads_of_two_versions_need_a_word():
    content = (
        b"Rank,Model,Multi Turn Overall Acc,Base,Miss Func,Miss Param,Long Context\n1,m,1%,1%,1%,1%,1%\n"
    )
    with pytest.raises(InputError, match="v3 and v4"):
        read_published_csv(content, "data_multi_turn.csv")
    assert read_published_csv(content, "data_multi_turn.csv", version="v4").version == "v4"
    assert read_published_csv(content, "v3_2025-06-14_multi_turn.csv").version == "v3"
    with pytest.raises(InputError, match="not of v1"):
        read_published_csv(content, "x.csv", version="v1")


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b'"open', b"Model,Overall Acc,AST Summary\n"]
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(SourceUnreadableError):
        read_published_csv(content, "x.csv")


def test_a_column_that_stands_twice_is_refused():
    content = b"Model,Overall Acc,Overall Acc,Live Acc,Multi Turn Acc,Web Search Acc\nm,1%,2%,3%,4%,5%\n"
    with pytest.raises(SourceUnreadableError, match="'Overall Acc' stands in"):
        read_published_csv(content, "x.csv")


def test_unknown_heads_are_said(publish):
    heads, *lines = v4_csv(v4_line("m", "56.00%")).decode().splitlines()
    content = "\n".join((heads + ",Vibes", *(line + ",99" for line in lines))).encode()
    assert publish(content).ignored_heads == ("Vibes",)


def test_a_date_stands_in_a_name():
    assert date_in_name("bfcl_20240829.csv") == "2024-08-29"
