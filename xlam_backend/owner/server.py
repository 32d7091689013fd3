"""Runs other processes' command lines in this one, for whoever has the token from the owner's card."""

from __future__ import annotations

import hmac
import json
import secrets
import shlex
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import EXIT_ERROR, run_command
from xlam_backend.owner.line import Line
from xlam_backend.store.connection import Store

MAX_REQUEST_BYTES = 4 * 2**20
REQUEST_SECONDS = 10  # a client that never finishes its request must not hold a thread for ever
POLL_SECONDS = 0.02  # how soon it notices that it is to end: every command line ends with this wait
COMMAND_PATH = "/command"


class CommandServer:
    """Listens on a free loopback port from the moment it is made until `close`."""

    def __init__(self, store: Store) -> None:
        self.token = secrets.token_hex(32)
        self.store = store
        self._lines: dict[Line, str] = {}
        self._changed = threading.Condition()
        self._is_closing = False
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.commands = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(POLL_SECONDS,), name="owner-commands", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    def running(self, but: Line | None = None) -> list[str]:
        """Return the command lines of others that are running here now, one line left out."""
        with self._changed:
            return [command for line, command in self._lines.items() if line is not but]

    def close(self, *, stop_running: bool = False) -> None:
        """Take no more commands, wait for those that run (or stop them first), and stop listening."""
        with self._changed:
            self._is_closing = True
            if stop_running:
                for line in self._lines:
                    line.stop.set()
            self._changed.wait_for(lambda: not self._lines)
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def enter(self, line: Line, command: str) -> bool:
        """Take on one more command; False when the server is closing."""
        with self._changed:
            if not self._is_closing:
                self._lines[line] = command
            return line in self._lines

    def leave(self, line: Line) -> None:
        """Note that a command has ended."""
        with self._changed:
            self._lines.pop(line, None)
            self._changed.notify_all()

    def run(self, request: dict[str, Any], line: Line) -> int:
        """Run one command line; what it says goes down the line."""
        caller = Caller(
            argv=[str(word) for word in request["argv"]],
            cwd=Path(request["cwd"]),
            now=datetime.now(UTC),
            write_out=lambda text: line.send(out=text),
            write_err=lambda text: line.send(err=text),
            store_at_hand=self.store,
            shows_progress=bool(request.get("shows_progress")),
            stop=line.stop,
            others=lambda: self.running(line),
        )
        return run_command(studio, caller)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    commands: CommandServer


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = REQUEST_SECONDS

    def do_POST(self) -> None:
        """Let in who has the token, and run the command line."""
        commands = self.server.commands
        refused = self._refusal(commands.token)
        request = {} if refused else self._read_request()
        line = Line(self.connection)
        if refused or not request:
            self.send_error(refused or HTTPStatus.BAD_REQUEST)
        elif not commands.enter(line, shlex.join(map(str, request["argv"]))):
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._answer(commands, request, line)

    def _answer(self, commands: CommandServer, request: dict[str, Any], line: Line) -> None:
        status = EXIT_ERROR
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/x-ndjson")
            self.end_headers()
            self.connection.settimeout(None)
            line.start()
            status = commands.run(request, line)
        finally:
            line.end(status)
            commands.leave(line)

    def _refusal(self, token: str) -> HTTPStatus | None:
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        length = self.headers.get("Content-Length", "")
        if self.path != COMMAND_PATH:
            return HTTPStatus.NOT_FOUND
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return HTTPStatus.UNAUTHORIZED
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _read_request(self) -> dict[str, Any]:
        try:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        except ValueError:
            return {}
        is_complete = isinstance(request, dict) and isinstance(request.get("argv"), list) and "cwd" in request
        return request if is_complete else {}

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the process's own output belongs to its own command."""
