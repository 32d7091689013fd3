"""Scripted weak models: the next step by words in common, with planted errors of five kinds."""

from __future__ import annotations

import json
import re
from typing import Any

from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer, record_of, records_of
from xlam_backend.llm.scripted_answers.words import numbers_in, telling_words

# How often a weak model plants an error. The careful one never does; others do so half the time.
ERROR_SHARES = {"scripted-weak-a": 0.35, "scripted-weak-b": 0.65}
_CAREFUL, _USUAL_SHARE = "scripted-careful", 0.5
ERRORS = ("wrong tool", "missing argument", "extra call", "wrong value", "format")

_NAMES = re.compile(r"\"([^\"]{1,80})\"|'([^']{1,80})'|\b([A-Z][\w-]+(?: [A-Z][\w-]+)*)\b(?!^)")
_IDENTIFIES = re.compile(r"(?:number|id|code)$")
_IDENTIFIERS = re.compile(r"\b[A-Z]+-?\d+\b")
_MOST_CALLS = 5
Call = dict[str, Any]


def next_step(question: Question) -> str:
    """Call the tools whose words stand in what the user said last, unless they were called before."""
    tools, history = records_of(question.data("tools")), records_of(question.data("history"))
    asked = str(question.data("query") or "")
    for step in history:
        asked = str(step.get("user") or asked)
    called = {call.get("name") for step in history for call in records_of(step.get("calls"))}
    if question.model == _CAREFUL:
        calls = _careful_calls([tool for tool in tools if tool.get("name") not in called], asked)
    else:
        calls = [_call(tool, asked) for tool in _chosen(tools, asked) if tool.get("name") not in called]
    calls, is_broken = _with_errors(question, calls, tools)
    thought = f"I call {', '.join(call['name'] for call in calls)}." if calls else "Here is your answer."
    if is_broken:
        return f"{thought} {' '.join(str(call['name']) for call in calls)}({asked[:40]}"
    return json.dumps({"thought": thought, "tool_calls": calls}, ensure_ascii=False)


def calls_for(question: Question, tools: list[dict[str, Any]], asked: str) -> list[Call]:
    """Return the calls of the tools whose words stand in what was asked, at times with an error."""
    calls, is_broken = _with_errors(question, [_call(tool, asked) for tool in _chosen(tools, asked)], tools)
    return [{**calls[0], "arguments": {}}, *calls[1:]] if is_broken else calls


def _chosen(tools: list[dict[str, Any]], asked: str) -> list[dict[str, Any]]:
    """Return the tools that share the most words with what was asked."""
    words = telling_words(asked)
    shared = [len(words & telling_words(f"{tool.get('name')} {tool.get('description')}")) for tool in tools]
    most = max(shared, default=0)
    return [tool for tool, count in zip(tools, shared) if count == most > 0][:_MOST_CALLS]


def _call(tool: dict[str, Any], asked: str) -> Call:
    """Fill in what is required, with values taken from what was asked, in order."""
    parameters = record_of(tool.get("parameters"))
    properties, required = record_of(parameters.get("properties")), parameters.get("required")
    numbers = numbers_in(asked)
    names = ["".join(found) for found in _NAMES.findall(asked[1:])]
    arguments = {
        name: _value(properties.get(name), asked, numbers, names)
        for name in (required if isinstance(required, list) else [])
        if isinstance(name, str)
    }
    return {"name": str(tool.get("name", "")), "arguments": arguments}


def _careful_calls(tools: list[dict[str, Any]], asked: str) -> list[Call]:
    """Call one tool at most, the first that fits and whose identifiers were said."""
    for tool in _chosen(tools, asked) or tools:
        call = _call(tool, asked)
        named = [name for name in call["arguments"] if _IDENTIFIES.search(name)]
        said = _IDENTIFIERS.findall(asked)
        if len(named) <= len(said):
            return [{**call, "arguments": {**call["arguments"], **dict(zip(named, said))}}]
    return []


def _value(described: Any, asked: str, numbers: list[str], names: list[str]) -> Any:
    """Return a value of the described type; takes numbers and names off the lists it is given."""
    described = record_of(described)
    offered = described.get("enum")
    if isinstance(offered, list) and offered:
        return next((value for value in offered if str(value).lower() in asked.lower()), offered[0])
    kind = described.get("type", "string")
    if kind in {"integer", "number"}:
        number = float(numbers.pop(0)) if numbers else 1.0
        return int(number) if kind == "integer" or number.is_integer() else number
    if kind == "boolean":
        return True
    if kind == "array":
        return [_value(described.get("items"), asked, numbers, names)]
    if kind == "object":
        return {}
    return names.pop(0) if names else " ".join(asked.split()[-2:])


def _with_errors(
    question: Question, calls: list[Call], tools: list[dict[str, Any]]
) -> tuple[list[Call], bool]:
    """Plant one error, or none; the second value says that the form is broken."""
    dice = question.dice
    share = 0.0 if question.model == _CAREFUL else ERROR_SHARES.get(question.model, _USUAL_SHARE)
    if dice.random() >= share or not calls:
        return calls, False
    kind = dice.choice(ERRORS)
    first, others = calls[0], calls[1:]
    if kind == "wrong tool":
        names = [str(tool.get("name", "")) for tool in tools if tool.get("name") != first["name"]]
        return [{**first, "name": dice.choice(names or [first["name"] + "_info"])}, *others], False
    if kind == "extra call":
        return [*calls, _call(dice.choice(tools), "something else")], False
    arguments = dict(first["arguments"])
    if arguments and kind in {"missing argument", "wrong value"}:
        name = dice.choice(sorted(arguments))
        value = arguments.pop(name)
        if kind == "wrong value":
            arguments[name] = _other(value)
        return [{**first, "arguments": arguments}, *others], False
    return calls, True


def _other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 7
    return f"{value} Springs" if isinstance(value, str) else []


ANSWERS = (ScriptedAnswer("respond_next_step", next_step),)
