"""What a prompt must hold, whatever people write around it."""

from __future__ import annotations

import msgspec


class PromptForm(msgspec.Struct, frozen=True):
    """A prompt that comes with the project: its name (that of its file), a title, what it is for, its blanks.

    Every blank must stand in the text; among them is the answer schema where the reply is parsed, so
    that no version can leave it out.
    """

    name: str
    title: str
    purpose: str
    blanks: tuple[str, ...]
