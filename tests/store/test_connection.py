"""Opening the store, one writer at a time, and what a person is told when it cannot be opened."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from xlam_backend.errors import StoreBusyError, StoreError
from xlam_backend.settings import PROJECT_ROOT, database_file
from xlam_backend.store.connection import Store

HOLD = """
import sys
from pathlib import Path
from xlam_backend.store.connection import Store
store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def insert_check(cursor, number):
    cursor.execute("INSERT INTO check_set VALUES (?, 'a', 1)", [number])


def test_a_write_is_there_for_readers_and_raises_the_revision(store, count):
    before = store.revision
    with store.write() as cursor:
        insert_check(cursor, 1)
        assert count("check_set") == 0
    assert count("check_set") == 1
    assert store.revision == before + 1


def test_closing_waits_for_a_call_that_is_under_way(tmp_path):
    # DuckDB refuses to close a connection that another thread is calling at that moment.
    store = Store.open(tmp_path)
    under_way, moment = threading.Event(), threading.Event()

    def take_a_moment():
        under_way.set()
        moment.wait(0.2)
        return 1

    store._connection.create_function("take_a_moment", take_a_moment, [], "INTEGER", side_effects=True)
    calling = threading.Thread(target=store._connection.execute, args=("SELECT take_a_moment()",))
    calling.start()
    under_way.wait()
    store.close()
    calling.join()
    Store.open(tmp_path).close()


def test_an_error_inside_a_write_leaves_nothing(store, count):
    before = store.revision

    def write_and_fail():
        with store.write() as cursor:
            insert_check(cursor, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert count("check_set") == 0
    assert store.revision == before
    with store.write() as cursor:
        insert_check(cursor, 2)
    assert count("check_set") == 1


def test_writers_wait_for_each_other(store, count):
    def write_many():
        for _ in range(20):
            with store.write() as cursor:
                taken = cursor.execute("SELECT count(*) FROM check_set").fetchall()[0][0]
                insert_check(cursor, taken)

    threads = [threading.Thread(target=write_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count("check_set") == 80
    assert count("(SELECT DISTINCT check_set_no FROM check_set)") == 80


def test_what_was_written_is_there_after_opening_again(tmp_path):
    store = Store.open(tmp_path)
    with store.write() as cursor:
        insert_check(cursor, store.numbers.reserve("check_set", 3) + 2)
    store.close()
    again = Store.open(tmp_path)
    assert again.numbers.reserve("check_set") == 4
    again.close()


def test_numbers_are_never_handed_out_twice(store):
    taken = []

    def take():
        for _ in range(200):
            first = store.numbers.reserve("version", 3)
            taken.extend(range(first, first + 3))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 2401))


def test_a_store_held_by_another_process_is_busy(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreBusyError) as caught:
            Store.open(tmp_path)
        assert caught.value.retryable
        assert str(tmp_path) in caught.value.what
    finally:
        holder.communicate("")
    Store.open(tmp_path).close()


def test_a_file_that_is_no_database_is_named(tmp_path):
    database_file(tmp_path).write_bytes(b"hello" * 5000)
    with pytest.raises(StoreError, match="not a valid DuckDB database") as caught:
        Store.open(tmp_path)
    assert not isinstance(caught.value, StoreBusyError)
    assert database_file(tmp_path).read_bytes() == b"hello" * 5000


def test_no_extension_is_ever_fetched(store):
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT value FROM duckdb_settings() "
            "WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')"
        ).fetchall()
    assert rows == [("false",), ("false",)]
