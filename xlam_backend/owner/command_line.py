"""`python -m xlam_backend`: be the store's owner when nobody is, else have the owner run the command."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TextIO

from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller, ReaderLeft
from xlam_backend.cli.command import EXIT_READER_LEFT, run_command
from xlam_backend.owner.card import read_card
from xlam_backend.owner.client import ask_owner, busy
from xlam_backend.owner.holding import Holding
from xlam_backend.settings import data_dir, owner_wait_seconds
from xlam_backend.store.connection import Store

RETRY_SECONDS = 0.05


def main(argv: Sequence[str], *, begin: Callable[[], None] = lambda: None) -> int:
    """Run one command line in the terminal it was typed in; return its exit status.

    `begin` is called when the command is loaded, before it gets the store.
    """
    caller = Caller(
        argv=argv,
        cwd=Path.cwd(),
        now=datetime.now(UTC),
        write_out=_writer(sys.stdout),
        write_err=_writer(sys.stderr),
        shows_progress=sys.stderr.isatty(),
    )

    def lend(work: Callable[[Store], None]) -> int:
        begin()
        return lend_store(caller, work, folder=data_dir(), limit_seconds=owner_wait_seconds())

    caller.lend_store = lend
    status = run_command(studio, caller)
    if status == EXIT_READER_LEFT:
        # What is still buffered goes nowhere, instead of failing once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def lend_store(caller: Caller, work: Callable[[Store], None], *, folder: Path, limit_seconds: float) -> int:
    """Run `work` with the store as its owner, or have the owner run the caller's whole command line.

    An owner that is just starting or just closing does not answer for a moment: then it is tried
    again, and whoever finds the lock free is the next owner.
    """
    give_up_at = time.monotonic() + limit_seconds
    while True:
        holding = Holding.take(folder, "python -m xlam_backend " + shlex.join(caller.argv))
        if holding is not None:
            return _work_as_owner(caller, work, holding)
        card = read_card(folder)
        status = None if card is None else ask_owner(card, caller, limit_seconds=limit_seconds)
        if status is not None:
            return status
        if time.monotonic() >= give_up_at:
            raise busy(card)
        time.sleep(RETRY_SECONDS)


def _work_as_owner(caller: Caller, work: Callable[[Store], None], holding: Holding) -> int:
    caller.others = holding.server.running
    try:
        with _interrupts_stop(caller):
            work(holding.store)
    finally:
        if holding.server.running():
            caller.note("Done; still serving a command that was started meanwhile.")
        holding.close()
    return 0


@contextmanager
def _interrupts_stop(caller: Caller) -> Iterator[None]:
    """Let Ctrl-C stop the command where it can end cleanly; pressed again it ends at once."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        if caller.stop.is_set():
            signal.default_int_handler(number, frame)
        caller.stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _writer(stream: TextIO) -> Callable[[str], None]:
    # Odd file names hold bytes that no encoding knows: they are shown as escapes.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")

    def write(text: str) -> None:
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError as error:
            raise ReaderLeft from error

    return write
