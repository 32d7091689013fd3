"""Starts, finds and stops the scripted local server, a detached process with a card in the data folder."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import JudgeUnavailableError
from xlam_backend.settings import PROJECT_ROOT, data_dir

CARD = "scripted_server.json"
LOCK = "scripted_server.lock"
LOG = "scripted_server.log"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
HEALTH_SECONDS = 2.0
POLL_SECONDS = 0.05

JUDGE_MODELS = ("scripted-careful", "scripted-hasty", "scripted-noisy")
WEAK_MODELS = ("scripted-weak-a", "scripted-weak-b")
SCRIPTED_MODELS = (*JUDGE_MODELS, *WEAK_MODELS)


# Servers this process has started; they live on when it ends.
_STARTED: list[subprocess.Popen[bytes]] = []


class ServerCard(msgspec.Struct, frozen=True):
    """What a running server leaves in the data folder; `identity` is repeated by its /health."""

    pid: int
    port: int
    identity: str

    @property
    def base_url(self) -> str:
        """The address to ask."""
        return f"http://127.0.0.1:{self.port}/v1"


def running_scripted_server(folder: Path | None = None) -> ServerCard | None:
    """Return the server that runs for a data folder, None when none does."""
    card = _read_card((folder or data_dir()) / CARD)
    return card if card is not None and _is_answering(card) else None


def start_scripted_server(
    folder: Path | None = None, *, options: tuple[str, ...] = (), person: Person
) -> ServerCard:
    """Start the server on a free port, or return the one that runs already.

    `options` are those of `endpoint serve-scripted`.

    Raises:
        JudgeUnavailableError: it did not come up.
    """
    require(person, "judge")
    folder = folder or data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(folder):
        return running_scripted_server(folder) or _start(folder, options)


def stop_scripted_server(folder: Path | None = None, *, person: Person) -> bool:
    """Stop the server of a data folder; False when none was running."""
    require(person, "judge")
    folder = folder or data_dir()
    card = running_scripted_server(folder)
    if card is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(card.pid, signal.SIGTERM)
    give_up_at = time.monotonic() + STOP_SECONDS
    while _is_alive(card) and time.monotonic() < give_up_at:
        time.sleep(POLL_SECONDS)
    _forget_ended()
    (folder / CARD).unlink(missing_ok=True)
    return True


def write_card(file: Path, card: ServerCard) -> None:
    """Leave a card, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.{os.getpid()}")
    half.write_bytes(msgspec.json.encode(card))
    half.replace(file)


def _start(folder: Path, options: tuple[str, ...]) -> ServerCard:
    _forget_ended()
    (folder / CARD).unlink(missing_ok=True)
    command = [sys.executable, "-m", "xlam_backend", "endpoint", "serve-scripted", "--port", "0"]
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [*command, "--card", str(folder / CARD), *options],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        if (card := running_scripted_server(folder)) is not None:
            _STARTED.append(process)
            return card
        time.sleep(POLL_SECONDS)
    process.kill()
    process.wait()
    raise JudgeUnavailableError(
        "The scripted local server did not start.", f"Its words are in {folder / LOG}."
    )


def _is_alive(card: ServerCard) -> bool:
    started = next((process for process in _STARTED if process.pid == card.pid), None)
    return _is_answering(card) if started is None else started.poll() is None


def _forget_ended() -> None:
    """Take note of servers that ended, so that none stays behind as a zombie."""
    _STARTED[:] = [process for process in _STARTED if process.poll() is None]


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_card(file: Path) -> ServerCard | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=ServerCard)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _is_answering(card: ServerCard) -> bool:
    """Whether this very server answers, and not another program that got its port."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{card.port}/health", timeout=HEALTH_SECONDS) as answer:
            return bool(answer.read(200).decode() == card.identity)
    except (OSError, urllib.error.URLError, UnicodeDecodeError):
        return False
