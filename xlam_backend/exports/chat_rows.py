"""What the chat formats have in common: which trajectories a chat can hold, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.exports.base import CannotHoldError, Refusal, Rendered
from xlam_backend.formats.chat import Chat, as_chat
from xlam_backend.training_text.base import UntellableError
from xlam_backend.training_text.sections import write as write_sections

CANNOT_HOLD = (
    "few-shot examples and a format instruction of its own: a chat has no place for them",
    "steps without a reply and without a call, and trajectories without steps",
    "calls whose arguments are no JSON object, and tools whose parameters are none",
)
LEAVES_OUT = (
    "labels and other fields that the source has beside the trajectory, and its numbers of steps",
    "fields of tools beside name, description and parameters; parameters stand as JSON Schema",
    "results that are no text stand as their JSON text",
)


class ChatRow(msgspec.Struct, frozen=True):
    """One conversation to be written: of an augmented row each step is one, told in prompt and answer."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None


class ChatRows(msgspec.Struct, frozen=True):
    """The conversations of a row, and what of it is not in them."""

    rows: tuple[ChatRow, ...]
    refused: tuple[Refusal, ...] = ()
    left_out: tuple[str, ...] = ()


def chat_rows(row: TrainingRow, *, makes_ids: bool = False) -> ChatRows:
    """Return the conversations of a row; CannotHoldError when a chat cannot hold it.

    An augmented row is told in an output format of its own: its prompt is what the user says, its answer
    what the assistant says, and there are no native tools beside them.
    """
    if row.telling is not None:
        return _told_rows(row)
    chat = chat_of(row.trajectory, makes_ids=makes_ids)
    return ChatRows((ChatRow(chat.messages, chat.tools),), left_out=tuple(_left_out(row.trajectory)))


def chat_of(trajectory: Trajectory, *, makes_ids: bool = False, steps: int | None = None) -> Chat:
    """Return a trajectory (up to a number of steps) as a chat; CannotHoldError when it cannot be one."""
    refuse_what_no_chat_holds(trajectory, trajectory.steps if steps is None else trajectory.steps[:steps])
    if steps is not None:
        trajectory = msgspec.structs.replace(trajectory, steps=trajectory.steps[:steps])
    return as_chat(trajectory, makes_ids=makes_ids)


def refuse_what_no_chat_holds(trajectory: Trajectory, steps: tuple[Step, ...]) -> None:
    """Refuse what `CANNOT_HOLD` names."""
    if trajectory.few_shot_examples:
        raise CannotHoldError("it has few-shot examples")
    if trajectory.format_instruction:
        raise CannotHoldError("it has a format instruction of its own")
    if not trajectory.steps:
        raise CannotHoldError("it has no step")
    for step in steps:
        if any(call.unreadable for call in step.tool_calls):
            raise CannotHoldError("the arguments of a call are no JSON object")
        if not step.thought and not step.tool_calls:
            raise CannotHoldError("a step has neither a reply nor a call")
    if not all(isinstance(tool.parameters, dict) for tool in trajectory.tools):
        raise CannotHoldError("the parameters of a tool are no JSON object")


def _told_rows(row: TrainingRow) -> ChatRows:
    made, refused = [], []
    for step in range(len(row.trajectory.steps)):
        try:
            text = write_sections(row.trajectory, step, row.telling)
        except UntellableError as error:
            refused.append(Refusal(row.row_id, error.reason, step))
            continue
        said = [{"role": "user", "content": text.prompt}, {"role": "assistant", "content": text.target}]
        made.append(ChatRow(said, None))
    return ChatRows(tuple(made), tuple(refused))


def _left_out(trajectory: Trajectory) -> Iterator[str]:
    if trajectory.extra or any(step.extra for step in trajectory.steps):
        yield "fields of the source beside the trajectory"
    if any(step.step_id is not None for step in trajectory.steps):
        yield "the source's numbers of steps"
    if any(set(tool.extra) - {"required", "optional"} for tool in trajectory.tools):
        yield "fields of tools beside name, description and parameters"
    seen = (observation for step in trajectory.steps for observation in step.observations)
    if any(not isinstance(observation.content, str) for observation in seen):
        yield "that results were no text (they stand as their JSON text)"


def rendered(found: ChatRows, records: list[dict[str, Any]]) -> Rendered:
    """Return the records of a row with what is not in them."""
    return Rendered(tuple(records), found.refused, found.left_out)
