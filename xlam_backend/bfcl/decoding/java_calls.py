"""Reads a call written as Java, `Shape.area(base = 10L)`; every argument comes out as its text.

Its syntax tree is read; nothing is ever run.

    >>> read_java_call('Shape.area(base = 10L, unit = "m", sides = new int[]{3, 4})')
    [{'Shape.area': {'base': '10L', 'unit': 'm', 'sides': 'new int[]{3,4}'}}]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from xlam_backend.bfcl.decoding.base import UndecodableError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_QUOTED = frozenset({"string_literal", "character_literal"})
_AS_WRITTEN = frozenset({"identifier", "class_literal", "type_identifier", "method_invocation"})


@cache
def _parser() -> Parser:
    # Imported at the first Java text: no command but the scorer's waits for the grammar.
    import tree_sitter_java
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_java.language()))


def read_java_call(text: str) -> Any:
    """[{function: {argument: text}}] of the first call in the text; {} where there is none."""
    root = _parser().parse(text.encode("utf8", "surrogatepass")).root_node
    if "ERROR" in str(root):
        raise UndecodableError("Not Java.")
    call = _first_call(root)
    if call is None:
        # What the official tool gives; it is told apart from calls later on.
        return {}
    return _JavaText(text).read_call(call)


def _first_call(root: Node) -> Node | None:
    """The first call from the left, outer before inner."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "method_invocation":
            return node
        waiting.extend(reversed(node.children))
    return None


class _JavaText:
    """The text of a call, and what its nodes say."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read_call(self, call: Node) -> list[dict[str, dict[str | None, str]]]:
        name = self._slice(_field(call, "name"))
        owner = call.child_by_field_name("object")
        if owner is not None:
            name = f"{self._slice(owner)}.{name}"
        arguments: dict[str | None, str] = {}
        for child in _field(call, "arguments").children:
            self._add_argument(arguments, child)
        return [{name: arguments}]

    def _add_argument(self, arguments: dict[str | None, str], node: Node) -> None:
        if node.type == "assignment_expression":
            name, value = self._slice(node.children[0]), self._value(node.children[2])
        elif node.type in {"identifier", "class_literal"}:
            name, value = None, self._value(node)
        else:
            return
        if name in arguments:
            raise UndecodableError(f"The argument {name!r} stands there twice.")
        arguments[name] = value

    def _value(self, node: Node, *, is_inner: bool = False) -> str:
        if node.type in _QUOTED:
            return self._slice(node) if is_inner else self._slice(node)[1:-1]
        if node.type in _AS_WRITTEN:
            return self._slice(node)
        if node.type == "array_creation_expression":
            of_type, values = self._inner(_field(node, "type")), self._inner(_field(node, "value"))
            return f"new {of_type}[]{values}"
        if node.type == "object_creation_expression":
            return self._object(node)
        if node.child_count:
            return "".join(self._inner(child) for child in node.children)
        return self._slice(node)

    def _inner(self, node: Node) -> str:
        return self._value(node, is_inner=True)

    def _object(self, node: Node) -> str:
        """`new Type(arguments)`; what stands in braces after it is lost, as it is officially."""
        given = node.child_by_field_name("arguments")
        items = (
            [] if given is None else [child for child in given.children if child.type not in {",", "(", ")"}]
        )
        return f"new {self._inner(_field(node, 'type'))}({', '.join(self._inner(item) for item in items)})"

    def _slice(self, node: Node) -> str:
        # The official tool cuts text at places that count bytes, and so does this: where other than
        # ASCII letters stand before, both are off by the same.
        return self._text[node.start_byte : node.end_byte]


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise UndecodableError(f"A Java {node.type} without its {name} is not read.")
    return found
