"""Short ways to write records in tests; the defaults make an honest sample, tests state only what matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xlam_backend.domain.person import Person
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Observation, Step, ToolCall, Trajectory

AN_ADMIN = Person("ada", "admin")
A_RESEARCHER = Person("rita", "researcher")
AN_ANNOTATOR = Person("ann", "annotator")

WEATHER_PARAMETERS: dict[str, Any] = {
    "city": {"type": "string", "description": "The city to ask about.", "required": True},
    "days": {"type": "integer", "description": "How many days ahead.", "default": 1},
}


def a_tool(name: str = "get_weather", parameters: Any = None, **fields: Any) -> Tool:
    """A weather tool in flat form, unless told otherwise."""
    described = WEATHER_PARAMETERS if parameters is None else parameters
    return Tool(name, fields.pop("description", "Tells the weather of a city."), described, fields)


def a_call(name: str = "get_weather", /, **arguments: Any) -> ToolCall:
    """A call with these arguments; without any, the weather of Oslo."""
    return ToolCall(name, arguments or {"city": "Oslo"})


def a_step(*calls: ToolCall, observations: tuple[Any, ...] = (), **fields: Any) -> Step:
    """A step that makes these calls and saw these contents come back."""
    return Step(tool_calls=calls, observations=tuple(Observation(seen) for seen in observations), **fields)


def a_trajectory(
    calls: list[ToolCall] | None = None,
    tools: list[Tool] | None = None,
    steps: list[Step] | None = None,
    query: str = "What is the weather in Oslo?",
    **fields: Any,
) -> Trajectory:
    """A trajectory of one step with these calls, or of these steps."""
    made = steps if steps is not None else [a_step(*(calls if calls is not None else [a_call()]))]
    offered = [a_tool()] if tools is None else tools
    return Trajectory(query=query, tools=tuple(offered), steps=tuple(made), **fields)


def write_records(path: Path, count: int, *, request_length: int = 0) -> None:
    """Write distinct records in the form of xlam-function-calling-60k; a chunk holds 10,000.

    Requests are filled up to `request_length` characters, where a file is to be large with few records.
    """
    tools = json.dumps([{"name": "add", "description": "Adds.", "parameters": {"a": {"type": "int"}}}])
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            answers = json.dumps([{"name": "add", "arguments": {"a": number}}])
            record = {
                "id": number,
                "query": f"Add {number}.".ljust(request_length, "."),
                "answers": answers,
                "tools": tools,
            }
            file.write(json.dumps(record) + "\n")
