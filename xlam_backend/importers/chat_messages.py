"""Reads chat messages (`role`, `content`, `tool_calls`) as turns.

Content is text, null, or a list of parts: OpenAI's `{"type": "text", "text"}` and LLaMA-Factory's
`{"type": "text" | "reasoning" | "tool_call", "value"}`. Parts that are no text (images) stand as their
name in brackets where they stood. Reasoning beside a reply goes to the step's `extra`; alone it is the
thought. Other fields of a message are kept under `message_fields`, by the message's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from xlam_backend.domain.trajectory import Observation, ToolCall
from xlam_backend.errors import UnreadableRecordError
from xlam_backend.formats.call_ids import own_id
from xlam_backend.importers.chat_turns import ROLES, Conversation, Turn, build_conversation
from xlam_backend.importers.json_text import JsonTextError, parse_inner
from xlam_backend.importers.model_text import call_with_arguments, read_call

_KNOWN = frozenset(
    {
        "role",
        "content",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "name",
        "reasoning_content",
        "function",
    }
)
_TEXT_KEYS = ("text", "value", "content", "reasoning", "thinking", "refusal")


class _Content(msgspec.Struct, frozen=True):
    text: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()


def read_chat(messages: Any) -> Conversation:
    """Read a list of messages as a conversation."""
    return build_conversation(read_message(message) for message in as_messages(messages))


def as_messages(messages: Any) -> Sequence[dict[str, Any]]:
    """Return a non-empty list of message objects as it is; anything else is a fault."""
    if not isinstance(messages, list) or not messages:
        raise UnreadableRecordError("There is no list of messages.")
    if not all(isinstance(message, dict) for message in messages):
        raise UnreadableRecordError("A message must be a JSON object.")
    return messages


def message_fields(messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return an `extra` entry with the fields of messages that turns have no place for."""
    beside = {
        str(place): fields
        for place, message in enumerate(messages)
        if (
            fields := {
                key: value for key, value in message.items() if key not in _KNOWN and value is not None
            }
        )
    }
    return {"message_fields": beside} if beside else {}


def read_message(message: dict[str, Any]) -> Turn:
    """Read one message as a turn."""
    said = message.get("role")
    role = ROLES.get(said) if isinstance(said, str) else None
    if role is None:
        raise UnreadableRecordError(f"A message has the unknown role {said!r}.")
    if role == "tool":
        return Turn(role="tool", observations=(_observation(message),))
    content = _read_content(message.get("content"))
    if role != "assistant":
        return Turn(role=role, text=content.text)
    reasoning = content.reasoning or _text(message.get("reasoning_content"))
    return Turn(
        role="assistant",
        text=content.text or reasoning,
        calls=(*content.calls, *map(_without_made_up_id, _calls(message))),
        extra={"reasoning": reasoning} if reasoning and content.text else {},
    )


def _without_made_up_id(call: ToolCall) -> ToolCall:
    is_own = own_id(call.call_id) == call.call_id
    return call if is_own else msgspec.structs.replace(call, call_id="")


def content_text(content: Any) -> str:
    """Return the text of a message's content."""
    return _read_content(content).text


def _calls(message: dict[str, Any]) -> Iterable[ToolCall]:
    calls = message.get("tool_calls")
    if calls is not None and not isinstance(calls, list):
        raise UnreadableRecordError("'tool_calls' must be a list of calls.")
    for call in calls or ():
        yield _code_call(call) or read_call(call)
    if message.get("function_call") is not None:
        yield read_call(message["function_call"])


def _code_call(call: Any) -> ToolCall | None:
    """Read a call of the hosted code interpreter, whose arguments are code and not JSON."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or function.get("name") != "python":
        return None
    code = function.get("arguments")
    if not isinstance(code, str) or code.lstrip().startswith("{"):
        return None
    return call_with_arguments("python", {"code": code}, _text(call.get("id")))


def _observation(message: dict[str, Any]) -> Observation:
    content = message.get("content")
    is_parts = isinstance(content, list) and all(_is_part(part) for part in content)
    name = message.get("name", message.get("function"))
    return Observation(
        content=_read_content(content).text if is_parts else content,
        call_id=own_id(_text(message.get("tool_call_id"))),
        name=_text(name),
    )


def _read_content(content: Any) -> _Content:
    if not isinstance(content, list):
        return _Content(_text(content))
    texts, reasonings, calls = [], [], list[ToolCall]()
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("reasoning", "thinking"):
            reasonings.append(_part_text(part))
        elif kind in ("tool_call", "tool_use"):
            calls.append(_part_call(part))
        else:
            texts.append(_part_text(part))
    return _Content("\n".join(texts), "\n".join(reasonings), tuple(calls))


def _part_call(part: dict[str, Any]) -> ToolCall:
    value = part.get("value", part)
    if isinstance(value, str):
        try:
            value = parse_inner(value)
        except JsonTextError:
            return ToolCall(name="", unreadable=value)
    return read_call(value)


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    fields = part if isinstance(part, dict) else {}
    text = next((fields[key] for key in _TEXT_KEYS if isinstance(fields.get(key), str)), None)
    return f"[{fields.get('type', 'part without text')}]" if text is None else text


def _is_part(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("type"), str))


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise UnreadableRecordError(f"A message's field must be text, not {type(value).__name__}.")
