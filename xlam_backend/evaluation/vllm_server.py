"""A vLLM server that belongs to a run: started on a free port, asked for its health, ended with the run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from xlam_backend.errors import JudgeUnavailableError, StoppedError
from xlam_backend.training.tied import PARENT_MARK

START_SECONDS = 1800.0  # a large model takes minutes to load
HEALTH_SECONDS = 2.0
LOOK_SECONDS = 0.5
END_SECONDS = 15.0
STARTS = 3  # another program may take the port between choosing and using it
_TAIL_LINES = 12
_PORT_TAKEN = ("address already in use", "errno 98")


class VllmServer:
    """One server process; `command` makes its command line for a port."""

    def __init__(self, command: Callable[[int], Sequence[str]], log: Path) -> None:
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def base_url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self, should_stop: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
        """Start the server and wait until it is well.

        Raises:
            JudgeUnavailableError: it ended, or was not well in time; the end of its log says why.
            StoppedError: a person stopped the run meanwhile.
        """
        for attempt in range(1, STARTS + 1):
            self.port = free_port()
            self._open()
            try:
                self._wait(should_stop, seconds)
                return
            except JudgeUnavailableError:
                is_taken = any(words in self.log_tail().lower() for words in _PORT_TAKEN)
                self.end()
                if attempt == STARTS or not is_taken:
                    raise
            except BaseException:
                self.end()
                raise

    def is_alive(self) -> bool:
        """Whether its process is still there."""
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """End the server with everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
                break
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # workers that the server itself did not end

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        with suppress(OSError):
            return "\n".join(self._log.read_text("utf-8", errors="replace").splitlines()[-_TAIL_LINES:])
        return ""

    def _open(self) -> None:
        command = [sys.executable, "-m", "xlam_backend.evaluation.tied_program", *self._command(self.port)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own making
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, PARENT_MARK: str(os.getpid())},
            )

    def _wait(self, should_stop: Callable[[], bool], seconds: float) -> None:
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            if should_stop():
                raise StoppedError("The run was stopped while the server started.", "Resume it to go on.")
            if not self.is_alive():
                raise JudgeUnavailableError(
                    f"The vLLM server ended before it was ready. The end of its log: {self.log_tail()}",
                    f"Its log is {self._log}.",
                )
            if is_healthy(self.port):
                return
            time.sleep(LOOK_SECONDS)
        raise JudgeUnavailableError(
            f"The vLLM server was not ready after {seconds:,.0f} seconds.", f"Its log is {self._log}."
        )


def free_port() -> int:
    """Return a port of this machine that nobody uses just now."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def is_healthy(port: int) -> bool:
    """Whether a server on this machine says that it is well."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback, whatever proxy is named
    try:
        with opener.open(f"http://127.0.0.1:{port}/health", timeout=HEALTH_SECONDS) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
