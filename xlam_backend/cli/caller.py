"""Who asked for a command: where its words go, which folder its paths start from, how it is stopped."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import person_of
from xlam_backend.cli.plain_text import one_line, table_lines
from xlam_backend.domain.person import Person
from xlam_backend.settings import named_path, person_name
from xlam_backend.store.connection import Store

PROGRESS_SECONDS = 0.2

Write = Callable[[str], None]
# Runs the given work with the store, or has the store's owner run the whole command line; an exit status.
LendStore = Callable[[Callable[[Store], None]], int]


class CommandStopped(BaseException):
    """The person stopped the command; not an Exception, so that nothing takes it for a failed record."""


class ReaderLeft(CommandStopped):
    """Nobody reads the command's words any more (`| head`, or a client that was ended)."""


@dataclass
class Caller:
    """One command being run for one person.

    `write_out` and `write_err` take text as it is to appear; `lend_store` is None where the store is
    at hand already; `shows_progress` is True when somebody watches a terminal; `others` gives the
    command lines that the owner is running for other processes.
    """

    argv: Sequence[str]
    cwd: Path
    now: datetime
    write_out: Write
    write_err: Write
    store_at_hand: Store | None = None
    lend_store: LendStore | None = None
    shows_progress: bool = False
    as_json: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    others: Callable[[], list[str]] = list
    _progress_at: float = 0.0
    _progress_shown: bool = False

    @property
    def store(self) -> Store:
        """The store; commands that use it are declared with `needs_store`, so it is there."""
        if self.store_at_hand is None:
            message = "This command was declared without needs_store."
            raise RuntimeError(message)
        return self.store_at_hand

    def person(self) -> Person:
        """Return who is at the command line: the machine's account, an admin unless a role was given."""
        return person_of(self.store, person_name(), "command")

    def path(self, text: str) -> Path:
        """Return the path a person meant, seen from the folder they stand in."""
        return self.cwd / named_path(text)

    def say(self, *lines: str) -> None:
        """Print lines for people; control characters are shown, never sent to the terminal."""
        for line in lines:
            self.write_out(one_line(line) + "\n")

    def answer(self, record: Any, *lines: str) -> None:
        """Print the record when `--json` was given, else the lines."""
        if self.as_json:
            self.write_out(json_text(record) + "\n")
        else:
            self.say(*lines)

    def answer_table(self, record: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print the record when `--json` was given, else a table."""
        self.answer(record, *(() if self.as_json else table_lines(header, rows)))

    def note(self, line: str) -> None:
        """Say something beside the answer (standard error)."""
        self._end_progress()
        self.write_err(one_line(line) + "\n")

    def progress(self, line: str) -> None:
        """Show how far long work is; rewritten in place, a few times a second, only for a terminal.

        Raises CommandStopped when the person has stopped the command.
        """
        self.check_stopped()
        if self.shows_progress and time.monotonic() - self._progress_at >= PROGRESS_SECONDS:
            self._progress_at = time.monotonic()
            self._progress_shown = True
            self.write_err(f"\r\x1b[2K{one_line(line)}")

    def check_stopped(self) -> None:
        """Raise CommandStopped when the person has stopped the command."""
        if self.stop.is_set():
            raise CommandStopped

    def should_stop(self) -> bool:
        """Whether the person has stopped the command."""
        return self.stop.is_set()

    def _end_progress(self) -> None:
        if self._progress_shown:
            self._progress_shown = False
            self.write_err("\n")


def json_text(record: Any) -> str:
    """Write a record as JSON, in ASCII, so that no text in it can steer a terminal."""
    return json.dumps(plain_value(record), indent=2)


def plain_value(record: Any) -> Any:
    """Return a record as JSON values, every field by its name.

    >>> from collections import namedtuple
    >>> plain_value([namedtuple("Count", "name hits")("a", 2)])
    [{'name': 'a', 'hits': 2}]
    """
    if isinstance(record, msgspec.Struct):
        fields = ((name, getattr(record, name)) for name in record.__struct_fields__)
        return {name: plain_value(value) for name, value in fields if value is not msgspec.UNSET}
    if isinstance(record, tuple) and hasattr(record, "_asdict"):
        return plain_value(record._asdict())
    if isinstance(record, Mapping):
        return {str(key): plain_value(value) for key, value in record.items()}
    if isinstance(record, bytes):
        return record.decode("utf-8", "backslashreplace")
    if isinstance(record, list | tuple):
        return [plain_value(value) for value in record]
    return msgspec.to_builtins(record, str_keys=True)
