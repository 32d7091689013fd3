"""Our own chat template, and putting the wanted one on a tokenizer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from xlam_backend.errors import SettingError
from xlam_backend.training.plan import TrainingPlan

TEMPLATE_FILE = Path(__file__).with_name("chat_template.jinja")


@lru_cache(maxsize=1)
def studio_template() -> str:
    """Return the text of our own chat template."""
    return TEMPLATE_FILE.read_text(encoding="utf-8")


def put_template(tokenizer: Any, plan: TrainingPlan) -> None:
    """Give a tokenizer the template that a plan asks for; it is saved with the tokenizer.

    Raises:
        SettingError: the tokenizer has no stop token, or no template of its own where that is asked for.
    """
    if tokenizer.eos_token is None:
        raise SettingError(
            "The tokenizer has no stop token (eos_token): the model could not learn to end its answer.",
            "Choose another base model.",
        )
    if plan.template == "studio":
        tokenizer.chat_template = studio_template()
    elif not tokenizer.chat_template:
        raise SettingError(
            "The model's tokenizer has no chat template of its own.", "Choose the template 'studio'."
        )
