"""Writes the request for one candidate: what the model is told, and in which form it is to answer."""

from __future__ import annotations

from typing import Any

from xlam_backend.domain.tool import Tool
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.formats.tool_forms import as_json_schema
from xlam_backend.judges.told import told_steps
from xlam_backend.llm.chat import ChatRequest
from xlam_backend.prompts.prompt_file import Message, Plain, Prompt
from xlam_backend.responses.plan import RespondPlan

PROMPT = "respond_next_step"
ANSWER_FORM = """\
Answer with one JSON object and nothing else:
{
  "thought": what you think, or your reply to the user, as text,
  "tool_calls": a list of calls, each {"name": the name of a tool, "arguments": an object}; [] for no call
}"""


def step_messages(trajectory: Trajectory, step: int, prompt: Prompt, *, room: int) -> tuple[Message, ...]:
    """Return the messages that ask for a step; nothing of the step itself or what follows is in them."""
    return prompt.fill(
        task_instruction=trajectory.task_instruction,
        tools=[told_tool(tool) for tool in trajectory.tools],
        query=trajectory.query,
        history=told_steps(trajectory.steps[:step], room),
        answer_form=Plain(ANSWER_FORM),
    )


def told_tool(tool: Tool) -> dict[str, Any]:
    """Return a tool whole, its parameters as JSON Schema."""
    return {"name": tool.name, "description": tool.description, "parameters": as_json_schema(tool)}


def candidate_request(
    messages: tuple[Message, ...], plan: RespondPlan, *, key: str, model: str, attempt: int
) -> ChatRequest:
    """Return the request for one candidate; each attempt has a seed of its own."""
    return ChatRequest(
        key=key,
        model=model,
        messages=messages,
        temperature=plan.temperature,
        max_tokens=plan.max_tokens,
        seed=plan.seed + attempt,
        sample=attempt,
    )
