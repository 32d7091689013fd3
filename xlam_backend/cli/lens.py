"""`lens show`: the exact text a model is trained on, and which of it is learnt."""

from __future__ import annotations

from typing import Any

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.errors import SettingError
from xlam_backend.training_text.base import ALL_STEPS, Segment, UntellableError
from xlam_backend.training_text.lens import LENS_STYLES, Lens, LensChoice, fit_of, open_lens
from xlam_backend.training_text.template_worker import TokenizerProcess

_LEARNT, _GIVEN = "learnt | ", "       | "


@click.group("lens", cls=StudioGroup)
def lens() -> None:
    """The training lens: what a model sees of a trajectory, and what it learns."""


@lens.command("show")
@click.argument("trajectory_id", metavar="TRAJECTORY")
@click.option("--step", type=click.IntRange(min=1), default=1, show_default=True, help="Which step.")
@click.option(
    "--all-steps", is_flag=True, help="The whole conversation, every answer learnt, where a style can."
)
@click.option(
    "--style",
    type=click.Choice([style.name for style in LENS_STYLES]),
    default="sections",
    show_default=True,
    help="How the text is written; `lens styles` explains them.",
)
@click.option(
    "--tokenizer",
    default="",
    metavar="FOLDER|NAME",
    help="Whose tokens are counted (and whose chat template is used); a folder, or a name on the hub.",
)
@click.option("--limit", type=click.IntRange(min=0), default=0, help="The context, in tokens; 0 for any.")
@pass_caller
def show(caller: Caller, /, trajectory_id: str, step: int, all_steps: bool, **wanted: Any) -> None:
    """Show the text of a TRAJECTORY's step; lines that hold something learnt are marked."""
    if wanted["limit"] and not wanted["tokenizer"]:
        raise SettingError("A context is counted in tokens.", "Name a tokenizer with --tokenizer.")
    choice = LensChoice(ALL_STEPS if all_steps else step - 1, **wanted)
    process = TokenizerProcess()
    try:
        made = open_lens(caller.store, trajectory_id, choice, process=process)
    finally:
        process.end()
    if made.text is None:
        raise UntellableError(made.refused.rstrip("."), made.way_out)
    caller.answer(_record(made), *_lines(made))


@lens.command("styles", needs_store=False)
@pass_caller
def styles(caller: Caller, /) -> None:
    """List the styles that training texts are written in."""
    records = [
        {"name": style.name, "title": style.title, "words": style.words, "context": style.context}
        for style in LENS_STYLES
    ]
    rows = [(style.name, style.title, style.words) for style in LENS_STYLES]
    caller.answer_table(records, ("style", "title", "what it is"), rows)


def _record(made: Lens) -> dict[str, Any]:
    text = made.text
    return {
        "trajectory_id": made.trajectory_id,
        "style": made.choice.style,
        "step": None if made.choice.step == ALL_STEPS else made.choice.step + 1,
        "segments": text.segments if text else (),
        "left_out": text.left_out if text else (),
        "characters": {"all": made.character_count, "learnt": made.target_character_count},
        "tokens": made.tokens,
        "fit": fit_of(made),
        "is_marked": made.is_marked,
    }


def _lines(made: Lens) -> list[str]:
    segments = made.text.segments if made.text else ()
    head = [f"Style {made.choice.style}", *_count_lines(made)]
    head += [f"Not in the text: {what}" for what in (made.text.left_out if made.text else ())]
    return [*head, "", *_marked_lines(segments)]


def _count_lines(made: Lens) -> list[str]:
    counts = [f"{made.character_count:,} characters, {made.target_character_count:,} of them learnt"]
    tokens = made.tokens
    if tokens is None:
        return [*counts, "No tokenizer was named, so tokens are not counted."]
    counts.append(f"{tokens.token_count:,} tokens, {tokens.target_count:,} of them learnt")
    if tokens.limit:
        cut = f"{tokens.cut_count:,} tokens are cut, {tokens.cut_target_count:,} of them to be learnt"
        counts.append(f"Context {tokens.limit:,}: {cut if tokens.cut_count else 'all fits'}")
    return counts


def _marked_lines(segments: tuple[Segment, ...]) -> list[str]:
    """Write every segment on lines of its own, each marked as learnt or given."""
    lines = []
    for segment in segments:
        mark = _LEARNT if segment.is_target else _GIVEN
        lines += [mark + line for line in segment.text.split("\n")]
    return lines


COMMANDS = (lens,)
