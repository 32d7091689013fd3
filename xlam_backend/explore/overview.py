"""The store at a glance: totals, the way from read to fixed, error rates by check and by source."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xlam_backend.domain.finding import Level
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.error_statistics import CheckCount as CheckCount
from xlam_backend.store.error_statistics import count_by_check
from xlam_backend.store.overview import SourceCount, StoreSizes, count_by_source, read_sizes

_ORDER: dict[str, int] = {"reject": 0, "fix": 1, "warn": 2, "judge": 3}


class Totals(msgspec.Struct, frozen=True):
    """Counts of the whole store. `kept_count` counts a record once in every dataset that holds it.

    `unchecked_count` counts versions that no check has looked at yet.
    """

    kept_count: int
    rejected_count: int
    trajectory_count: int
    step_count: int
    call_count: int
    fixed_count: int
    flagged_count: int
    wrong_call_count: int
    fixable_count: int
    unchecked_count: int
    dataset_count: int
    tool_count: int


class FunnelStage(msgspec.Struct, frozen=True):
    """One stage on the way of the records, and what its number counts."""

    name: str
    count: int
    explanation: str


class SourceRates(msgspec.Struct, frozen=True):
    """Error rates of one source: flagged trajectories among all, wrong calls among all."""

    source: str
    flagged: Rate
    wrong_calls: Rate


class Overview(msgspec.Struct, frozen=True):
    """What the Overview page shows. `by_check` holds errors (reject, fix) first, the most frequent first."""

    totals: Totals
    wrong_calls: Rate
    flagged: Rate
    funnel: tuple[FunnelStage, ...]
    by_check: tuple[CheckCount, ...]
    by_source: tuple[SourceRates, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever imported."""
        return self.totals.dataset_count == 0

    def checks_at(self, *levels: Level) -> list[CheckCount]:
        """Return the counts of checks at these levels."""
        return [count for count in self.by_check if count.level in levels]


def read_overview(store: Store) -> Overview:
    """Count everything the Overview page shows."""
    sources = count_by_source(store)
    totals = _add_up(read_sizes(store), sources)
    return Overview(
        totals=totals,
        wrong_calls=rate(totals.wrong_call_count, totals.call_count),
        flagged=rate(totals.flagged_count, totals.trajectory_count),
        funnel=_funnel(totals),
        by_check=tuple(
            sorted(
                count_by_check(store), key=lambda count: (_ORDER[count.level] > 1, -count.trajectory_count)
            )
        ),
        by_source=tuple(
            SourceRates(
                source=row.source,
                flagged=rate(row.flagged_count, row.trajectory_count),
                wrong_calls=rate(row.wrong_call_count, row.call_count),
            )
            for row in sources
        ),
    )


def _add_up(sizes: StoreSizes, sources: Sequence[SourceCount]) -> Totals:
    return Totals(
        kept_count=sizes.kept_count,
        rejected_count=sizes.rejected_count,
        trajectory_count=sum(source.trajectory_count for source in sources),
        step_count=sum(source.step_count for source in sources),
        call_count=sum(source.call_count for source in sources),
        fixed_count=sum(source.fixed_count for source in sources),
        flagged_count=sum(source.flagged_count for source in sources),
        wrong_call_count=sum(source.wrong_call_count for source in sources),
        fixable_count=sum(source.fixable_count for source in sources),
        unchecked_count=sizes.unchecked_count,
        dataset_count=sizes.dataset_count,
        tool_count=sizes.tool_count,
    )


def _funnel(totals: Totals) -> tuple[FunnelStage, ...]:
    return (
        FunnelStage("read", totals.kept_count + totals.rejected_count, "records found in the imported files"),
        FunnelStage(
            "kept", totals.kept_count, f"became trajectories; {totals.rejected_count:,} were rejected"
        ),
        FunnelStage("flagged", totals.flagged_count, "have an error now (a finding of level reject or fix)"),
        FunnelStage(
            "fixed", totals.fixed_count, "were mended; their current version is not the imported one"
        ),
    )
