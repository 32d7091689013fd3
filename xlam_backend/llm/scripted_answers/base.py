"""What a scripted answer is given, and what it gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from xlam_backend.prompts.fence import read_blocks, without_blocks


class Question(msgspec.Struct, frozen=True):
    """A prompt as the scripted model reads it.

    `task` is the prompt's name, `blocks` its fenced texts by the name of their blank, `words` what
    stands around them. `dice` gives the same numbers for the same question to the same model.
    """

    task: str
    blocks: dict[str, str]
    words: str
    model: str
    dice: random.Random

    def data(self, name: str) -> Any:
        """Return the JSON value of a block, None when there is none."""
        try:
            return json.loads(self.blocks.get(name, "null"))
        except (ValueError, RecursionError):
            return None

    def record(self, name: str) -> dict[str, Any]:
        """Return the JSON object of a block; empty when there is none."""
        return record_of(self.data(name))


class ScriptedAnswer(msgspec.Struct, frozen=True):
    """The rule for one prompt: a function of the question alone. It returns the text of the reply."""

    task: str
    answer: Callable[[Question], str]


def record_of(value: Any) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def records_of(values: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of a list; none for anything else."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def read_question(messages: Sequence[str], *, model: str, seed: int | str) -> Question:
    """Read the prompt out of a chat's messages; what the model itself said is not among them."""
    blocks = {block.name: block.text for message in messages for block in read_blocks(message)}
    words = "\n".join(without_blocks(message) for message in messages)
    dice = random.Random(f"{seed} {model} {words} {blocks}")  # noqa: S311 - no secret
    return Question(blocks.pop("task", ""), blocks, words, model, dice)
