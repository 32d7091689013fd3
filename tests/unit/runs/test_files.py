"""What a run writes: events, logs and records, whole or not at all, read on from where one stopped."""

import os
import pathlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from xlam_backend.errors import RunError
from xlam_backend.runs import events, log
from xlam_backend.runs.context import WorkerContext
from xlam_backend.runs.events import Event, append_event, read_history
from xlam_backend.runs.failure import EXIT_DISK, describe_exit
from xlam_backend.runs.folder import PROGRESS, RunProgress, part_names, read_record, write_record
from xlam_backend.runs.log import RunLog, log_tail

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_events_are_read_on_and_a_half_written_line_waits(tmp_path):
    append_event(tmp_path, Event(NOW, 1, "started"))
    assert [event.kind for event in read_history(tmp_path).events] == ["started"]
    append_event(tmp_path, Event(NOW, 1, "ended", "failed"))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"at": "2026-')
    assert [event.kind for event in read_history(tmp_path).events] == ["started", "ended"]
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'01-02T00:00:00Z", "attempt": 2, "kind": "resumed"}\nnot json\n')
    append_event(tmp_path, Event(NOW, 2, "started"))
    read = [(event.kind, event.attempt) for event in read_history(tmp_path).events]
    assert read == [("started", 1), ("ended", 1), ("resumed", 2), ("started", 2)]


def test_a_long_curve_is_thinned_out_and_keeps_its_shape(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_MOST_POINTS", 100)
    lines = [
        msgspec.json.encode(Event(NOW, 1, "progress", done=at, total=999, numbers={"cost": float(at)}))
        for at in range(1000)
    ]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    done = [point.done for point in read_history(tmp_path).points]
    assert 50 <= len(done) <= 100
    assert done == sorted(done)
    assert done[-1] > 950


def test_another_file_in_its_place_is_read_from_the_start(tmp_path):
    append_event(tmp_path, Event(NOW, 1, "started"))
    read_history(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    append_event(other, Event(NOW, 1, "note", "x" * 300))
    pathlib.Path(other / "events.jsonl").replace(tmp_path / "events.jsonl")
    assert [event.kind for event in read_history(tmp_path).events] == ["note"]


def test_a_log_that_grows_without_end_keeps_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "MOST_BYTES", 1_000)
    written = RunLog(tmp_path / "log.txt")
    for number in range(500):
        written.write(f"line {number}\n".encode())
    written.write(b"the last, unfinished")
    written.close()
    assert log_tail(tmp_path / "log.txt").endswith("line 499\nthe last, unfinished\n")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2_000


def test_the_tail_of_a_log_begins_with_a_whole_line(tmp_path):
    (tmp_path / "log.txt").write_text("first\nsecond\nthird\n")
    assert log_tail(tmp_path / "log.txt", most_bytes=9) == "third\n"
    assert log_tail(tmp_path / "nothing.txt") == ""


def test_a_key_is_struck_out_even_when_it_comes_in_two_pieces(tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", "secret-12345")
    written = RunLog(tmp_path / "log.txt")
    written.write(b"sent secret-")
    written.write(b"12345 along\n")
    assert (tmp_path / "log.txt").read_text() == "sent [key struck out] along\n"


def test_a_record_is_whole_or_as_before(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    write_record(path, {"a": 1})

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_record(path, {"a": 2})
    assert read_record(path, dict) == {"a": 1}


def test_parts_with_other_names_are_refused(tmp_path):
    context = WorkerContext(tmp_path, {}, 1)
    for name in ("../out", ".hidden", "a/b", ""):
        with pytest.raises(RunError, match="name of an output part"):
            context.write_part(name, b"")
    context.write_part("part-1.json", b"[]")
    assert part_names(tmp_path) == ["part-1.json"]


def test_what_remains_is_told_by_the_pace_of_this_attempt(tmp_path):
    made = RunProgress(2, 60, 100, first_done=50, began_at=NOW, at=NOW + timedelta(seconds=20))
    assert made.seconds_left == 80
    assert RunProgress(2, 50, 100, first_done=50, began_at=NOW, at=NOW).seconds_left is None


def test_the_last_word_on_progress_is_written(tmp_path):
    context = WorkerContext(tmp_path, {}, 1)
    for done in range(1, 4):
        context.progress(done, 9, f"{done}", cost=0.5)
    context.finish_progress()
    told = read_record(tmp_path / PROGRESS, RunProgress)
    assert (told.done, told.words, told.first_done, told.numbers) == (3, "3", 1, {"cost": 0.5})


def test_a_worker_that_could_not_write_its_end_met_a_full_disk():
    assert describe_exit(EXIT_DISK, kernel_killed=False).failure_class == "disk"
