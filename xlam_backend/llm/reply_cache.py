"""Replies that were paid for, and every call that was or may have been billed, on disk.

One SQLite file in the data folder, shared by runs and processes. A call is written down before it is
sent and its reply before it is reported, so that a kill at any moment loses neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from xlam_backend.errors import StoreError
from xlam_backend.llm.chat import CalledTool

FILE_NAME = "replies.sqlite3"
WAIT_SECONDS = 30.0

ChargeState = Literal["in flight", "answered", "unusable", "lost", "free"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS reply (
    request_hash TEXT PRIMARY KEY,
    reply        BLOB NOT NULL
) WITHOUT ROWID;
-- One row for each call that was sent. Tokens are the most it can take until its reply says how many.
CREATE TABLE IF NOT EXISTS charge (
    charge_no    INTEGER PRIMARY KEY,
    run_id       TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    state        TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost         REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS charge_of_run ON charge (run_id, request_hash);
"""


class StoredReply(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of an answer."""

    text: str
    model: str
    finish_reason: str
    is_scripted: bool
    input_tokens: int
    output_tokens: int
    tool_calls: tuple[CalledTool, ...] = ()
    seconds: float | None = None


class Usage(msgspec.Struct, frozen=True):
    """Calls, tokens and money."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Add up."""
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost + other.cost,
        )

    def __sub__(self, other: Usage) -> Usage:
        """Take away."""
        return Usage(
            self.calls - other.calls,
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.cost - other.cost,
        )


class Charge(msgspec.Struct, frozen=True):
    """A call that was sent: the number of its row, and what it takes at most, or took."""

    charge_no: int
    usage: Usage


class Past(msgspec.Struct, frozen=True):
    """What an earlier start of the same run did about a request.

    `used` is all that was or may have been billed for it. `unusable` counts replies that could not be
    used: each had an idempotency key of its own. `lost` is the newest call whose reply never came.
    """

    used: Usage = Usage()
    unusable: int = 0
    lost: Charge | None = None


class ReplyCache:
    """The file of one data folder. One instance belongs to one thread; `close` it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / FILE_NAME
        with _explained(self.file):
            self._connection = sqlite3.connect(self.file, timeout=WAIT_SECONDS, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # In WAL mode this outlives a killed process; a power cut may cost the last moments.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def reply(self, request_hash: str) -> StoredReply | None:
        """Return the reply to a request, None when there is none yet."""
        with _explained(self.file):
            row = self._connection.execute(
                "SELECT reply FROM reply WHERE request_hash = ?", [request_hash]
            ).fetchone()
        return msgspec.msgpack.decode(row[0], type=StoredReply) if row else None

    def used(self, run_id: str) -> Usage:
        """Return what a run has used so far; a call without an answer counts as the most it can take."""
        with _explained(self.file):
            row = self._connection.execute(
                "SELECT count(*), total(input_tokens), total(output_tokens), total(cost)"
                " FROM charge WHERE run_id = ? AND state <> 'free'",
                [run_id],
            ).fetchone()
        return Usage(int(row[0]), int(row[1]), int(row[2]), float(row[3]))

    def past(self, run_id: str) -> dict[str, Past]:
        """Return what earlier starts of a run did, by request."""
        with _explained(self.file):
            rows = self._connection.execute(
                "SELECT charge_no, request_hash, state, input_tokens, output_tokens, cost FROM charge"
                " WHERE run_id = ? AND state <> 'free' ORDER BY charge_no",
                [run_id],
            ).fetchall()
        found: dict[str, Past] = {}
        for charge_no, request_hash, state, *figures in rows:
            past = found.get(request_hash, Past())
            usage = Usage(1, *figures)
            found[request_hash] = Past(
                past.used + usage,
                past.unusable + (state == "unusable"),
                Charge(charge_no, usage) if state in {"in flight", "lost"} else None,
            )
        return found

    def begin(self, run_id: str, request_hash: str, most: Usage) -> Charge:
        """Write down that a call is about to be sent, at the most it can take."""
        with _explained(self.file):
            (charge_no,) = self._connection.execute(
                "INSERT INTO charge (run_id, request_hash, state, input_tokens, output_tokens, cost)"
                " VALUES (?, ?, 'in flight', ?, ?, ?) RETURNING charge_no",
                [run_id, request_hash, most.input_tokens, most.output_tokens, most.cost],
            ).fetchone()
        return Charge(charge_no, most)

    def settle(self, charge: Charge, state: ChargeState, used: Usage) -> None:
        """Write down what a call took in the end."""
        with _explained(self.file):
            self._settle(charge, state, used)

    def answer(self, charge: Charge, used: Usage, request_hash: str, reply: StoredReply) -> None:
        """Keep a reply and settle its call, both or neither."""
        with _explained(self.file), self._transaction():
            self._settle(charge, "answered", used)
            self._connection.execute(
                "INSERT OR REPLACE INTO reply VALUES (?, ?)", [request_hash, msgspec.msgpack.encode(reply)]
            )

    def _settle(self, charge: Charge, state: ChargeState, used: Usage) -> None:
        self._connection.execute(
            "UPDATE charge SET state = ?, input_tokens = ?, output_tokens = ?, cost = ? WHERE charge_no = ?",
            [state, used.input_tokens, used.output_tokens, used.cost, charge.charge_no],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        raise StoreError(
            f"The file of paid replies cannot be used: {error} ({file}).",
            "Check that the disk has room; a damaged file can be moved away, then replies are paid anew.",
        ) from error
