"""Augments a shard: every variant is shown to mean the same, and counted; what is not made has its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from xlam_backend.augment.augmented import AugmentRefusedError
from xlam_backend.augment.derived import MadeBuilder
from xlam_backend.augment.made_parts import made_to_bytes
from xlam_backend.augment.meaning import augment_verified
from xlam_backend.augment.settings import AugmentSettings
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.table_file import read_facts

SAME_VARIANT = "It has no further way to be told: a variant came out as an earlier one."


class ShardCounts(msgspec.Struct, frozen=True):
    """What came of some trajectories: variants made, variants not made by reason, formats and styles."""

    parent_count: int = 0
    made_count: int = 0
    not_made: dict[str, int] = {}
    formats: dict[str, int] = {}
    styles: dict[str, int] = {}

    def __add__(self, other: ShardCounts) -> ShardCounts:
        """Add up two shards."""
        return ShardCounts(
            self.parent_count + other.parent_count,
            self.made_count + other.made_count,
            _added(self.not_made, other.not_made),
            _added(self.formats, other.formats),
            _added(self.styles, other.styles),
        )


class ShardWork:
    """The work on one shard."""

    def __init__(self, settings: AugmentSettings, run_id: str) -> None:
        self._settings = settings
        self._made = MadeBuilder("augmented", run_id)
        self._not_made: Counter[str] = Counter()
        self._formats: Counter[str] = Counter()
        self._styles: Counter[str] = Counter()
        self._parent_count = 0

    def add(self, parents: Iterable[StoredTrajectory]) -> None:
        """Augment trajectories."""
        for parent in parents:
            self._parent_count += 1
            self._add_variants(parent)

    def build(self) -> bytes:
        """Return what was made as the content of a part."""
        made = self._made.build()
        counts = ShardCounts(
            self._parent_count,
            self._formats.total(),
            dict(self._not_made),
            dict(self._formats),
            dict(self._styles),
        )
        return made_to_bytes(made, msgspec.to_builtins(counts))

    def _add_variants(self, parent: StoredTrajectory) -> None:
        settings, seen, reasons = self._settings, set[bytes](), set[str]()
        for variant in range(settings.variants):
            try:
                made = augment_verified(
                    parent.trajectory,
                    settings.plan,
                    seed=settings.seed,
                    parent_id=parent.content_id,
                    variant=variant,
                )
                said = msgspec.json.encode(made)
                reason = SAME_VARIANT if said in seen else ""
                seen.add(said)
            except AugmentRefusedError as error:
                reason = error.what
            if reason:
                reasons.add(reason)
                self._not_made[reason] += 1
                continue
            self._made.add(parent, made.trajectory, made.telling)
            self._formats[made.telling.format_name] += 1
            self._styles[made.telling.style_name] += 1
        for reason in sorted(reasons - {SAME_VARIANT}):
            self._made.refuse(parent, reason)


def read_counts(path: Path) -> ShardCounts:
    """Return what a file of what was made counts."""
    return msgspec.convert(read_facts(path)["counts"], ShardCounts)


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(Counter(one) + Counter(other))
