"""How a model's answers are to be read."""

from __future__ import annotations

from typing import Literal

import msgspec

DecoderName = Literal[
    "prompted",
    "native",
    "tool_call_tags",
    "json_calls",
    "tool_calls_object",
    "bracketless",
    "v1_list",
    "v1_brackets",
    "v1_one_space",
    "v1_one_line",
    "v1_escaped",
    "v1_escaped_list",
    "v1_bracketless",
    "v1_tool_call_lines",
]
"""Ways in which models write calls; `xlam_backend/bfcl/decoding/__init__.py` says what each is."""


Edition = Literal["v1", "v4"]
"""Which checker judges: that of v4 (v3 had the same), or that of v1."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Which decoder reads the answers, and how the names in them are meant.

    `underscore_to_dot` is set for models that may not write a dot in a name, so that `a_b` stands for `a.b`
    (names of OpenAI-compatible tools). `is_function_calling` says that calls came through
    the tools of an API and not as text; the decoder decides how they are read, this only describes them.
    `edition` is v1 for results of that time that are to be judged as they were then.
    """

    decoder: DecoderName = "prompted"
    underscore_to_dot: bool = False
    is_function_calling: bool = False
    edition: Edition = "v4"


PROMPTED = Reading()
"""Calls as text, `[f(a=1)]`, as the official prompt asks for them (Java and JavaScript values for these)."""

NATIVE = Reading(decoder="native", underscore_to_dot=True, is_function_calling=True)
"""Calls through the tools of an OpenAI-compatible API: `[{"f": "{\\"a\\": 1}"}]`."""
