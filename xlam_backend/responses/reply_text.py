"""Reads what a step does out of a model's reply; what says it in no known form is unreadable.

Known are a JSON object with thought and tool_calls, a list of calls or a single one, `<tool_call>` tags
and their like, calls after `[TOOL_CALLS]`, and Python-style calls in brackets; bare or in one fenced
block. "No call" must be said in such a form too (an empty list): prose alone is unreadable, so that a
model that does not call is never mixed up with one that does not answer.
"""

from __future__ import annotations

import re

import msgspec

from xlam_backend.domain.candidate import CandidateState
from xlam_backend.domain.pair import PairSide
from xlam_backend.importers.model_text import Reply as ReadText
from xlam_backend.importers.model_text import python_call, read_reply

LONGEST_REPLY = 200_000
_EMPTY_LIST = re.compile(r"\[\s*\]")
_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)

EMPTY = "The reply is empty."
TOO_LONG = f"The reply is longer than {LONGEST_REPLY:,} characters."
CUT_OFF = "The reply was cut off at the limit of tokens."
NO_CALLS = "The reply holds no calls in a form that can be read."
MANY_BLOCKS = "The reply holds several fenced blocks; which one counts is not said."
NAMELESS = "A call in the reply names no tool, or is no call."
NO_TEXT = "The reply holds characters that are no text."


class ReadStep(msgspec.Struct, frozen=True):
    """What a reply says: the side it gives, or why it cannot be read."""

    state: CandidateState
    side: PairSide = PairSide()
    reason: str = ""


def read_step(text: str, *, is_cut_off: bool = False) -> ReadStep:
    """Read a reply strictly: nothing is guessed, and all its calls count or none.

    A call of a named tool whose arguments are no JSON object is kept as it is written: that is how the
    model calls, and a rule flags it.

    >>> read_step('[{"name": "f", "arguments": {"a": 1}}]').side.tool_calls
    (ToolCall(name='f', arguments={'a': 1}, call_id='', unreadable=''),)
    >>> read_step("I would call f.").reason
    'The reply holds no calls in a form that can be read.'
    """
    if is_cut_off:
        return _unreadable(CUT_OFF)
    if not text.strip():
        return _unreadable(EMPTY)
    if len(text) > LONGEST_REPLY:
        return _unreadable(TOO_LONG)
    found = _read(text)
    if isinstance(found, str):
        return _unreadable(found)
    if any(not call.name for call in found.calls):
        return _unreadable(NAMELESS)
    if not found.calls and not _EMPTY_LIST.search(text):  # tags with nothing between them say nothing
        return _unreadable(NO_CALLS)
    side = PairSide(_thought(found), found.calls)
    try:
        msgspec.json.encode(side)
    except UnicodeError:  # an escape such as \ud800 stands for half a character
        return _unreadable(NO_TEXT)
    return ReadStep("parsed", side)


def _read(text: str) -> ReadText | str:
    """Return what the text says, or why that cannot be told."""
    found = read_reply(text)
    if found.has_calls:
        return found
    inside = _FENCED.findall(text)
    if len(inside) > 1:
        return MANY_BLOCKS
    body = inside[0] if inside else text
    # Words with brackets are not calls: Python-style calls are looked for only inside a list.
    is_list = body.strip().startswith("[") and body.strip().endswith("]")
    found = read_reply(body, python_call if is_list else None)
    if not found.has_calls:
        return NO_CALLS
    words = "" if not inside else _FENCED.sub("", text).strip()
    return msgspec.structs.replace(found, text="\n\n".join(part for part in (words, found.text) if part))


def _thought(found: ReadText) -> str:
    return "\n\n".join(part for part in (found.reasoning, found.text) if part)


def _unreadable(reason: str) -> ReadStep:
    return ReadStep("unreadable", reason=reason)
