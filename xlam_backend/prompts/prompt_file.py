"""Reads prompts: two sections of plain text with named blanks, checked before the first call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.prompts import PROMPT_FORMS
from xlam_backend.prompts.fence import fence, fence_json
from xlam_backend.prompts.form import PromptForm

FOLDER = Path(__file__).parent
FILE_VERSION = 1
BLANK = re.compile(r"\{\{([a-z][a-z_0-9]*)\}\}")
SECTIONS = re.compile(r"\s*# System\n(?P<system>.*?)\n# User\n(?P<body>.*)", re.DOTALL)
TASK = "task"


class Plain(msgspec.Struct, frozen=True):
    """Our own words for a blank, which stand in the prompt as they are; everything else is fenced."""

    text: str


class PlainData(msgspec.Struct, frozen=True):
    """Text of a record for a blank, fenced as it is and not as JSON."""

    text: str


class Message(msgspec.Struct, frozen=True):
    """One message of a chat."""

    role: str
    content: str


class Prompt(msgspec.Struct, frozen=True):
    """One version of a prompt; version 1 is the file, later ones were made by people."""

    name: str
    version: int
    hash: str
    system: str
    body: str
    blanks: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole prompt, as in its file."""
        return f"# System\n\n{self.system}\n\n# User\n\n{self.body}\n"

    def fill(self, **blanks: Any) -> tuple[Message, ...]:
        """Return the messages of one call.

        A value is written as fenced JSON, whatever it holds; `PlainData` is fenced as it is, `Plain`
        stands unfenced. The user's message begins with the prompt's name in a fence.
        """
        _check_blanks(self.name, given=set(blanks), wanted=set(self.blanks))
        written = {name: _written(name, value) for name, value in blanks.items()}
        task = fence(TASK, self.name)
        return (
            Message("system", _filled(self.system, written)),
            Message("user", f"{task}\n\n{_filled(self.body, written)}"),
        )


def load_prompt(name: str) -> Prompt:
    """Return the prompt as it comes with the project."""
    form = prompt_form(name)
    return parse_prompt(form, (FOLDER / f"{name}.md").read_text("utf-8"), version=FILE_VERSION)


def prompt_form(name: str) -> PromptForm:
    """Return what is known of a prompt by its name."""
    for form in PROMPT_FORMS:
        if form.name == name:
            return form
    raise UnknownNameError("prompt", name, known=(form.name for form in PROMPT_FORMS))


def parse_prompt(form: PromptForm, text: str, *, version: int) -> Prompt:
    """Read the text of a prompt and check that every blank, and no other, stands in it.

    Raises:
        SettingError: a section or a blank is missing, or a blank is unknown.
    """
    sections = SECTIONS.fullmatch(text.replace("\r\n", "\n"))
    if sections is None:
        raise SettingError(
            f"The prompt {form.name} lacks one of its two sections.",
            'Begin it with a line "# System", and the second part with a line "# User".',
        )
    system, body = sections["system"].strip(), sections["body"].strip()
    _check_blanks(form.name, given=set(BLANK.findall(system + "\n" + body)), wanted=set(form.blanks))
    prompt = Prompt(form.name, version, "", system, body, form.blanks)
    return msgspec.structs.replace(prompt, hash=content_hash(prompt.text.encode()))


def _check_blanks(name: str, *, given: set[str], wanted: set[str]) -> None:
    missing, unknown = sorted(wanted - given), sorted(given - wanted)
    problems = []
    if missing:
        problems.append("is missing the blank " + ", ".join(f"{{{{{blank}}}}}" for blank in missing))
    if unknown:
        problems.append("has the unknown blank " + ", ".join(f"{{{{{blank}}}}}" for blank in unknown))
    if problems:
        known = ", ".join(f"{{{{{blank}}}}}" for blank in sorted(wanted)) or "none"
        raise SettingError(f"The prompt {name} {' and '.join(problems)}.", f"Its blanks are: {known}.")


def _written(name: str, value: Any) -> str:
    if isinstance(value, Plain):
        return value.text
    if isinstance(value, PlainData):
        return fence(name, value.text)
    return fence_json(name, value)


def _filled(template: str, written: dict[str, str]) -> str:
    # One pass: what stands in for a blank is never looked at for blanks again.
    return BLANK.sub(lambda blank: written[blank[1]], template)
