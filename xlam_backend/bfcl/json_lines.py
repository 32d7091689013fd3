"""The lines of the official tool's files: one at a time, each with its number, damaged ones with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from xlam_backend.errors import SourceUnreadableError

LONGEST_LINE = 64 * 2**20  # bytes; the longest line of the official data has 200,000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Record = TypeVar("Record")


class UnreadableLineError(ValueError):
    """A line holds no record that can be read; its text says why."""


class Line(msgspec.Struct, frozen=True):
    """One line that holds something; `is_cut`: it is longer than a line may be, and its end is left out."""

    number: int
    content: bytes
    is_cut: bool = False


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file that hold something.

    Raises:
        SourceUnreadableError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for line in _lines(file):
                if line.content.strip():
                    yield line
    except OSError as error:
        raise SourceUnreadableError(f"{path} cannot be read: {error}.", "Give the file back.") from error


def decode_line(line: Line, decode: Callable[[bytes], Record]) -> Record:
    """Return the record of a line; UnreadableLineError where it holds none."""
    if line.is_cut:
        raise UnreadableLineError(f"it has more than {LONGEST_LINE:,} bytes")
    try:
        return decode(line.content)
    except UnicodeDecodeError as error:
        raise UnreadableLineError("it is no UTF-8 text") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableLineError(str(error)) from error


def _lines(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while block := file.readline(LONGEST_LINE):
        number += 1
        is_cut = len(block) == LONGEST_LINE and not block.endswith(b"\n")
        yield Line(number, block.removeprefix(_BYTE_ORDER_MARK) if number == 1 else block, is_cut)
        rest = is_cut
        while rest:
            block = file.readline(LONGEST_LINE)
            rest = bool(block) and not block.endswith(b"\n")
