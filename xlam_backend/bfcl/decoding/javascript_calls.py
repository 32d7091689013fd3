"""Reads a call written as JavaScript, `area(base=10)`; every argument comes out as its text.

Its syntax tree is read; nothing is ever run.

    >>> read_javascript_call("shape.area(base=10, unit='m', sides=[3, 4])")
    [{'shape.area': {'base': '10', 'unit': 'm', 'sides': '[3, 4]'}}]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from xlam_backend.bfcl.decoding.base import UndecodableError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


@cache
def _parser() -> Parser:
    # Imported at the first JavaScript text: no command but the scorer's waits for the grammar.
    import tree_sitter_javascript
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_javascript.language()))


def read_javascript_call(text: str) -> Any:
    """[{function: {argument: text}}] of the first statement that is a call; None where there is none."""
    root = _parser().parse(text.encode("utf8", "surrogatepass")).root_node
    if "ERROR" in str(root):
        raise UndecodableError("Not JavaScript.")
    for statement in root.children:
        if statement.type == "expression_statement":
            for part in statement.children:
                if part.type == "call_expression":
                    return _read_call(part)
    # What the official tool gives; it is told apart from calls later on.
    return None


def _read_call(call: Node) -> list[dict[str, dict[str | None, str]]]:
    arguments: dict[str | None, str] = {}
    for child in call.children[1].children:
        if child.type == "assignment_expression":
            name, value = _text(child.children[0]), _unquoted(_text(child.children[2]))
        elif child.type in {"identifier", "true"}:
            name, value = None, _text(child)
        else:
            continue
        if name in arguments:
            raise UndecodableError(f"The argument {name!r} stands there twice.")
        arguments[name] = value
    return [{_text(call.children[0]): arguments}]


def _unquoted(text: str) -> str:
    for quote in ('"', "'"):
        if text.startswith(quote) and text.endswith(quote):
            return text[1:-1]
    return text


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf8", "surrogatepass")
