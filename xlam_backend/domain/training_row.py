"""One row of a training set: a trajectory, how it is to be told, and where it comes from."""

from __future__ import annotations

from typing import Literal

import msgspec

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory

LineageKind = Literal["raw record", "fix", "verdict", "augmentation"]


class LineageStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to a row on its way, the first one first.

    raw record     where it stood: dataset, file, line, record key, the source's id, importer, licence
    fix            a change of its version: what, and who made it
    verdict        what people decided about it: disposition, and by whom
    augmentation   the trajectory it was made from, how, and by which seed

    `facts` holds what belongs to the step by name. Nothing in it depends on the order or the time in which
    a store was filled, so that the same data give the same bytes.
    """

    kind: LineageKind
    words: str
    facts: dict[str, str | int] = msgspec.field(default_factory=dict)


class TrainingRow(msgspec.Struct, frozen=True):
    """One row.

    row_id       the content id of the trajectory's version; with "-2", "-3", ... when it comes again
    telling      how prompt and answers are written; None: as whoever trains on it chooses
    source       the name of the recipe's source that took it
    dataset      the dataset that brought it first
    category     its category, "" when it has none
    format_name  the output format of its answers, "" when none was chosen
    lineage      from its raw record to here; of an augmented row first that of its parent
    trajectory_id  the permalink of the trajectory
    licence      the key of its licence, "" when none is stated
    token_count  by the rule that the release's manifest states
    """

    row_id: str
    trajectory: Trajectory
    telling: Telling | None
    source: str
    dataset: str
    category: str
    format_name: str
    lineage: tuple[LineageStep, ...]
    trajectory_id: str = ""
    licence: str = ""
    token_count: int = 0
