"""How a question is put to a model: the messages, and the tools where they do not stand in them.

Tools are told as JSON Schema. Arguments of Java and JavaScript questions are values of these languages,
so models give them as text in the notation of the language, as the leaderboard has it; the descriptions
say so.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import Language
from xlam_backend.bfcl.question import Question
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.errors import InputError
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.formats.tool_forms import as_json_schema
from xlam_backend.importers.chat_turns import ROLES, Turn, build_conversation
from xlam_backend.output_formats import output_format_by_name
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.prompts.prompt_file import Message
from xlam_backend.training_text import write_training_text

_LANGUAGE_TITLES: dict[Language, str] = {"python": "Python", "java": "Java", "javascript": "JavaScript"}
CALLS_INSTRUCTION = """\
You can call functions to do what the user asks. Decide which of them to call, and with which arguments.
Answer with a list of calls and nothing else, in this notation:
[first_function(argument=value, other_argument=value), second_function(argument=value)]
When none of the functions can help, or the user did not say what a function needs, say so in words \
instead of calling one.
{language}
The functions, as JSON:
{functions}"""
_LANGUAGE_WORDS: dict[Language, str] = {
    "python": "Values are written as in Python.",
    "java": "Values are written as in Java, as the descriptions of the functions say.",
    "javascript": "Values are written as in JavaScript, as the descriptions of the functions say.",
}
_NATIVE_NAME = re.compile(r"[^A-Za-z0-9_-]")


class Asked(msgspec.Struct, frozen=True):
    """What a model is given: messages, and tools that go beside them (None: they stand in the messages)."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None


class UnaskableError(InputError):
    """A question that cannot be put in the way that was chosen."""


def ask_question(question: Question, plan: EvaluationPlan) -> Asked:
    """Put a question as a plan says; UnaskableError when it cannot be put in that way."""
    said = tuple(_message(message) for message in _first_turn(question))
    if plan.mode == "native":
        return Asked(said, tuple(native_tool(tool) for tool in told_tools(question)))
    if plan.way == "template":
        return Asked(said, tuple(described(tool) for tool in told_tools(question)))
    if plan.way == "calls":
        return Asked(_with_instruction(question, said))
    return Asked((Message("user", _style_text(question, plan)),))


def told_tools(question: Question) -> list[Tool]:
    """Return the functions of a question as a model is told of them."""
    language = question.its_category.language
    tools = [_tool(function) for function in question.functions]
    return tools if language == "python" else [_with_values_as_text(tool, language) for tool in tools]


def described(tool: Tool) -> dict[str, Any]:
    """Return a tool with its parameters as JSON Schema."""
    return {"name": tool.name, "description": tool.description, "parameters": as_json_schema(tool)}


def native_tool(tool: Tool) -> dict[str, Any]:
    """Return a tool for the interface, where a name holds letters, digits, "_" and "-" only.

    >>> native_tool(Tool("math.add", "Adds.", {"type": "object", "properties": {}}))["name"]
    'math_add'
    """
    return {**described(tool), "name": _NATIVE_NAME.sub("_", tool.name)}


def as_trajectory(question: Question) -> Trajectory:
    """Return a question as a trajectory whose last step is still to be taken.

    UnaskableError when what was said so far does not end with the user.
    """
    turns = [Turn(ROLES.get(message["role"], "user"), _text(message)) for message in _first_turn(question)]
    if turns[-1].role != "user":
        raise UnaskableError(f"What was said in {question.id} does not end with the user.")
    spoken = build_conversation([*turns, Turn("assistant")])
    return Trajectory(
        query=spoken.query,
        tools=tuple(told_tools(question)),
        steps=(*spoken.steps[:-1], Step()),
        task_instruction=spoken.task_instruction,
    )


def _style_text(question: Question, plan: EvaluationPlan) -> str:
    trajectory = as_trajectory(question)
    last = len(trajectory.steps) - 1
    if plan.way != "sections":
        return write_training_text(trajectory, last, plan.way).prompt.rstrip("\n")
    form = output_format_by_name(plan.output_format)
    told = msgspec.structs.replace(trajectory, format_instruction=form.instruction(always_thinks=False))
    return write_training_text(told, last, "sections", Telling(format_name=form.name)).prompt.rstrip("\n")


def _with_instruction(question: Question, said: tuple[Message, ...]) -> tuple[Message, ...]:
    """Put our instruction before what a question's own system message says."""
    functions = json_text([described(tool) for tool in told_tools(question)])
    words = _LANGUAGE_WORDS[question.its_category.language]
    instruction = CALLS_INSTRUCTION.format(functions=functions, language=words)
    if said and said[0].role == "system":
        return (Message("system", f"{instruction}\n\n{said[0].content}"), *said[1:])
    return (Message("system", instruction), *said)


def _first_turn(question: Question) -> tuple[dict[str, Any], ...]:
    if len(question.turns) != 1 or not question.turns[0]:
        raise UnaskableError(f"{question.id} is asked in {len(question.turns)} turns, and one can be asked.")
    return question.turns[0]


def _message(message: dict[str, Any]) -> Message:
    return Message(str(message.get("role", "user")), _text(message))


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else json_text(content)


def _tool(function: dict[str, Any]) -> Tool:
    return Tool(
        str(function.get("name", "")), str(function.get("description", "")), function.get("parameters", {})
    )


def _with_values_as_text(tool: Tool, language: Language) -> Tool:
    title = _LANGUAGE_TITLES[language]
    parameters = dict(tool.parameters) if isinstance(tool.parameters, dict) else {}
    properties = parameters.get("properties")
    if isinstance(properties, dict):
        parameters["properties"] = {
            name: _as_text(spec, title) for name, spec in properties.items() if isinstance(spec, dict)
        }
    return msgspec.structs.replace(
        tool, description=f"{tool.description} (A function of {title}.)", parameters=parameters
    )


def _as_text(spec: dict[str, Any], title: str) -> dict[str, Any]:
    kind = str(spec.get("type", "any"))
    inner = spec.get("items") or spec.get("properties")
    words = [str(spec.get("description", "")).rstrip(), f"A {title} value of type {kind}, written as text."]
    if inner:
        words.append(f"What stands in it: {json_text(inner)}.")
    kept = {key: value for key, value in spec.items() if key not in {"items", "properties", "required"}}
    return {**kept, "type": "string", "description": " ".join(word for word in words if word)}
