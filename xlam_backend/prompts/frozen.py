"""A prompt as it was when a run began, for the files of the run: later versions change nothing in it."""

from __future__ import annotations

import msgspec

from xlam_backend.prompts.prompt_file import Prompt, parse_prompt, prompt_form


class FrozenPrompt(msgspec.Struct, frozen=True):
    """A prompt by its name and version, with its whole text."""

    name: str
    version: int
    text: str


def freeze(prompt: Prompt) -> FrozenPrompt:
    """Return a prompt for the files of a run."""
    return FrozenPrompt(prompt.name, prompt.version, prompt.text)


def thaw(frozen: FrozenPrompt) -> Prompt:
    """Return the prompt again.

    Raises:
        SettingError: the text has not the blanks that this program fills.
    """
    return parse_prompt(prompt_form(frozen.name), frozen.text, version=frozen.version)
