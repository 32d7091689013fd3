"""Reads YAML into plain values and remembers on which line each stands, so that faults can be placed."""

from __future__ import annotations

from typing import Any, NamedTuple

from xlam_backend.errors import InputError

Path = tuple[str | int, ...]

LONGEST_TEXT = 200_000
_MOST_DEPTH = 20
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Placed(NamedTuple):
    """A document's value, and the line (from 1) of every value in it by its path."""

    value: Any
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """Return the line of a value; of the nearest one around it where the value is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class PlacedFault(NamedTuple):
    """What is wrong, and on which line."""

    line: int
    words: str


class YamlFaultError(InputError):
    """A text is no YAML of the kind that is read here; `fault` says where."""

    def __init__(self, fault: PlacedFault) -> None:
        super().__init__(f"Line {fault.line}: {fault.words}", "Correct the line.")
        self.fault = fault


def read_placed(text: str) -> Placed:
    """Return the one document of a text.

    Raises:
        YamlFaultError: it is no YAML, or uses anchors, tags or keys that are no words.
    """
    import yaml  # here: pages and commands that read no recipe need not wait for it

    if len(text) > LONGEST_TEXT:
        raise YamlFaultError(PlacedFault(1, f"the text has more than {LONGEST_TEXT:,} characters"))
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = _line_at(text, mark.index) if mark else 1
        raise YamlFaultError(
            PlacedFault(line, f"this is no YAML: {error.problem or error.context}")
        ) from error
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        raise YamlFaultError(
            PlacedFault(_line_at(text, position), "a character cannot stand in YAML")
        ) from error
    except yaml.YAMLError as error:
        raise YamlFaultError(PlacedFault(1, "this is no YAML")) from error
    except RecursionError as error:
        raise YamlFaultError(PlacedFault(1, "lists inside lists without end")) from error
    reader = _Reader(text)
    value = None if node is None else reader.value(node, ())
    return Placed(value, reader.lines)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._seen: set[int] = set()
        self.lines: dict[Path, int] = {}

    def value(self, node: Any, path: Path) -> Any:
        line = self.lines[path] = _line_at(self._text, node.start_mark.index)
        if id(node) in self._seen:
            raise YamlFaultError(PlacedFault(line, "anchors (&, *) are not read here; write it out"))
        self._seen.add(id(node))
        if len(path) > _MOST_DEPTH:
            raise YamlFaultError(PlacedFault(line, "this is nested too deeply"))
        if node.id == "mapping":
            return self._mapping(node, path)
        if node.id == "sequence":
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        return _scalar(node, line)

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = _line_at(self._text, key_node.start_mark.index)
            key = key_node.value
            if key_node.id != "scalar" or not isinstance(key, str):
                raise YamlFaultError(PlacedFault(line, "a key is a word"))
            if key in members:
                raise YamlFaultError(PlacedFault(line, f"the key {key[:80]!r} stands here a second time"))
            members[key] = self.value(value_node, (*path, key))
            self.lines[(*path, key)] = line
        return members


def _scalar(node: Any, line: int) -> Any:
    text: str = node.value
    kind = node.tag.rpartition(":")[2]
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0)
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError as error:
        raise YamlFaultError(
            PlacedFault(line, f"{text[:40]!r} cannot be read as a number; quote it if it is text")
        ) from error
    if kind == "null":
        return None
    return _WORDS.get(text.lower(), text) if kind == "bool" else text


def _line_at(text: str, index: int) -> int:
    """Return the line of a place as an editor counts: YAML itself breaks lines at more characters."""
    return text.count("\n", 0, index) + 1
