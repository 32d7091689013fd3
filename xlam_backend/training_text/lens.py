"""The training lens: for one trajectory, step and style the exact text, what is learnt, what is cut."""

from __future__ import annotations

from typing import Literal

import msgspec

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import SettingError
from xlam_backend.store.connection import Store
from xlam_backend.store.derivations import read_tellings
from xlam_backend.store.trajectories import open_trajectory
from xlam_backend.training_text import CHAT_TEMPLATE, TEXT_STYLES, style_by_name, write_training_text
from xlam_backend.training_text.base import ALL_STEPS, TextStyle, TrainingText, UntellableError
from xlam_backend.training_text.chat_template import write_with_template
from xlam_backend.training_text.template_worker import (
    TOKENIZERS,
    CountedText,
    TextRequest,
    TokenizerProcess,
    counted_text,
)
from xlam_backend.training_text.tokens import TokenCounts

MOST_LIMIT = 10_000_000
# Its texts are written elsewhere (a tokenizer is needed), so it stands beside the styles, not among them.
TEMPLATE_STYLE = TextStyle(
    CHAT_TEMPLATE,
    "A tokenizer's own chat template",
    "Whatever the chat template of the tokenizer you choose makes of the conversation.",
    lambda trajectory, step, _telling: write_with_template(None, trajectory, step),
    is_whole=True,
)
LENS_STYLES: tuple[TextStyle, ...] = (*TEXT_STYLES, TEMPLATE_STYLE)


class LensChoice(msgspec.Struct, frozen=True):
    """What is looked at: a step from 0 or ALL_STEPS, a style, a tokenizer ("": none), a context (0: any)."""

    step: int = 0
    style: str = "sections"
    tokenizer: str = ""
    limit: int = 0


class Lens(msgspec.Struct, frozen=True):
    """What the lens shows; `text` is None when the style cannot say the step, and `refused` says why.

    Without a tokenizer there are no tokens: the characters are counted, and nothing can be said of a cut.
    `is_marked` tells whether the template itself marks what is learnt (None: no template).
    """

    trajectory_id: str
    trajectory: Trajectory
    telling: Telling | None
    choice: LensChoice
    text: TrainingText | None
    refused: str = ""
    way_out: str = ""
    tokens: TokenCounts | None = None
    is_marked: bool | None = None

    @property
    def character_count(self) -> int:
        """Return how long the text is."""
        return len(self.text.text) if self.text else 0

    @property
    def target_character_count(self) -> int:
        """Return how much of it is learnt."""
        return len(self.text.target) if self.text else 0


Fit = Literal["unknown", "fits", "cut", "target cut", "target gone"]


def fit_of(lens: Lens) -> Fit:
    """Say in one word what the context does to the text."""
    tokens = lens.tokens
    if tokens is None or not tokens.limit:
        return "unknown"
    if not tokens.cut_count:
        return "fits"
    if not tokens.cut_target_count:
        return "cut"
    return "target gone" if tokens.cut_target_count == tokens.target_count else "target cut"


def open_lens(
    store: Store, trajectory_id: str, choice: LensChoice, *, process: TokenizerProcess = TOKENIZERS
) -> Lens:
    """Return what a model would be trained on.

    Raises:
        NotFoundError: no trajectory has this id.
        SettingError: the tokenizer cannot be used, or has no chat template; the context makes no sense.
    """
    _check(choice)
    stored = open_trajectory(store, trajectory_id)
    with store.cursor() as cursor:
        telling = read_tellings(cursor, [stored.trajectory_no]).get(stored.trajectory_no)
    lens = Lens(stored.trajectory_id, stored.trajectory, telling, choice, None)
    try:
        made = _made(lens, process)
    except UntellableError as error:
        return msgspec.structs.replace(lens, refused=error.what, way_out=error.way_out)
    if isinstance(made, TrainingText):
        return msgspec.structs.replace(lens, text=made)
    return msgspec.structs.replace(lens, text=made.text, tokens=made.tokens, is_marked=made.is_marked)


def lens_style(name: str) -> TextStyle:
    """Return a style of the lens by its name."""
    return TEMPLATE_STYLE if name == CHAT_TEMPLATE else style_by_name(name)


def _check(choice: LensChoice) -> None:
    style = lens_style(choice.style)
    if choice.step == ALL_STEPS and not style.is_whole:
        raise UntellableError(f"the style {style.name} writes one step at a time", "Choose a step.")
    if not 0 <= choice.limit <= MOST_LIMIT:
        raise SettingError("The context makes no sense.", f"Give a number of tokens up to {MOST_LIMIT:,}.")
    if choice.style == CHAT_TEMPLATE and not choice.tokenizer:
        raise SettingError(
            "A chat template belongs to a tokenizer.", "Name its folder, or a model on the hub."
        )


def _made(lens: Lens, process: TokenizerProcess) -> TrainingText | CountedText:
    choice = lens.choice
    if not choice.tokenizer:
        return write_training_text(lens.trajectory, choice.step, choice.style, lens.telling)
    request = TextRequest(
        lens.trajectory, choice.step, choice.style, choice.tokenizer, lens.telling, choice.limit
    )
    return process.run(counted_text, request)
