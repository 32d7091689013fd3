"""The prompts, one file each with named blanks, and the versions people made of them."""

from __future__ import annotations

from xlam_backend.prompts.form import PromptForm

# Every prompt, in the order people see them: one file `<name>.md` and one entry here.
PROMPT_FORMS: tuple[PromptForm, ...] = ()
