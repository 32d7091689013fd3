"""Scripted answers to questions with functions: through the interface for tools, or as a list of calls.

Nothing is fenced in these prompts, for they are what any model is asked: the functions stand behind a
line of their own, and what is asked is what the user said last.
"""

from __future__ import annotations

import json
import re
from typing import Any

from xlam_backend.llm.scripted_answers.base import Question, records_of
from xlam_backend.llm.scripted_answers.next_step import Call, calls_for

FUNCTIONS_LINE = re.compile(r"^The functions, as JSON:\n(?P<functions>\[.*\])$", re.MULTILINE)
NO_CALL = "None of the functions can help with that."


def is_question(question: Question) -> bool:
    """Whether a prompt asks for calls of functions that it lists itself."""
    return not question.task and FUNCTIONS_LINE.search(question.words) is not None


def answer_question(question: Question, asked: str) -> str:
    """Write the calls as a list, [name(argument=value)], or say that there is none."""
    found = FUNCTIONS_LINE.search(question.words)
    try:
        functions = json.loads(found["functions"]) if found else []
    except (ValueError, RecursionError):
        functions = []
    calls = calls_for(question, records_of(functions), asked)
    return f"[{', '.join(map(_written, calls))}]" if calls else NO_CALL


def answer_with_tools(question: Question, tools: list[dict[str, Any]], asked: str) -> list[Call]:
    """Return the calls of tools that came through the interface."""
    return calls_for(question, tools, asked)


def _written(call: Call) -> str:
    given = ", ".join(f"{name}={value!r}" for name, value in call["arguments"].items())
    return f"{call['name']}({given})"
