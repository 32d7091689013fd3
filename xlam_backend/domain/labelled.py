"""Places with a known right answer, and what two versions of a prompt say of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import msgspec

LabelOrigin = Literal["gold", "reviewed", "planted"]
LABEL_ORIGINS: tuple[LabelOrigin, ...] = get_args(LabelOrigin)  # where they differ, the first counts


class LabelledPlace(msgspec.Struct, frozen=True):
    """A place of a version of a trajectory, and whether it deserves the judge's flag."""

    version_no: int
    trajectory_no: int
    step: int
    call: int
    pointer: str
    is_bad: bool
    origin: LabelOrigin


class RehearsedVerdict(msgspec.Struct, frozen=True):
    """What one version of a prompt says of a place; `is_flagged` is None when it is not judged."""

    is_flagged: bool | None
    said: str = ""
    not_judged_reason: str = ""
    rationale: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


class RehearsedItem(msgspec.Struct, frozen=True):
    """A place of a labelled set with what the current and the draft version say of it."""

    place: int
    labelled: LabelledPlace
    current: RehearsedVerdict
    draft: RehearsedVerdict


class Rehearsal(msgspec.Struct, frozen=True):
    """Two versions of a prompt, asked about every place of a labelled set by one model."""

    run_id: str
    set_no: int
    set_hash: str
    prompt_name: str
    draft_version: int
    current_version: int
    endpoint: str
    model: str
    is_scripted: bool
    rehearsed_at: datetime
    items: tuple[RehearsedItem, ...] = ()
