"""Uploads are kept under names that cannot leave their folder, and dropped without touching anything else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import A_RESEARCHER
from xlam_backend.errors import InputError, SourceUnreadableError
from xlam_backend.importers.source_look import look_at_source
from xlam_backend.importers.uploads import Upload, drop_uploads, keep_uploads, safe_file_name


@given(
    st.text() | st.sampled_from(["../../x.json", "/etc/passwd", "..", "", "C:\\a\\b.json", "a\0b", "." * 300])
)
def test_a_name_stays_in_its_folder_on_every_system(name):
    safe = safe_file_name(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\\0:*?"<>|')
    assert len(safe) <= 120


def test_a_long_name_keeps_what_says_how_to_read_it():
    assert safe_file_name("a" * 500 + ".jsonl.gz").endswith(".jsonl.gz")


def test_one_upload_is_a_file_and_several_are_a_folder(tmp_path):
    one = keep_uploads(tmp_path, [Upload("../a.jsonl", io.BytesIO(b"1"))], person=A_RESEARCHER)
    assert one.read_bytes() == b"1"
    assert tmp_path in one.parents
    many = keep_uploads(
        tmp_path,
        [Upload("a.jsonl", io.BytesIO(b"1")), Upload("a.jsonl", io.BytesIO(b"2"))],
        person=A_RESEARCHER,
    )
    assert sorted(path.read_bytes() for path in many.iterdir()) == [b"1", b"2"]
    with pytest.raises(InputError):
        keep_uploads(tmp_path, [], person=A_RESEARCHER)


def test_only_uploads_are_dropped(tmp_path):
    own = tmp_path / "own.jsonl"
    own.write_text("mine")
    kept = keep_uploads(tmp_path, [Upload("a.jsonl", io.BytesIO(b"1"))], person=A_RESEARCHER)
    other = keep_uploads(tmp_path, [Upload("a.jsonl", io.BytesIO(b"1"))], person=A_RESEARCHER)
    for path in (own, tmp_path, tmp_path / "uploads", kept):
        drop_uploads(tmp_path, path)
    assert own.exists()
    assert other.exists()
    assert not kept.exists()


def test_a_look_says_what_an_import_would_do(root):
    look = look_at_source(root / "data" / "samples" / "city_services_60k.jsonl")
    assert (look.importer, look.dataset, look.file_count) == ("xlam_60k", "city_services_60k", 1)
    assert look.reason
    assert look.byte_count > 0


def test_what_nothing_knows_can_still_be_read_as_a_format_chosen_by_hand(tmp_path):
    path = tmp_path / "odd.json"
    path.write_text('[{"who knows": 1}]')
    with pytest.raises(SourceUnreadableError):
        look_at_source(path)
    assert look_at_source(path, "unified_1").importer == "unified_1"
