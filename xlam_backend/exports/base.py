"""What an export format is: a form in which trainers and other tools expect rows of training data.

A format's module starts with a docstring and ends in ONE constant, `FORMAT` (or several, where one idea has
several spellings). It gives one function:

render(row, settings) -> Rendered   raises CannotHoldError for a row that the format cannot hold

A row that a format cannot hold whole is refused with the reason: nothing is cut or changed in silence. What
a format leaves out by its nature (the row's bookkeeping, a thought where there is no place for one) is named
in `left_out`, counted, and stands in the data card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.errors import InputError, SettingError

ExportRow = TrainingRow | PreferenceRow
Subject = Literal["trajectory", "pair"]
ColumnKind = Literal["text", "json", "truth", "number"]
Ending = Literal[".jsonl", ".jsonl.gz", ".parquet"]
LINES: tuple[Ending, ...] = (".jsonl.gz", ".jsonl")
LINES_AND_PARQUET: tuple[Ending, ...] = (*LINES, ".parquet")


class ExportSettings(msgspec.Struct, frozen=True):
    """What some formats need to know: the tokenizer whose chat template is used (a folder or a hub name)."""

    tokenizer: str = ""


class CannotHoldError(InputError):
    """A row that a format cannot hold; the reason is the same text for every row of its kind."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason[:1].upper()}{reason[1:]}.", "Choose another format.")
        self.reason = reason


class Refusal(msgspec.Struct, frozen=True):
    """A row, or one step of it (from 0; None: the row), that was not written, and why."""

    row_id: str
    reason: str
    step: int | None = None


class Rendered(msgspec.Struct, frozen=True):
    """What became of a row: its records, what could not be written, and what the records do not say."""

    records: tuple[dict[str, Any], ...]
    refused: tuple[Refusal, ...] = ()
    left_out: tuple[str, ...] = ()


class ExportFormat(msgspec.Struct, frozen=True):
    """One format.

    name          what is stored and typed; it never changes its meaning
    words         one sentence: who reads it, what a record looks like
    cannot_hold   what is refused, in plain words
    leaves_out    what is never in it
    subject       whether a row is a trajectory or a preference pair
    columns       the columns of a Parquet file, where the format allows one
    importer      the importer that reads it back, "" when there is none
    is_per_step   each step is a record of its own
    render_many   where many rows at a time are quicker
    """

    name: str
    title: str
    words: str
    cannot_hold: tuple[str, ...]
    render: Callable[[ExportRow, ExportSettings], Rendered]
    leaves_out: tuple[str, ...] = ()
    subject: Subject = "trajectory"
    endings: tuple[Ending, ...] = LINES
    columns: dict[str, ColumnKind] = {}
    importer: str = ""
    is_per_step: bool = False
    needs_tokenizer: bool = False
    render_many: Callable[[Sequence[ExportRow], ExportSettings], list[Rendered]] | None = None

    def render_all(self, rows: Sequence[ExportRow], settings: ExportSettings) -> list[Rendered]:
        """Render rows, in order; one that cannot be held gives no record and its reason."""
        if self.render_many is not None:
            return self.render_many(rows, settings)
        return [self._render_one(row, settings) for row in rows]

    def _render_one(self, row: ExportRow, settings: ExportSettings) -> Rendered:
        try:
            return self.render(row, settings)
        except CannotHoldError as error:
            return Rendered((), (Refusal(row.row_id, error.reason),))


def training_row(row: ExportRow) -> TrainingRow:
    """Return the row as one of trajectories; whoever chose the format has seen to it that it is one."""
    if not isinstance(row, TrainingRow):
        raise SettingError("This format holds trajectories, not pairs.", "Choose trl_dpo for pairs.")
    return row


def preference_row(row: ExportRow) -> PreferenceRow:
    """Return the row as a pair; whoever chose the format has seen to it that it is one."""
    if not isinstance(row, PreferenceRow):
        raise SettingError("This format holds pairs, not trajectories.", "Export preference pairs with it.")
    return row
