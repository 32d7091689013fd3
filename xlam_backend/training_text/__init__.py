"""The exact text a model is trained on, and which of it is the target; every style, as people see them."""

from __future__ import annotations

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import UnknownNameError
from xlam_backend.training_text import sections, xlam_2, xlam_fc_r, xlam_r
from xlam_backend.training_text.base import TextStyle, TrainingText

TEXT_STYLES: tuple[TextStyle, ...] = (
    xlam_fc_r.STYLE,
    xlam_r.STYLE,
    xlam_r.CLIENT_STYLE,
    xlam_2.LLAMA_STYLE,
    xlam_2.QWEN_STYLE,
    sections.STYLE,
)
# A tokenizer's own chat template: written where transformers may be loaded (template_worker.py).
CHAT_TEMPLATE = "chat_template"

_BY_NAME = {style.name: style for style in TEXT_STYLES}


def style_by_name(name: str) -> TextStyle:
    """Return the style of this name."""
    style = _BY_NAME.get(name)
    if style is None:
        raise UnknownNameError("training text style", name, (*_BY_NAME, CHAT_TEMPLATE))
    return style


def write_training_text(
    trajectory: Trajectory, step: int, style: str, telling: Telling | None = None
) -> TrainingText:
    """Write a step (from 0; ALL_STEPS where the style can) in a style; UntellableError when it cannot."""
    return style_by_name(style).write(trajectory, step, telling)
