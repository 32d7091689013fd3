"""What a scripted answer is given, and what it gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import msgspec

from xlam_backend.prompts.fence import read_blocks


class Question(msgspec.Struct, frozen=True):
    """A prompt as the scripted model reads it.

    `task` is the prompt's name, `blocks` its fenced texts by the name of their blank. `dice` gives
    the same numbers for the same question to the same model.
    """

    task: str
    blocks: dict[str, str]
    model: str
    dice: random.Random

    def data(self, name: str) -> Any:
        """Return the JSON value of a block, None when there is no such block."""
        text = self.blocks.get(name)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text


class ScriptedAnswer(msgspec.Struct, frozen=True):
    """The rule for one prompt: a function of the question alone. It returns the text of the reply."""

    task: str
    answer: Callable[[Question], str]


def read_question(messages: list[str], *, model: str, seed: int | str) -> Question:
    """Read the prompt out of a chat's messages."""
    blocks = {block.name: block.text for message in messages for block in read_blocks(message)}
    dice = random.Random(f"{seed} {model} {messages}")  # noqa: S311 - no secret
    return Question(blocks.pop("task", ""), blocks, model, dice)
