"""What a model is told when it is to rephrase an instruction, and how its reply is read and checked."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from xlam_backend.augment.section_styles import marks_of
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.prompts.prompt_file import Message, Plain, Prompt

PROMPT = "rephrase_instruction"
ANSWER_FORM = """\
Answer with one JSON object and nothing else:
{
  "instruction": the instruction in other words, as text
}"""

LONGEST_INSTRUCTION = 60_000
_MOST_KEPT = 200
_SPARE_CHARACTERS = 300  # a short instruction may grow by more than its share
_MOST_GROWTH = 4
_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
# Placeholders, quoted code, addresses, numbers: what words around may change, and this may not.
_FIXED = re.compile(
    r"\{\{?[^{}\s][^{}]{0,80}\}?\}|`[^`\n]{1,200}`|<[A-Za-z_/][^<>\s]{0,80}>|https?://\S+|\d[\d.,:]*\d|\d"
)

CUT_OFF = "The reply was cut off at the limit of tokens."
NO_FORM = "The reply holds no instruction in the form that was asked for."
EMPTY = "The rephrased instruction is empty."
SAME = "The rephrased instruction is the same text."
TOO_LONG = "The rephrased instruction is several times as long."
NO_TEXT = "The rephrased instruction holds characters that are no text."
MARKED = "The rephrased instruction holds a mark of the prompt's sections."


class ReadInstruction(msgspec.Struct, frozen=True):
    """What a reply says; `reason` is "" when it can be used."""

    instruction: str = ""
    reason: str = ""


def rephrase_messages(trajectory: Trajectory, prompt: Prompt) -> tuple[Message, ...]:
    """Return the messages that ask for an instruction in other words."""
    return prompt.fill(
        task_instruction=trajectory.task_instruction,
        keep=list(kept_texts(trajectory)),
        answer_form=Plain(ANSWER_FORM),
    )


def kept_texts(trajectory: Trajectory) -> tuple[str, ...]:
    """Return what must stand in a rephrased instruction as it stands in the one it was made from.

    >>> kept_texts(Trajectory("", task_instruction="Call `look_up` at most 3 times, {name}."))
    ('`look_up`', '3', '{name}')
    """
    said = trajectory.task_instruction
    names = [tool.name for tool in trajectory.tools if tool.name and _stands_alone(tool.name, said)]
    return tuple(dict.fromkeys([*names, *_FIXED.findall(said)]))[:_MOST_KEPT]


def read_instruction(
    text: str, trajectory: Trajectory, telling: Telling | None, *, is_cut_off: bool
) -> ReadInstruction:
    """Read a reply strictly, and check what it says; the text of a refused one is kept with the reason."""
    if is_cut_off:
        return ReadInstruction(reason=CUT_OFF)
    found = _read(text)
    if found is None:
        return ReadInstruction(text[:LONGEST_INSTRUCTION], NO_FORM)
    return ReadInstruction(found, _fault(found, trajectory, telling))


def _read(text: str) -> str | None:
    inside = _FENCED.findall(text)
    body = inside[0] if len(inside) == 1 else text
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("instruction"), str):
        instruction: str = value["instruction"].strip()
        return instruction
    return None


def _fault(told: str, trajectory: Trajectory, telling: Telling | None) -> str:
    said = trajectory.task_instruction
    if not told:
        return EMPTY
    if " ".join(told.split()) == " ".join(said.split()):
        return SAME
    if len(told) > _MOST_GROWTH * len(said) + _SPARE_CHARACTERS:
        return TOO_LONG
    if any("\ud800" <= character <= "\udfff" for character in told):
        return NO_TEXT
    if telling is not None and any(mark in told for mark in marks_of(telling.style_name)):
        return MARKED
    lost = next((text for text in kept_texts(trajectory) if text not in told), "")
    return f"The rephrased instruction does not say {lost[:80]!r} any more." if lost else ""


def _stands_alone(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
