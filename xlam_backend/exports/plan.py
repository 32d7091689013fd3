"""What is to be exported, and how: the one description that pages, commands and runs share."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.exports import export_format_by_name
from xlam_backend.exports.base import Ending, ExportFormat, ExportSettings
from xlam_backend.preference.selection import PairSelection

Origin = Literal["view", "release", "pairs"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)


class ExportPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A format, where the rows come from, and what the format needs to know.

    filters  which trajectories, where they come from a view of the store
    release  the id of the release
    pairs    which preference pairs count
    """

    format_name: str
    origin: Origin = "view"
    filters: Filters = Filters()
    release: str = ""
    pairs: PairSelection = PairSelection()
    ending: Ending = ".jsonl.gz"
    settings: ExportSettings = ExportSettings()

    @property
    def form(self) -> ExportFormat:
        """Return the format."""
        return export_format_by_name(self.format_name)

    def check(self) -> ExportPlan:
        """Refuse what cannot be meant; return the plan itself."""
        form = self.form
        if self.origin not in ORIGINS:
            raise SettingError(f"Rows do not come from {self.origin!r}.", f"Choose {', '.join(ORIGINS)}.")
        if (form.subject == "pair") != (self.origin == "pairs"):
            held, given = _NAMES[form.subject == "pair"], _NAMES[self.origin == "pairs"]
            raise SettingError(
                f"The format {form.name} holds {held}, not {given}.",
                "Choose trl_dpo for pairs, another format for trajectories.",
            )
        if self.origin == "release" and not self.release:
            raise SettingError("No release is chosen.", "Name one: `releases list` shows them.")
        if self.ending not in form.endings:
            raise SettingError(
                f"The format {form.name} is not written as {self.ending}.",
                f"Choose {' or '.join(form.endings)}.",
            )
        if form.needs_tokenizer and not self.settings.tokenizer:
            raise SettingError(
                f"The format {form.name} needs a tokenizer.", "Name its folder, or a model on the hub."
            )
        return self


_NAMES = {True: "preference pairs", False: "trajectories"}
