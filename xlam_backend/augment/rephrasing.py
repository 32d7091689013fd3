"""Has instructions rephrased, gives each back to a model, keeps those with which it makes the right calls.

Nothing here knows of runs or files, nor of how a model is asked for a step: whoever calls brings that. An
instruction that was left half way (the budget was spent, a person stopped) is left out, to be taken up again:
what was paid for is in the cache of replies by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from xlam_backend.augment.draws import drawn_number
from xlam_backend.augment.rephrase_settings import RephraseSettings
from xlam_backend.augment.rephrase_text import ReadInstruction, read_instruction, rephrase_messages
from xlam_backend.domain.call_alignment import align_calls, difference_reasons, without_defaults
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import ToolCall, Trajectory
from xlam_backend.llm.chat import AskSummary, ChatRequest, OnReply, Reply
from xlam_backend.prompts.prompt_file import Message, Prompt
from xlam_backend.store.stored_chunk import StoredTrajectory


class Ask(Protocol):
    """Asks an endpoint, by its name, many things; each gets exactly one reply."""

    def __call__(self, endpoint: str, requests: Iterable[ChatRequest], on_reply: OnReply) -> AskSummary:
        """Ask all of them."""
        ...


class ReadCalls(msgspec.Struct, frozen=True):
    """The calls a reply makes, or why it cannot be read."""

    calls: tuple[ToolCall, ...] = ()
    reason: str = ""


class Means(msgspec.Struct, frozen=True):
    """With what instructions are rephrased.

    step_messages  what asks a model for a step of a trajectory
    read_calls     reads its reply; the second value says that it was cut off
    tell           is called after each reply
    """

    settings: RephraseSettings
    prompt: Prompt
    ask: Ask
    step_messages: Callable[[Trajectory, int], tuple[Message, ...]]
    read_calls: Callable[[str, bool], ReadCalls]
    tell: Callable[[], None]


class OpenInstruction(msgspec.Struct, frozen=True):
    """An instruction to be rephrased for the `variant`th time, and the steps that show whether it works."""

    parent: StoredTrajectory
    variant: int
    steps: tuple[int, ...]
    telling: Telling | None = None


class Rephrased(msgspec.Struct, frozen=True):
    """What came of an instruction: its new text, or `reason` why there is none that can be used."""

    open: OpenInstruction
    instruction: str
    reason: str
    model: str
    is_scripted: bool


class RephraseReport(msgspec.Struct, frozen=True):
    """The instructions that were settled, in order, and why the rest was not ("" when there is none)."""

    settled: tuple[Rephrased, ...]
    used: AskSummary  # calls, tokens and cost of the whole run so far
    ended_because: str = ""


def rephrase_all(instructions: Sequence[OpenInstruction], means: Means) -> RephraseReport:
    """Have instructions rephrased and tried."""
    works = [_Work(one, f"{place}", means) for place, one in enumerate(instructions)]
    ended: list[str] = []

    def take(reply: Reply) -> Iterable[ChatRequest] | None:
        if reply.state == "not_asked":
            ended.append(reply.reason)
        asked_next = works[int(reply.key.partition("/")[0])].take(reply)
        means.tell()
        return asked_next

    used = means.ask(means.settings.endpoint, (work.first_request() for work in works), take)
    settled = tuple(work.result() for work in works if work.is_settled)
    return RephraseReport(settled, used, ended[0] if ended else used.ended_because)


class _Work:
    """One instruction on its way."""

    def __init__(self, instruction: OpenInstruction, key: str, means: Means) -> None:
        self._open = instruction
        self._key = key
        self._means = means
        self._read = ReadInstruction()
        self._waiting = {f"{key}/{step}": step for step in instruction.steps}
        self._model = means.settings.model
        self._is_scripted = False
        self.is_settled = False

    def first_request(self) -> ChatRequest:
        """Return the request for the instruction in other words.

        Each trajectory and variant has a seed of its own: many trajectories share one instruction, and
        each is to be told in other words than the next.
        """
        settings, variant = self._means.settings, self._open.variant
        return ChatRequest(
            key=f"{self._key}/rephrase",
            model=settings.model,
            messages=rephrase_messages(self._open.parent.trajectory, self._means.prompt),
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            seed=drawn_number(settings.seed, self._open.parent.content_id, variant),
            sample=variant,
        )

    def take(self, reply: Reply) -> Iterable[ChatRequest] | None:
        """Take a reply; returns what is to be asked next."""
        if reply.state == "not_asked":
            return None
        self._is_scripted = self._is_scripted or reply.is_scripted
        if reply.key not in self._waiting:
            return self._take_instruction(reply)
        if self.is_settled:  # another step has shown already that it does not work
            return None
        step = self._waiting.pop(reply.key)
        reason = self._step_reason(reply, step)
        if reason or not self._waiting:
            self._settle(reason)
        return None

    def _take_instruction(self, reply: Reply) -> Iterable[ChatRequest] | None:
        if reply.state == "failed":
            self._settle(f"The model gave no rephrasing: {reply.reason}")
            return None
        self._model = reply.model or self._model
        self._read = read_instruction(
            reply.text,
            self._open.parent.trajectory,
            self._open.telling,
            is_cut_off=reply.finish_reason == "length",
        )
        if self._read.reason:
            self._settle(self._read.reason)
            return None
        return [self._step_request(key, step) for key, step in self._waiting.items()]

    def _step_request(self, key: str, step: int) -> ChatRequest:
        settings = self._means.settings
        told = rephrased_trajectory(self._open.parent.trajectory, self._read.instruction)
        return ChatRequest(
            key=key,
            model=settings.check_model,
            messages=self._means.step_messages(told, step),
            max_tokens=settings.max_tokens,
            seed=settings.seed,
        )

    def _step_reason(self, reply: Reply, step: int) -> str:
        """Return why a step shows that the instruction does not work; "" when the right calls came."""
        place = f"at step {step + 1}"
        if reply.state == "failed":
            return f"The model that was to show it gave no reply {place}: {reply.reason}"
        read = self._means.read_calls(reply.text, reply.finish_reason == "length")
        if read.reason:
            return f"With it the model's reply {place} cannot be read: {read.reason}"
        parent = self._open.parent.trajectory
        schemas = schemas_by_name(parent.tools)
        aligned = align_calls(
            without_defaults(parent.steps[step].tool_calls, schemas), without_defaults(read.calls, schemas)
        )
        if aligned.is_equal:
            return ""
        return f"With it the model makes other calls {place}: {', '.join(difference_reasons(aligned))}."

    def _settle(self, reason: str) -> None:
        self._read = msgspec.structs.replace(self._read, reason=reason)
        self.is_settled = True

    def result(self) -> Rephrased:
        """Return what came of it."""
        return Rephrased(
            self._open, self._read.instruction, self._read.reason, self._model, self._is_scripted
        )


def rephrased_trajectory(trajectory: Trajectory, instruction: str) -> Trajectory:
    """Return a trajectory with another instruction; nothing else changes."""
    return msgspec.structs.replace(trajectory, task_instruction=instruction)
