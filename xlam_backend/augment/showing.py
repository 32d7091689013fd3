"""Shows what would become of real trajectories: the prompt and answer of one step, before and after."""

from __future__ import annotations

import msgspec

from xlam_backend.augment.augmented import AugmentRefusedError
from xlam_backend.augment.job import DrawnParents, draw_parents
from xlam_backend.augment.meaning import augment_verified
from xlam_backend.augment.prompt import prompt_sections, write_answer
from xlam_backend.augment.section_styles import style_by_name
from xlam_backend.augment.settings import AugmentSettings
from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.output_formats.answer import UnwritableAnswerError
from xlam_backend.statistics.random_part import random_part
from xlam_backend.store.connection import Store
from xlam_backend.store.derivations import read_tellings
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

LONGEST_SHOWN = 20_000


class Text(msgspec.Struct, frozen=True):
    """A prompt and its answer as far as they are shown, and how many characters are left out of each."""

    prompt: str
    answer: str
    prompt_cut: int = 0
    answer_cut: int = 0


class ShownRow(msgspec.Struct, frozen=True):
    """A trajectory before and after; `after` is None where it could not be augmented, for `reason`."""

    trajectory_id: str
    before: Text
    after: Text | None = None
    telling: Telling | None = None
    reason: str = ""


class AugmentPreview(msgspec.Struct, frozen=True):
    """What a run would work on, and some of it before and after.

    `looked_at` trajectories were augmented to see how many cannot be, by reason.
    """

    trajectory_count: int
    left_out_count: int
    rows: tuple[ShownRow, ...]
    looked_at: int
    not_made: dict[str, int]


def preview_augmentation(
    store: Store, settings: AugmentSettings, *, row_count: int = 5, most_looked_at: int = 200
) -> AugmentPreview:
    """Return what would become of some of the trajectories that match; nothing is stored.

    Raises:
        SettingError: the plan cannot be carried out.
    """
    settings.plan.check()
    parents = draw_parents(store, settings.filters, "augmented", size=settings.size, seed=settings.seed)
    looked_at = _read_some(store, parents, most_looked_at, settings.seed)
    with store.cursor() as cursor:
        tellings = read_tellings(cursor, [one.trajectory_no for one in looked_at[:row_count]])
    not_made: dict[str, int] = {}
    rows: list[ShownRow] = []
    for at, parent in enumerate(looked_at):
        row = show_augmented(
            parent, settings, told=tellings.get(parent.trajectory_no), is_shown=at < row_count
        )
        if row.reason:
            not_made[row.reason] = not_made.get(row.reason, 0) + 1
        if at < row_count:
            rows.append(row)
    return AugmentPreview(len(parents.numbers), parents.left_out_count, tuple(rows), len(looked_at), not_made)


def _read_some(store: Store, parents: DrawnParents, most: int, seed: int) -> list[StoredTrajectory]:
    chosen = random_part(parents.numbers, most, seed)
    return read_trajectories(store, chosen.tolist()) if len(chosen) else []


def show_augmented(
    parent: StoredTrajectory,
    settings: AugmentSettings,
    *,
    told: Telling | None = None,
    step: int = 0,
    variant: int = 0,
    is_shown: bool = True,
) -> ShownRow:
    """Return one trajectory before and after; `told` is how it is told today, None as its source has it."""
    before = show_told(parent.trajectory, told, step) if is_shown else Text("", "")
    try:
        made = augment_verified(
            parent.trajectory,
            settings.plan,
            seed=settings.seed,
            parent_id=parent.content_id,
            variant=variant,
        )
        after = show_told(made.trajectory, made.telling, step) if is_shown else None
    except AugmentRefusedError as error:
        return ShownRow(parent.trajectory_id, before, reason=error.what)
    return ShownRow(parent.trajectory_id, before, after, made.telling)


def show_told(trajectory: Trajectory, telling: Telling | None, step: int = 0) -> Text:
    """Return the prompt before a step and its answer; without a telling the sections as plain text."""
    telling = telling or Telling(style_name="plain")
    # Marks that stand in the texts do not matter here: nothing is to be read back.
    prompt = style_by_name(telling.style_name).join(prompt_sections(trajectory, telling, step))
    answer = _answer(trajectory, telling, step)
    return Text(
        prompt[:LONGEST_SHOWN],
        answer[:LONGEST_SHOWN],
        max(0, len(prompt) - LONGEST_SHOWN),
        max(0, len(answer) - LONGEST_SHOWN),
    )


def _answer(trajectory: Trajectory, telling: Telling, step: int) -> str:
    if step >= len(trajectory.steps):
        return ""
    taken = trajectory.steps[step]
    if any(call.unreadable for call in taken.tool_calls):  # no format holds what nobody could read
        return "\n".join(call.unreadable or call.name for call in taken.tool_calls)
    try:
        return write_answer(trajectory, telling, step)
    except UnwritableAnswerError as error:
        return error.what
