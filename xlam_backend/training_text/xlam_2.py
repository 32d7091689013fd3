"""Style C: xLAM-2-fc-r, in the marks of its Llama and of its Qwen models.

The stock templates leave the instruction how to call tools out as soon as a system message is given; the
models were trained to see it, so it is written in either case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.formats.chat import observation_text
from xlam_backend.formats.tool_forms import as_json_schema
from xlam_backend.output_formats.json_writing import json_text
from xlam_backend.training_text.base import (
    ALL_STEPS,
    Segment,
    TextStyle,
    TrainingText,
    UntellableError,
    chosen_step,
    refuse_examples,
    refuse_unreadable,
)
from xlam_backend.training_text.call_text import call_objects

SYSTEM_MESSAGE = "You are a helpful assistant. You are developed by Salesforce xLAM team."
INSTRUCTION = (
    "You have access to a set of tools. When using tools, make calls in a single JSON array: \n\n"
    '[{"name": "tool_call_name", "arguments": {"arg1": "value1", "arg2": "value2"}}, '
    "... (additional parallel tool calls as needed)]\n\n"
    "If no tool is suitable, state that explicitly. If the user's input lacks required parameters, ask for "
    "clarification. Do not interpret or respond until tool results are returned. Once they are available, "
    "process them or make additional calls if needed. For tasks that don't require tools, such as casual "
    "conversation or general advice, respond directly in plain text. The available tools are:"
)


class Marks(msgspec.Struct, frozen=True):
    """The marks around a turn: `begin` holds the role, `first` stands before everything."""

    begin: str
    end: str
    tool_role: str
    first: str = ""

    def turn(self, role: str, text: str) -> str:
        """Write one turn."""
        return f"{self.begin.format(role=role)}{text}{self.end}"


LLAMA = Marks(
    "<|start_header_id|>{role}<|end_header_id|>\n\n", "<|eot_id|>", "ipython", first="<|begin_of_text|>"
)
QWEN = Marks("<|im_start|>{role}\n", "<|im_end|>", "tool")


def write(marks: Marks, trajectory: Trajectory, step: int, _telling: Telling | None) -> TrainingText:
    """Write the conversation up to a step, that step the target; or all of it, every answer a target."""
    is_whole = step == ALL_STEPS
    taken = trajectory.steps if is_whole else (*trajectory.steps[:step], chosen_step(trajectory, step))
    refuse_examples(trajectory)
    for each in taken:
        refuse_unreadable(each)
        if not each.thought.strip() and not each.tool_calls:
            raise UntellableError("a step has neither a reply nor a call")
    segments = [Segment(f"{marks.first}{marks.turn('system', _system_text(trajectory))}")]
    if trajectory.query:
        segments.append(Segment(marks.turn("user", trajectory.query.strip())))
    for number, each in enumerate(taken):
        is_target = is_whole or number == step
        segments += _step_segments(marks, each, is_target=is_target, is_last=not is_whole and is_target)
    _refuse_marks(marks, trajectory)
    return TrainingText(tuple(_joined(segments)), tuple(_left_out(trajectory, taken)))


def _system_text(trajectory: Trajectory) -> str:
    """Return the system message, the instruction, and each tool as indented JSON."""
    head = (trajectory.task_instruction.strip() or SYSTEM_MESSAGE) + "\n"
    if not trajectory.tools:
        return head
    tools = [
        msgspec.json.format(
            msgspec.json.encode(
                {"name": tool.name, "description": tool.description, "parameters": as_json_schema(tool)}
            ),
            indent=4,
        ).decode()
        for tool in trajectory.tools
    ]
    return f"{head}{INSTRUCTION}\n\n" + "".join(f"{tool}\n\n" for tool in tools)


def _step_segments(marks: Marks, step: Step, *, is_target: bool, is_last: bool) -> Iterator[Segment]:
    yield Segment(marks.begin.format(role="assistant"))
    said = json_text(call_objects(step.tool_calls)) if step.tool_calls else step.thought.strip()
    yield Segment(said + marks.end, is_target=is_target)
    if is_last:
        return
    for observation in step.observations:
        yield Segment(marks.turn(marks.tool_role, observation_text(observation.content)))
    if step.user_input:
        yield Segment(marks.turn("user", step.user_input.strip()))


def _joined(segments: list[Segment]) -> Iterator[Segment]:
    """Make one segment of neighbours that are both given, or both learnt."""
    waiting = segments[0]
    for segment in segments[1:]:
        if segment.is_target == waiting.is_target:
            waiting = Segment(waiting.text + segment.text, waiting.is_target)
        else:
            yield waiting
            waiting = segment
    yield waiting


def _refuse_marks(marks: Marks, trajectory: Trajectory) -> None:
    """Refuse texts in which a mark of the style stands: nobody could tell where a turn ends."""
    said = msgspec.json.encode(trajectory).decode()
    for mark in (marks.end, marks.begin.split("{")[0]):
        if mark in said:
            raise UntellableError(f"the mark {mark} stands in one of its texts")


def _left_out(trajectory: Trajectory, taken: tuple[Step, ...]) -> Iterator[str]:
    if any(step.thought and step.tool_calls for step in taken):
        yield "the thought beside calls (the style writes calls alone)"
    if trajectory.format_instruction:
        yield "its own format instruction (the style has one)"


def _style(name: str, models: str, marks: Marks) -> TextStyle:
    writer: Callable[[Trajectory, int, Telling | None], TrainingText] = partial(write, marks)
    return TextStyle(
        name,
        f"C · xLAM-2-fc-r, {models}",
        f"A conversation in the marks of {models}'s models; calls are one bare JSON list.",
        writer,
        is_whole=True,
    )


LLAMA_STYLE = _style("xlam_2_llama", "Llama", LLAMA)
QWEN_STYLE = _style("xlam_2_qwen", "Qwen", QWEN)
