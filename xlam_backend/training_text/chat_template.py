"""The text of a tokenizer's own chat template, and which of it is learnt; used in a worker process.

Where the template marks what the assistant says ({% generation %}), the marks decide: trainers read them
too. Otherwise the target is what the answer adds to the text before it; a template that changes the text
before an answer when the answer comes is refused, for then nobody can say what the prompt was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import SettingError
from xlam_backend.formats.chat import Chat, as_chat
from xlam_backend.training_text.base import (
    ALL_STEPS,
    Segment,
    TrainingText,
    UntellableError,
    chosen_step,
    refuse_examples,
    refuse_unreadable,
)

_GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")
_PROBE = "xlam_probe_7f3a"


def write_with_template(tokenizer: Any, trajectory: Trajectory, step: int) -> TrainingText:
    """Write the conversation up to a step, that step the target; or all of it, every answer a target.

    UntellableError when the template cannot say it; SettingError when the tokenizer has no template.
    """
    template = _template_of(tokenizer, with_tools=bool(trajectory.tools))
    _refuse(trajectory, step)
    chat = as_chat(trajectory)
    last = len(trajectory.steps) - 1 if step == ALL_STEPS else step
    end = chat.answers[last] + 1 if step != ALL_STEPS else len(chat.messages)
    messages = chat.messages[:end]
    _refuse_dropped_tools(tokenizer, template, chat.tools or [])
    if _GENERATION.search(template):
        text, ranges = _rendered_with_marks(tokenizer, template, messages, chat.tools)
        if step != ALL_STEPS:
            before = messages[:-1]
            earlier = _rendered_with_marks(tokenizer, template, before, chat.tools)[1] if before else []
            ranges = ranges[len(earlier) :]
        if len(ranges) < (len(chat.answers) if step == ALL_STEPS else 1):
            raise UntellableError(
                "the chat template does not mark every answer: what it leaves out would not be learnt",
                "Choose another tokenizer or style.",
            )
    else:
        wanted = chat.answers if step == ALL_STEPS else (chat.answers[step],)
        text, ranges = _rendered_by_growth(tokenizer, template, messages, chat.tools, wanted)
    made = TrainingText(tuple(_segments(text, ranges)), tuple(_left_out(trajectory, chat, text, end)))
    _refuse_dropped_calls(made, trajectory, range(last + 1) if step == ALL_STEPS else (step,))
    return made


def write_answer(tokenizer: Any, prompt: str, answer: str) -> TrainingText:
    """Write what a user says and what the assistant answers, which is learnt; no tools beside them.

    UntellableError when the template cannot say it; SettingError when the tokenizer has no template.
    """
    template = _template_of(tokenizer, with_tools=False)
    said = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    if _GENERATION.search(template):
        text, ranges = _rendered_with_marks(tokenizer, template, said, None)
    else:
        text, ranges = _rendered_by_growth(tokenizer, template, said, None, (1,))
    made = TrainingText(tuple(_segments(text, ranges)))
    if answer.strip() not in made.target:
        raise UntellableError("the chat template does not write the answer where it would be learnt")
    return made


def is_marked(tokenizer: Any) -> bool:
    """Tell whether the template itself marks what the assistant says."""
    return bool(_GENERATION.search(_template_of(tokenizer, with_tools=True)))


def _template_of(tokenizer: Any, *, with_tools: bool) -> str:
    if not tokenizer.chat_template:
        raise SettingError(
            "This tokenizer has no chat template.",
            "Choose a style that needs none, or a tokenizer with a chat_template of its own.",
        )
    template: str = tokenizer.get_chat_template(tools=[{}] if with_tools else None)
    return template


def _refuse(trajectory: Trajectory, step: int) -> None:
    steps = trajectory.steps if step == ALL_STEPS else trajectory.steps[: step + 1]
    if step != ALL_STEPS:
        chosen_step(trajectory, step)
    if not steps:
        raise UntellableError("the trajectory has no step")
    refuse_examples(trajectory)
    for each in steps:
        refuse_unreadable(each)
        if not each.thought.strip() and not each.tool_calls:
            raise UntellableError("a step has neither a reply nor a call")


def _render(
    tokenizer: Any,
    template: str,
    messages: Sequence[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    *,
    asks: bool = False,
    marks: bool = False,
) -> Any:
    from transformers.utils.chat_template_utils import render_jinja_template

    try:
        texts, ranges = render_jinja_template(
            conversations=[list(messages)],
            tools=tools or None,
            chat_template=template,
            return_assistant_tokens_mask=marks,
            add_generation_prompt=asks,
            **tokenizer.special_tokens_map,
        )
    except Exception as error:  # a template is a program: it may raise anything
        raise UntellableError(f"the chat template refuses it: {str(error)[:300]}") from error
    return texts[0], ranges[0] if marks else []


def _rendered_with_marks(
    tokenizer: Any, template: str, messages: Sequence[dict[str, Any]], tools: list[dict[str, Any]] | None
) -> tuple[str, list[tuple[int, int]]]:
    text, ranges = _render(tokenizer, template, messages, tools, marks=True)
    return text, [(start, end) for start, end in ranges]


def _rendered_by_growth(
    tokenizer: Any,
    template: str,
    messages: Sequence[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    answers: Sequence[int],
) -> tuple[str, list[tuple[int, int]]]:
    text, _ = _render(tokenizer, template, messages, tools)
    ranges = []
    for at in answers:
        prompt, _ = _render(tokenizer, template, messages[:at], tools, asks=True)
        answered, _ = _render(tokenizer, template, messages[: at + 1], tools)
        if not (answered.startswith(prompt) and text.startswith(answered)):
            raise UntellableError(
                "the chat template writes what stands before an answer in another way once it is there, "
                "and does not mark answers with {% generation %}"
            )
        ranges.append((len(prompt), len(answered)))
    return text, ranges


def _segments(text: str, ranges: Sequence[tuple[int, int]]) -> Iterator[Segment]:
    at = 0
    for start, end in ranges:
        if start > at:
            yield Segment(text[at:start])
        if end > start:
            yield Segment(text[start:end], is_target=True)
        at = max(at, end)
    if at < len(text):
        yield Segment(text[at:])


def _refuse_dropped_tools(tokenizer: Any, template: str, tools: list[dict[str, Any]]) -> None:
    """Refuse a template that writes the same text with tools as without."""
    if not tools:
        return
    asked = [{"role": "user", "content": _PROBE}]
    with_tools, _ = _render(tokenizer, template, asked, tools, asks=True)
    without, _ = _render(tokenizer, template, asked, None, asks=True)
    if with_tools == without:
        raise UntellableError(
            "the chat template does not support tools: it would drop them",
            "Choose another tokenizer or style.",
        )


def _refuse_dropped_calls(made: TrainingText, trajectory: Trajectory, steps: Sequence[int]) -> None:
    target = made.target
    for step in steps:
        for call in trajectory.steps[step].tool_calls:
            if call.name not in target:
                raise UntellableError(
                    "the chat template does not write tool calls: it would drop them",
                    "Choose another tokenizer or style.",
                )


def _left_out(trajectory: Trajectory, chat: Chat, text: str, end: int) -> Iterator[str]:
    if trajectory.format_instruction:
        yield "its own format instruction (the template has its own way of calling)"
    answers = {at: step for at, step in zip(chat.answers, trajectory.steps, strict=True) if at < end}
    if any(
        step.thought.strip() and step.tool_calls and step.thought.strip() not in text
        for step in answers.values()
    ):
        yield "the thought beside calls (the template does not write it)"
    before = chat.messages[:end]
    if any(message["role"] == "system" and message["content"].strip() not in text for message in before):
        yield "the task instruction (the template does not write it)"
