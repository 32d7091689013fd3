"""Every kind of bad input, made by hand: no crash, no silent loss, file and line named."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.errors import InputError, SourceUnreadableError
from xlam_backend.importers.pipeline import import_source
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = {"id": 1, "query": "Hello", "answers": "[]", "tools": "[]"}
HTML = "<script>alert(1)</script> [x](javascript:alert(1)) **b** $x$ :red[y] \u202e\u0007\u001b[31m ![](http://x/y.png)"


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    opened = Store.open(tmp_path / "a store")
    yield opened
    opened.close()


def line(**fields) -> bytes:
    """A good line, with these fields changed."""
    return json.dumps({**GOOD, **fields}).encode()


def rejects(store):
    """File, line, reason and bytes of every reject."""
    with store.cursor() as cursor:
        return cursor.execute("SELECT file, line, reason, raw FROM reject ORDER BY file, line").fetchall()


DEEP = "[" * 1000 + "]" * 1000

BROKEN_LINES = {
    "NaN": (b'{"id": NaN, "query": "q", "answers": "[]", "tools": "[]"}', "NaN is not a JSON number"),
    "Infinity": (b'{"id": -Infinity, "query": "q", "answers": "[]", "tools": "[]"}', "Infinity"),
    "NaN inside": (line(answers='[{"name": "f", "arguments": {"a": NaN}}]'), "NaN is not a JSON number"),
    "too large": (line(answers='[{"name": "f", "arguments": {"a": 1e999}}]'), "too large"),
    "invalid UTF-8": (line(query="@").replace(b"@", b"\xff\xfe"), "not valid UTF-8: byte 0xff"),
    "duplicate keys": (line()[:-1] + b', "query": "again"}', "the key 'query' stands twice"),
    "duplicate keys inside": (line(tools='[{"name": "f", "name": "g"}]'), "the key 'name' stands twice"),
    "deep": (line()[:-1] + b', "x": ' + DEEP.encode() + b"}", "nested deeper"),
    "deep inside": (line(tools=DEEP), "nested deeper"),
    "no object": (b"[1, 2, 3]", "no JSON object"),
    "half a line": (line()[:30], "cut off"),
    "two records": (line() + b" " + line(), "text follows"),
    "byte order mark inside": (b"\xef\xbb\xbf" + line(), "not JSON"),
}


@pytest.mark.parametrize(("broken", "reason"), BROKEN_LINES.values(), ids=BROKEN_LINES.keys())
def test_a_broken_line_is_rejected_with_its_bytes_and_the_others_are_kept(store, tmp_path, broken, reason):
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(line(id=1) + b"\n" + line(id=2) + b"\r\n\r\n" + broken + b"\n" + line(id=3, query="Bye"))
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.record_count, report.kept_count, report.rejected_count) == (4, 3, 1)
    ((file, number, said, raw),) = rejects(store)
    assert (file, number, bytes(raw)) == ("mixed.jsonl", 4, broken)
    assert reason in said


@pytest.mark.parametrize(("broken", "reason"), BROKEN_LINES.values(), ids=BROKEN_LINES.keys())
def test_a_broken_item_of_a_list_does_not_take_the_whole_file(store, tmp_path, broken, reason):
    path = tmp_path / "mixed.json"
    path.write_bytes(
        b"[\n" + line(id=1) + b",\n" + line(id=2) + b",\n" + broken + b",\n" + line(id=3) + b"\n]"
    )
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert report.read_count == report.kept_count + report.rejected_count
    assert report.kept_count >= 2
    assert report.rejected_count >= 1 or broken.count(b"}{") or reason == "text follows"
    assert all((file, number >= 4) == ("mixed.json", True) for file, number, _, _ in rejects(store))


ODD_BUT_GOOD = {
    "byte order mark": b"\xef\xbb\xbf" + line(),
    "carriage returns": line() + b"\r\n\r\n",
    "300 KB line": line(query="x" * 300_000),
    "300 KB of quotes": line(query='"' * 150_000),
    "64-bit overflow": line(answers='[{"name": "f", "arguments": {"a": 123456789012345678901234567890}}]'),
    "lone surrogate": line(query="half \ud83d"),
    "lone surrogate inside": line(answers='[{"name": "f", "arguments": {"a": "\\ud83d"}}]'),
    "HTML and Markdown": line(query=HTML, tools=json.dumps([{"name": HTML, "description": HTML}])),
    "control characters": line(query="\u0000\u0007\u001b[31m\u202e"),
    "nesting of a hundred": line()[:-1] + b', "x": ' + b"[" * 95 + b"]" * 95 + b"}",
}


@pytest.mark.parametrize("name", ["lone surrogate", "lone surrogate inside"])
def test_a_repair_is_noted_on_the_trajectory(store, tmp_path, name):
    (tmp_path / "a.jsonl").write_bytes(ODD_BUT_GOOD[name] + b"\n" + line())
    import_source(store, tmp_path / "a.jsonl", now=NOW, person=A_RESEARCHER)
    with store.cursor() as cursor:
        extras = cursor.execute("SELECT extra FROM trajectory ORDER BY version_no").fetchall()
    assert extras == [('{"replaced_characters":1}',), ("{}",)]


@pytest.mark.parametrize("content", ODD_BUT_GOOD.values(), ids=ODD_BUT_GOOD.keys())
def test_odd_but_good_records_are_kept(store, tmp_path, content):
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.kept_count, report.rejected_count) == (1, 0)


def test_what_was_said_is_stored_to_the_letter(store, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(
        ODD_BUT_GOOD["64-bit overflow"] + b"\n" + ODD_BUT_GOOD["HTML and Markdown"]
    )
    import_source(store, tmp_path / "a.jsonl", now=NOW, person=A_RESEARCHER)
    with store.cursor() as cursor:
        assert cursor.execute("SELECT arguments FROM tool_call").fetchall() == [
            ('{"a":123456789012345678901234567890}',)
        ]
        assert cursor.execute("SELECT query FROM trajectory ORDER BY query LIMIT 1").fetchall() == [(HTML,)]
        assert cursor.execute("SELECT name FROM tool").fetchall() == [(HTML,)]


def test_a_truncated_last_line_is_rejected(store, tmp_path):
    path = tmp_path / "cut.jsonl"
    path.write_bytes(line() + b"\n" + line(id=2)[:-20])
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.kept_count, report.rejected_count) == (1, 1)
    assert rejects(store)[0][:2] == ("cut.jsonl", 2)


def test_a_truncated_document_gives_what_is_whole(store, tmp_path):
    path = tmp_path / "cut.json"
    path.write_bytes(b"[" + line() + b",\n" + line(id=2)[:-20])
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.kept_count, report.rejected_count) == (1, 1)
    assert rejects(store)[0][:2] == ("cut.json", 2)


@pytest.mark.parametrize("suffix", [".json", ".csv", ".txt", ".parquet", ""])
def test_a_wrong_extension_does_not_matter(store, tmp_path, suffix):
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(line() + b"\n" + line(id=2, query="Bye"))
    assert import_source(store, path, now=NOW, person=A_RESEARCHER).kept_count == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_an_understood_error(store, tmp_path, content):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadableError, match=r"empty\.jsonl: the file is empty"):
        import_source(store, path, now=NOW, person=A_RESEARCHER)


def test_a_bare_fragment_and_a_stub_are_skipped_with_a_reason(store, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/data.jsonl").write_bytes(line())
    (tmp_path / "in/info.json").write_bytes(b'"dataset_name": {\n  "a": 1\n}')
    (tmp_path / "in/stub.json").write_bytes(b"{}")
    (tmp_path / "in/none.json").write_bytes(b"")
    report = import_source(store, tmp_path / "in", now=NOW, person=A_RESEARCHER)
    assert report.kept_count == 1
    assert [file.name for file in report.skipped] == ["info.json", "none.json", "stub.json"]
    assert all(file.reason for file in report.skipped)


def test_a_zip_bomb_as_upload_is_refused_and_named(store, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.jsonl", b"0" * 40_000_000)
    with pytest.raises(SourceUnreadableError, match=r"bomb\.zip looks like a decompression bomb"):
        import_source(store, path, now=NOW, person=A_RESEARCHER)


def test_a_member_that_leads_out_of_the_archive_is_refused(store, tmp_path):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.jsonl", line())
    with pytest.raises(SourceUnreadableError, match="leads out of the archive"):
        import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert not (tmp_path.parent / "evil.jsonl").exists()


def test_two_members_of_one_name_are_refused_instead_of_losing_one(store, tmp_path):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jsonl", line(id=1))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.jsonl", line(id=2))
    with pytest.raises(SourceUnreadableError, match=r"twice\.zip holds two files named 'a\.jsonl'"):
        import_source(store, path, now=NOW, person=A_RESEARCHER)


# Without the time of packing: the workers of one run must agree on the names of the tests.
PACKED = gzip.compress(
    b"\n".join(line(id=number, query=f"Hello {number}") for number in range(3)) + b"\n", mtime=0
)


@pytest.mark.parametrize("content", [PACKED[:-5], PACKED + b"junk", PACKED[:-5] + b"\0" * 5 + b"more"])
def test_what_stands_before_the_damage_of_a_gzip_file_is_kept_and_the_damage_is_told(
    store, tmp_path, content
):
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(content)
    report = import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert (report.read_count, report.kept_count, report.rejected_count) == (4, 3, 1)
    assert rejects(store)[0][0] == "cut.jsonl.gz"
    assert "the file is damaged from here on" in rejects(store)[0][2]


@pytest.mark.parametrize("content", [b"\x1f\x8bjunk and more junk", PACKED[:10], b"\x1f\x8b"])
def test_a_gzip_file_that_gives_nothing_is_an_understood_error(store, tmp_path, content):
    path = tmp_path / "fake.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadableError, match=r"fake\.jsonl\.gz.*(cannot be read|damaged)"):
        import_source(store, path, now=NOW, person=A_RESEARCHER)


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("fake.parquet", b"PAR1" + b"junk" * 100 + b"PAR1", "the file is damaged from here on"),
        ("deep.json", b'{"a":' * 5000, "line 1: the record is not closed"),
        ("nothing.json", b"[]", "no record in it"),
        ("nothing.json", b"{}", "no record in it"),
        ("numbers.json", b"[1, 2]", "records that are numbers"),
    ],
)
def test_a_file_without_a_usable_record_is_refused_with_what_stands_in_it(
    store, tmp_path, name, content, seen
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceUnreadableError) as refused:
        import_source(store, path, now=NOW, person=A_RESEARCHER)
    assert refused.value.what.startswith(f"The format of this file is not known: {name}: ")
    assert seen in refused.value.what


def test_odd_file_names_are_only_names(store, tmp_path):
    folder = tmp_path / "a <b>folder"
    folder.mkdir()
    names = [
        "Hotel Reservation + F=None.jsonl",
        "<img src=x>.jsonl",
        "ümlaut 공기.jsonl",
        "'; DROP TABLE x.jsonl",
    ]
    for number, name in enumerate(names):
        (folder / name).write_bytes(line(id=number, query=name) + b"\n{broken")
    report = import_source(store, folder, now=NOW, person=A_RESEARCHER)
    assert (report.kept_count, report.rejected_count) == (4, 4)
    assert {row[0] for row in rejects(store)} == set(names)


def test_a_data_set_of_another_format_is_not_mixed_in(store, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(line())
    import_source(store, tmp_path / "a.jsonl", now=NOW, person=A_RESEARCHER)
    with pytest.raises(InputError, match="holds records read as xlam_60k, not unified_1"):
        import_source(store, tmp_path / "a.jsonl", now=NOW, importer="unified_1", person=A_RESEARCHER)
