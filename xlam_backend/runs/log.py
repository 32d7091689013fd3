"""The log of one attempt: what its worker printed, line by line, without the values of keys."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from xlam_backend.runs.secrets import redact

# A worker that prints without end fills the disk otherwise: the beginning and the end are kept.
MOST_BYTES = 16 * 2**20
_MOST_LINE_BYTES = 64 * 1024
_OLDER = ".1"


class RunLog:
    """Takes bytes as they come and writes whole lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = b""
        self._size = path.stat().st_size if path.exists() else 0

    def write(self, content: bytes) -> None:
        """Take what was printed; a line is written when it is whole, or too long to wait for."""
        self._waiting += content
        end = self._waiting.rfind(b"\n") + 1
        if not end and len(self._waiting) > _MOST_LINE_BYTES:
            end = len(self._waiting)
        if end:
            self._append(self._waiting[:end])
            self._waiting = self._waiting[end:]

    def close(self) -> None:
        """Write what is left of a last line."""
        if self._waiting:
            self._append(self._waiting + b"\n")
            self._waiting = b""

    def _append(self, content: bytes) -> None:
        text = redact(content.decode("utf-8", "backslashreplace")).encode("utf-8", "backslashreplace")
        with suppress(OSError):  # a full disk must not end the run
            if self._size + len(text) > MOST_BYTES:
                self._path.replace(self._path.with_name(self._path.name + _OLDER))
                self._size = 0
            with self._path.open("ab") as file:
                file.write(text)
            self._size += len(text)


def log_tail(path: Path, *, most_bytes: int = 16_000) -> str:
    """Return the end of a log, from a whole line on; empty when there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most_bytes))
            content = file.read()
    except OSError:
        return ""
    if size > most_bytes:
        content = content[content.find(b"\n") + 1 :]
    return content.decode("utf-8", "replace")
