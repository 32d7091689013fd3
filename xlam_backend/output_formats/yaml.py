"""YAML 1.2 in block style, closed by the line of three dots that ends a YAML document.

Written so that YAML 1.1 readers see the same: words such as `no` and whatever looks like a number
are quoted. Read from PyYAML's events by the core schema of YAML 1.2; anchors, aliases, tags, keys that
stand twice and second documents are refused before anything is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import MAX_DEPTH, Answer, AnswerTextError
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.call_objects import read_answer_object
from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.text_reader import TextReader

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[ ./-][A-Za-z0-9_]+)*")
# What some version of YAML takes for something other than text.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# YAML wants a key to end on its line within 1,024 characters, quotes and escapes included.
_LONGEST_KEY = 100
_STEP = "  "

_CORE_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN")


def write(answer: Answer, arguments_first: bool) -> str:
    """Write the thought and the calls in blocks."""
    lines: list[str] = []
    if answer.thought:
        lines.append(f"thought: {_scalar(answer.thought)}")
    lines.append("tool_calls:" if answer.calls else "tool_calls: []")
    for call in answer.calls:
        _write_call(call, lines, arguments_first)
    lines.append("...")
    return "\n".join(lines)


def _write_call(call: ToolCall, lines: list[str], arguments_first: bool) -> None:
    if not arguments_first:
        lines.append(f"  - name: {_scalar(call.name)}")
    begin = "  - " if arguments_first else "    "
    if call.arguments:
        lines.append(f"{begin}arguments:")
        _write_block(call.arguments, "      ", lines)
    else:
        lines.append(f"{begin}arguments: {{}}")
    if arguments_first:
        lines.append(f"    name: {_scalar(call.name)}")


def _write_block(value: Any, indent: str, lines: list[str]) -> None:
    """Write the members of an object or list that is not empty, one per line or block."""
    if type(value) is dict:
        for key, item in value.items():
            if len(key) > _LONGEST_KEY:
                lines.append(f"{indent}? {_scalar(key)}")
                _write_member(f"{indent}:", item, indent, lines)
            else:
                _write_member(f"{indent}{_scalar(key)}:", item, indent, lines)
    else:
        for item in value:
            _write_member(f"{indent}-", item, indent, lines)


def _write_member(head: str, value: Any, indent: str, lines: list[str]) -> None:
    if value and type(value) in (dict, list):
        lines.append(head)
        _write_block(value, indent + _STEP, lines)
    else:
        lines.append(f"{head} {_scalar(value)}")


def _scalar(value: Any) -> str:
    if type(value) is str:
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        written = json_string(value)
        return written if written.isascii() and "\x7f" not in written else _ODD.sub(_escape, written)
    if type(value) in (dict, list):
        return "{}" if type(value) is dict else "[]"
    return repr(value) if type(value) in (int, float) else {None: "null", True: "true", False: "false"}[value]


def _escape(odd: re.Match[str]) -> str:
    return f"\\u{ord(odd.group()):04x}"


def read(text: str) -> Answer:
    """Read one document that is closed."""
    try:
        return read_answer_object(_Builder(text).build())
    except (
        _PlacedError
    ) as fault:  # YAML breaks lines at more characters than an editor: the place is told anew
        TextReader(text).fail(fault.reason, fault.at)


class _PlacedError(Exception):
    """What is wrong with a text, and behind how many of its characters."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


class _Builder:
    """Makes a value of YAML's events."""

    def __init__(self, text: str) -> None:
        self._events = _events(text)

    def build(self) -> Any:
        """Return the value of the only document."""
        self._next("StreamStartEvent")
        self._next("DocumentStartEvent")
        value = self._value(next(self._events), 0)
        end = self._next("DocumentEndEvent")
        if not end.explicit:
            _fail(end, "the line of three dots that ends the answer is missing")
        self._next("StreamEndEvent")
        return value

    def _next(self, kind: str) -> Any:
        event = next(self._events)
        if type(event).__name__ != kind:
            _fail(event, "one document is expected, and nothing else")
        return event

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event).__name__
        if depth > MAX_DEPTH + 5:
            _fail(event, f"nested deeper than {MAX_DEPTH} levels")
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            _fail(event, "anchors, aliases and tags are not allowed in an answer")
        if kind == "ScalarEvent":
            return _read_plain(event) if event.implicit[0] and not event.style else event.value
        if kind == "SequenceStartEvent":
            return list(self._items(depth))
        return self._mapping(depth)

    def _items(self, depth: int) -> Iterator[Any]:
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            yield self._value(event, depth + 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._value(event, depth + 1)
            if not isinstance(key, str):
                _fail(event, "a key is no text")
            if key in members:
                _fail(event, f"the key {key[:100]!r} stands twice in one mapping")
            members[key] = self._value(next(self._events), depth + 1)
        return members


def _events(text: str) -> Iterator[Any]:
    import yaml  # here: commands that read no YAML need not wait for it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _PlacedError(f"not YAML: {error.problem or error.context}", mark.index if mark else 0) from None
    except yaml.YAMLError as error:
        raise AnswerTextError(f"not YAML: {str(error).splitlines()[0][:200]}") from None


def _fail(event: Any, reason: str) -> NoReturn:
    raise _PlacedError(reason, event.start_mark.index)


def _read_plain(event: Any) -> Any:
    """Read a scalar without quotes by YAML's core schema; what matches nothing is text."""
    text: str = event.value
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    try:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _OTHER_BASE.fullmatch(text):
            return int(text, 0)
    except ValueError:
        _fail(event, "a number is too long")
    if _FLOAT.fullmatch(text):
        return float(text)
    return _fail(event, f"{text} is no JSON number") if _NOT_JSON.fullmatch(text) else text


FORMAT = OutputFormat(
    name="yaml",
    title="YAML",
    words="Answer in YAML: `tool_calls` is a list of calls, each with the keys `name` and `arguments`. "
    "Close the answer with a line of three dots.",
    thought_words="under the key `thought`",
    no_call_words="the list is empty",
    write=write,
    read=read,
    has_call_keys=True,
)
