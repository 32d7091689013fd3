"""What the scorer says about one answer."""

from __future__ import annotations

from typing import Any

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """Whether an answer is correct, and what is wrong with it in the words of the official tool.

    `error_type` is the official one ("" where the answer is correct), `errors` says it in sentences.
    `decoded` are the calls that were read ([{function: {argument: value}}]), or None where nothing could
    be read; then `decode_error` says why. An answer may be correct although nothing could be read:
    that is how irrelevance is scored (see `xlam_backend/bfcl/readings.py`).
    """

    is_valid: bool
    error_type: str = ""
    errors: tuple[str, ...] = ()
    decoded: Any = None
    decode_error: str = ""
