"""Reads ShareGPT turns (`from`, `value`), the form many collections share.

`function_call` turns hold one call or a list of calls as JSON text; they belong to the same step as
what the assistant said just before. Some collections write `role`/`content` for `from`/`value`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xlam_backend.domain.trajectory import Observation
from xlam_backend.errors import UnreadableRecordError
from xlam_backend.importers.chat_turns import ROLES, Turn
from xlam_backend.importers.model_text import read_calls_text, read_reply

CALL_MARKS = ("<tool_call>", "<TOOLCALL>", "<functioncall>")
CALL_ROLES = ("function_call", "tool_call")
# What an assistant's turn and a tool's turn say, where a collection has its own way of writing them.
ReadText = Callable[[str], Turn]


def turns_of(record: Any) -> Sequence[dict[str, Any]]:
    """Return a record's turns; a fault when it has none."""
    turns = record.get("conversations", record.get("conversation")) if isinstance(record, dict) else None
    if not isinstance(turns, list) or not turns:
        raise UnreadableRecordError("The record has no list 'conversations'.")
    if not all(isinstance(turn, dict) for turn in turns):
        raise UnreadableRecordError("A turn must be a JSON object.")
    return turns


def speaker(turn: dict[str, Any]) -> str:
    """Return who speaks, in the source's word ("" when it does not say)."""
    said = turn.get("from", turn.get("role"))
    return said if isinstance(said, str) else ""


def spoken(turn: dict[str, Any]) -> str:
    """Return a turn's text."""
    text = turn.get("value", turn.get("content"))
    if text is None:
        return ""
    if not isinstance(text, str):
        raise UnreadableRecordError("A turn's value must be text.")
    return text


def has_call_turns(record: Any) -> bool:
    """Say whether a record has turns that only call or only answer functions."""
    turns = record.get("conversations") if isinstance(record, dict) else None
    if not isinstance(turns, list):
        return False
    marks = (*CALL_ROLES, "observation", "tool_response", "function_response")
    return any(isinstance(turn, dict) and speaker(turn) in marks for turn in turns)


def is_sharegpt(record: Any) -> bool:
    """Say whether a record has ShareGPT turns at all."""
    turns = record.get("conversations") if isinstance(record, dict) else None
    return (
        isinstance(turns, list)
        and bool(turns)
        and all(isinstance(turn, dict) and "from" in turn and "value" in turn for turn in turns)
    )


def plain_assistant(text: str) -> Turn:
    """Take an assistant's turn as it stands."""
    return Turn(role="assistant", text=text)


def assistant_with_blocks(text: str) -> Turn:
    """Split an assistant's text into its words and the calls in its blocks."""
    reply = read_reply(text) if any(mark in text for mark in CALL_MARKS) else None
    if reply is None:
        return Turn(role="assistant", text=text)
    extra = {"reasoning": reply.reasoning} if reply.reasoning and reply.text else {}
    return Turn(role="assistant", text=reply.text or reply.reasoning, calls=reply.calls, extra=extra)


def plain_tool(text: str) -> Turn:
    """Take what a tool returned as it stands."""
    return Turn(role="tool", observations=(Observation(content=text),))


def read_turn(
    turn: dict[str, Any], read_assistant: ReadText = plain_assistant, read_tool: ReadText = plain_tool
) -> Turn:
    """Read one turn."""
    said, text = speaker(turn), spoken(turn)
    role = ROLES.get(said.lower())
    if role is None:
        raise UnreadableRecordError(f"A turn has the unknown speaker {said!r}.")
    if said in CALL_ROLES:
        thought, calls = _thought_and_calls(text)
        return Turn(role="assistant", text=thought, calls=read_calls_text(calls), continues=True)
    if role == "assistant":
        return read_assistant(text)
    return read_tool(text) if role == "tool" else Turn(role=role, text=text)


def _thought_and_calls(text: str) -> tuple[str, str]:
    """Split off a thought that stands before the calls between <think> marks (LLaMA-Factory)."""
    if not text.startswith("<think>"):
        return "", text
    thought, mark, calls = text.removeprefix("<think>").partition("</think>\n")
    return (thought, calls) if mark else ("", text)


def system_turns(record: dict[str, Any]) -> tuple[Turn, ...]:
    """Return the system text that stands beside the turns, as a turn."""
    text = record.get("system")
    return (Turn(role="system", text=text),) if isinstance(text, str) and text else ()
