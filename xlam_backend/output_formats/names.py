"""Reads names that are written bare or in quotes."""

from __future__ import annotations

from xlam_backend.output_formats.json_writing import PLAIN_NAME
from xlam_backend.output_formats.text_reader import TextReader


def read_name(reader: TextReader, what: str) -> str:
    """Read a name as `json_writing.name_text` writes it; `what` says whose it is when none is there."""
    if reader.sees('"'):
        return reader.json_string()
    return reader.expect_match(PLAIN_NAME, what).group()
