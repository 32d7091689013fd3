"""What failed questions would have needed: the tools, the shape of the calls, the kinds of the values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from xlam_backend.bfcl.question import Question
from xlam_backend.domain.finding import SpecToolCode
from xlam_backend.domain.tool import Tool
from xlam_backend.feedback.failures import Failure
from xlam_backend.feedback.release_index import argument_kind
from xlam_backend.feedback.row_shape import Shape, shapes_of_category
from xlam_backend.feedback.signatures import ToolSignature, signature_of


class NeededTool(msgspec.Struct, frozen=True):
    """A tool that failed questions ask for, and how many of them do."""

    signature: ToolSignature
    failure_count: int


class Lack(msgspec.Struct, frozen=True):
    """What a failing slice asks for; every count is of failed items.

    `tools` are those that the right answer calls, or, where it calls none, those on offer; the most
    frequent first. `kinds` are JSON kinds of the values that the right answers give. `unknown_count`
    items failed at questions that are not at hand: nothing is known of what they need.
    """

    failure_count: int
    tools: tuple[NeededTool, ...]
    shapes: dict[Shape, int]
    codes: dict[SpecToolCode, int]
    kinds: dict[str, int]
    unknown_count: int


def lack_of(failures: Iterable[Failure], questions: Mapping[str, Question]) -> Lack:
    """Return what these failures lack; `questions` are those of the set, by id."""
    found = list(failures)
    tools: Counter[ToolSignature] = Counter()
    shapes: Counter[Shape] = Counter()
    kinds: Counter[str] = Counter()
    unknown_count = 0
    for failure in found:
        question = questions.get(failure.item.item_id)
        if question is None:
            unknown_count += 1
            continue
        tools.update(needed_tools(question))
        shapes.update(shapes_of_category(question.its_category))
        kinds.update(needed_kinds(question))
    needed = sorted(tools.items(), key=lambda one: (-one[1], one[0]))
    return Lack(
        len(found),
        tuple(NeededTool(signature, count) for signature, count in needed),
        dict(shapes.most_common()),
        dict(Counter(failure.code for failure in found).most_common()),
        dict(sorted(kinds.items(), key=lambda one: (-one[1], one[0]))),
        unknown_count,
    )


def needed_tools(question: Question) -> set[ToolSignature]:
    """Return the tools that the right answer calls; those on offer where it calls none."""
    offered = {tool.name: signature_of(tool) for tool in map(_tool, question.functions)}
    called = {name for name in _called_names(question) if name in offered}
    return {offered[name] for name in called or offered}


def needed_kinds(question: Question) -> set[str]:
    """Return the JSON kinds of the values that the right answer gives."""
    if question.its_category.language != "python":
        return set()  # whatever a value is in Java, it is written as a text
    return {
        argument_kind(value)
        for call in question.possible_answer or ()
        if isinstance(call, dict)
        for arguments in call.values()
        if isinstance(arguments, dict)
        for allowed in arguments.values()
        for value in _meant(allowed)
    }


def _meant(allowed: Any) -> Iterator[Any]:
    """Yield the first allowed value that is one: "" says that the argument may be left out."""
    if isinstance(allowed, list):
        yield from [value for value in allowed if value != ""][:1]


def _tool(function: Mapping[str, Any]) -> Tool:
    return Tool(
        str(function.get("name", "")), str(function.get("description", "")), function.get("parameters", {})
    )


def _called_names(question: Question) -> Iterator[str]:
    for call in question.possible_answer or ():
        if isinstance(call, dict):
            yield from call
        elif isinstance(call, str):  # of executable questions: name(argument=value)
            yield call.partition("(")[0].strip()
