"""XML: an element for the thought, for each call, and for each argument with its type.

A text that XML cannot hold (control characters) stands as a JSON string, type json_string; a name of
that kind stands in the attribute json_name. Read with expat; a document type, entities of its own,
comments and processing instructions are refused before anything is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn
from xml.parsers import expat

import msgspec

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import MAX_DEPTH, Answer, AnswerTextError
from xlam_backend.output_formats.base import OutputFormat
from xlam_backend.output_formats.json_writing import json_string
from xlam_backend.output_formats.text_reader import TextReader, read_whole_json

_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\t\n\r]')
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ESCAPED_IN_NAMES = {**_ESCAPED, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_TEXT, _NAME = str.maketrans(_ESCAPED), str.maketrans(_ESCAPED_IN_NAMES)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BLANKS = " \t\n\r"


def write(answer: Answer, _arguments_first: bool) -> str:
    """Write the elements, indented."""
    lines = ["<answer>"]
    if answer.thought:
        kind = ' type="json_string"' if _ODD.search(answer.thought) else ""
        lines.append(f"  <thought{kind}>{_text(answer.thought)}</thought>")
    if not answer.calls:
        lines.append("  <tool_calls></tool_calls>")
    else:
        lines.append("  <tool_calls>")
        for call in answer.calls:
            _write_call(call, lines)
        lines.append("  </tool_calls>")
    lines.append("</answer>")
    return "\n".join(lines)


def _write_call(call: ToolCall, lines: list[str]) -> None:
    if not call.arguments:
        lines.append(f"    <tool_call{_named(call.name)}></tool_call>")
        return
    lines.append(f"    <tool_call{_named(call.name)}>")
    lines += [
        f"      {_write_value(value, 'argument', _named(name))}" for name, value in call.arguments.items()
    ]
    lines.append("    </tool_call>")


def _write_value(value: Any, tag: str, named: str) -> str:
    kind = type(value)
    if kind is str:
        said = "json_string" if _ODD.search(value) else "string"
        return f'<{tag}{named} type="{said}">{_text(value)}</{tag}>'
    if kind is dict:
        inside = "".join([_write_value(item, "member", _named(key)) for key, item in value.items()])
        return f'<{tag}{named} type="object">{inside}</{tag}>'
    if kind is list:
        inside = "".join([_write_value(item, "item", "") for item in value])
        return f'<{tag}{named} type="array">{inside}</{tag}>'
    if kind is bool:
        return f'<{tag}{named} type="boolean">{"true" if value else "false"}</{tag}>'
    if value is None:
        return f'<{tag}{named} type="null"></{tag}>'
    return f'<{tag}{named} type="number">{value!r}</{tag}>'


def _text(text: str) -> str:
    if _ODD.search(text):
        text = json_string(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return text.translate(_TEXT) if _SPECIAL.search(text) else text


def _named(name: str) -> str:
    key = "json_name" if _ODD.search(name) else "name"
    if key == "json_name":
        name = json_string(name).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return f' {key}="{name.translate(_NAME) if _SPECIAL.search(name) else name}"'


class _Element(msgspec.Struct):
    """An element as read, with its place for complaints."""

    tag: str
    attributes: dict[str, str]
    line: int
    column: int
    text: str = ""
    children: list[_Element] = []

    def fail(self, reason: str) -> NoReturn:
        """Refuse the element."""
        raise AnswerTextError(reason, self.line, self.column)


class _TreeBuilder:
    """Makes elements of what expat reports, and refuses the dangerous parts of XML."""

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse("a document type")
        parser.ProcessingInstructionHandler = self._refuse("a processing instruction")
        parser.CommentHandler = self._refuse("a comment")
        parser.XmlDeclHandler = self._refuse("an XML declaration")

    def build(self, text: str) -> _Element:
        """Read the text to its end."""
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            reason = f"not XML: {expat.errors.messages.get(error.code, 'unreadable')}"
            raise AnswerTextError(reason, error.lineno, error.offset + 1) from None
        if self.root is None:
            raise AnswerTextError("not XML: there is no element")
        return self.root

    def _refuse(self, what: str) -> Any:
        def refuse(*_: Any) -> NoReturn:
            self._fail(f"{what} is not allowed in an answer")

        return refuse

    def _fail(self, reason: str) -> NoReturn:
        raise AnswerTextError(reason, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH + 5:
            self._fail(f"nested deeper than {MAX_DEPTH} levels")
        element = _Element(
            tag, attributes, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text


def read(text: str) -> Answer:
    """Read the elements."""
    root = _TreeBuilder().build(text)
    _expect(root, "answer", ())
    parts = {child.tag: child for child in _children(root)}
    if (
        len(parts) != len(root.children)
        or "tool_calls" not in parts
        or parts.keys() - {"thought", "tool_calls"}
    ):
        root.fail("an answer has at most one thought and exactly one tool_calls")
    _expect(parts["tool_calls"], "tool_calls", ())
    thought = _read_thought(parts["thought"]) if "thought" in parts else ""
    return Answer(thought, tuple(_read_call(child) for child in _children(parts["tool_calls"])))


def _expect(element: _Element, tag: str, attributes: tuple[str, ...]) -> None:
    """Refuse another tag, and attributes other than these."""
    if element.tag != tag:
        element.fail(f"<{tag}> is missing; <{element.tag[:100]}> stands here")
    unknown = element.attributes.keys() - {*attributes}
    if unknown:
        element.fail(f"<{tag}> has no attribute {min(unknown)[:100]!r}")


def _children(element: _Element) -> list[_Element]:
    """Return the elements inside one that holds no text."""
    if element.text.strip(_BLANKS):
        element.fail(f"text stands between the elements of <{element.tag[:100]}>")
    return element.children


def _read_thought(element: _Element) -> str:
    _expect(element, "thought", ("type",))
    value = _read_text(element, element.attributes.get("type", "string"))
    return value if isinstance(value, str) else element.fail("the thought is no text")


def _read_call(element: _Element) -> ToolCall:
    _expect(element, "tool_call", ("name", "json_name"))
    return ToolCall(_read_name(element), _read_members(element, "argument"))


def _read_name(element: _Element) -> str:
    given = element.attributes
    if ("name" in given) == ("json_name" in given):
        element.fail(f"<{element.tag}> needs a name")
    if "name" in given:
        return given["name"]
    return str(_at(element, TextReader(given["json_name"]).json_string))


def _read_members(element: _Element, tag: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for child in _children(element):
        _expect(child, tag, ("name", "json_name", "type"))
        name = _read_name(child)
        if name in members:
            child.fail(f"the name {name[:100]!r} stands twice in one element")
        members[name] = _read_value(child)
    return members


def _read_items(element: _Element) -> Iterator[Any]:
    for child in _children(element):
        _expect(child, "item", ("type",))
        yield _read_value(child)


def _read_value(element: _Element) -> Any:
    kind = element.attributes.get("type", "")
    if kind == "object":
        return _read_members(element, "member")
    if kind == "array":
        return list(_read_items(element))
    return _read_text(element, kind)


def _read_text(element: _Element, kind: str) -> Any:
    if element.children:
        element.fail(f"<{element.tag}> of the type {kind[:100]!r} holds no elements")
    text = element.text
    if kind == "string":
        return text
    if kind == "json_string" and text.startswith('"'):
        return _at(element, lambda: read_whole_json(text))
    words = {("boolean", "true"): True, ("boolean", "false"): False, ("null", ""): None}
    if (kind, text) in words:
        return words[kind, text]
    if kind == "number" and _NUMBER.fullmatch(text):
        return _at(element, lambda: read_whole_json(text))
    return element.fail(f"{text[:100]!r} is no value of the type {kind[:100]!r}")


def _at(element: _Element, read_part: Any) -> Any:
    """Read a part of an element; complaints name the element's place."""
    try:
        return read_part()
    except AnswerTextError as error:
        element.fail(error.reason)


FORMAT = OutputFormat(
    name="xml",
    title="XML",
    words="Answer in XML: `<answer>` holds `<tool_calls>`, which holds a `<tool_call>` for each call, "
    "which holds an `<argument>` for each argument. Types are string, number, boolean, null, "
    "array (of `<item>`) and object (of `<member>`).",
    thought_words="in `<thought>`",
    no_call_words="`<tool_calls>` is empty",
    write=write,
    read=read,
)
