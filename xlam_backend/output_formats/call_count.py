"""The last line of formats that close nothing: how many calls there were, so that a cut is seen."""

from __future__ import annotations

import re
from collections.abc import Sized

from xlam_backend.output_formats.text_reader import TextReader

COUNT_MARK = r"Calls: [0-9]"
_COUNT = re.compile(r"Calls: (0|[1-9][0-9]{0,6})\.")
WORDS = "close with a line that says how many calls there are"


def write_count(calls: Sized) -> str:
    """Write the last line."""
    return f"Calls: {len(calls)}."


def expect_count(reader: TextReader, calls: Sized) -> None:
    """Read the last line, which has to be right and to be the last."""
    reader.skip()
    start = reader.at
    count = reader.expect_match(_COUNT, "the last line, which counts the calls,")
    if int(count.group(1)) != len(calls):
        reader.fail(f"{len(calls)} calls were read, not {count.group(1)}", start)
    reader.expect_end()
