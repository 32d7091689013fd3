"""Scripted judges of calls and their arguments."""

from __future__ import annotations

import re
from typing import Any

from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer, record_of, records_of
from xlam_backend.llm.scripted_answers.verdict import READS_ONLY_REQUEST, choose
from xlam_backend.llm.scripted_answers.words import Said, plain, telling_words

_ASKS = re.compile(r"\?|;|\band\b", re.IGNORECASE)
_FIRST = frozenset({"from", "origin", "source", "start", "min", "minimum", "first", "begin", "departure"})


def said_before(question: Question) -> Said:
    """Return what had been said, as far as this model reads it."""
    context = question.record("context")
    if question.model == READS_ONLY_REQUEST:
        return Said(context.get("request"))
    return Said(context.get("request"), context.get("instruction"), context.get("earlier_steps"))


def judge_argument(question: Question) -> str:
    """Supported: the value was said, or the tool allows only such values."""
    item = question.record("item")
    name, value = str(item.get("argument", "")), item.get("value")
    if said_before(question).holds(value):
        return choose(question, "supported", "the value stands in what had been said.")
    if value in _allowed(question.record("context").get("tool"), name):
        return choose(question, "supported", "the tool offers this value.")
    return choose(question, "unsupported", "the value stands nowhere in what had been said.")


def judge_missing_information(question: Question) -> str:
    """Missing: a required argument has a value that was not said."""
    item, said = question.record("item"), said_before(question)
    arguments = _arguments(item.get("call"))
    for name in _texts(item.get("required")):
        if name in arguments and not said.holds(arguments[name]):
            return choose(question, "missing", "a required value was not said.")
    return choose(question, "enough", "every required value was said.")


def judge_no_suitable_tool(question: Question) -> str:
    """Suitable: the tool's name or description shares a word with the request."""
    context, item = question.record("context"), question.record("item")
    asked = telling_words(str(context.get("request", "")))
    called = _name(item.get("call"))
    shared = {
        _name(tool): len(asked & telling_words(f"{_name(tool)} {tool.get('description', '')}"))
        for tool in records_of(context.get("tools"))
    }
    if shared.get(called, 0) or asked & telling_words(called):
        return choose(question, "suitable", "the tool's words stand in the request.")
    if max(shared.values(), default=0) > 1:
        return choose(question, "better tool", "another tool shares more words with the request.")
    return choose(question, "no tool", "no tool shares a word with the request.")


def judge_swapped_arguments(question: Question) -> str:
    """Swapped: the argument that names a beginning has the value that was said later."""
    item, said = question.record("item"), said_before(question)
    arguments = _arguments(item.get("call"))
    for pair in item.get("pairs") or []:
        names = _texts(pair)
        if len(names) != 2 or not set(names) <= set(arguments):
            continue
        first, second = (said.position(arguments[name]) for name in names)
        if set(plain(names[0]).split()) & _FIRST and first > second >= 0:
            return choose(question, "swapped", "the values were said in the other order.")
    return choose(question, "in place", "the values were said in this order.")


def judge_call_count(question: Question) -> str:
    """Complete: as many calls as the request has questions."""
    request = str(question.record("context").get("request", ""))
    calls = len(records_of(question.record("item").get("calls")))
    wanted = max(1, len(_ASKS.findall(request.rstrip("?. "))) + 1)
    if calls < wanted and calls < 2:
        return choose(question, "too few", f"{calls} calls for {wanted} parts of the request.")
    if calls > wanted:
        return choose(question, "too many", f"{calls} calls for {wanted} parts of the request.")
    return choose(question, "complete", f"{calls} calls for {wanted} parts of the request.")


def _allowed(tool: Any, name: str) -> list[Any]:
    """Return the values that a tool's description offers for an argument."""
    parameters = record_of(record_of(tool).get("parameters"))
    described = record_of(parameters.get("properties", parameters)).get(name)
    if not isinstance(described, dict):
        return []
    offered = described.get("enum")
    return [*(offered if isinstance(offered, list) else []), described.get("default", offered)]


def _arguments(call: Any) -> dict[str, Any]:
    return record_of(record_of(call).get("arguments"))


def _name(named: Any) -> str:
    return str(record_of(named).get("name", ""))


def _texts(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


ANSWERS = (
    ScriptedAnswer("judge_argument", judge_argument),
    ScriptedAnswer("judge_missing_information", judge_missing_information),
    ScriptedAnswer("judge_no_suitable_tool", judge_no_suitable_tool),
    ScriptedAnswer("judge_swapped_arguments", judge_swapped_arguments),
    ScriptedAnswer("judge_call_count", judge_call_count),
)
