"""What the Errors page shows: rates by check, dataset, tool and step, together, before and after."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable
from typing import cast

import msgspec

from xlam_backend.domain.finding import ERROR_LEVELS, Level
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.store.connection import Store
from xlam_backend.store.error_statistics import (
    BeforeAfter,
    CallCount,
    ErrorCounts,
    GroupCount,
    Together,
    read_error_counts,
)


class CheckRate(msgspec.Struct, frozen=True):
    """Trajectories with a finding of one check at one level, among those the check has looked at."""

    check: str
    level: Level
    trajectories: Rate
    finding_count: int


class GroupRate(msgspec.Struct, frozen=True):
    """A share for one dataset or source (flagged trajectories), or for one tool or step (wrong calls).

    `trajectory_count` is what Explore lists for it: the trajectories behind the hits.
    """

    name: str
    rate: Rate
    trajectory_count: int


class ToolCheckRate(msgspec.Struct, frozen=True):
    """Tools with a finding of one check at one level (None: none found) among those it looked at."""

    check: str
    level: Level | None
    tools: Rate


class Pair(msgspec.Struct, frozen=True):
    """How many trajectories two checks both speak about; both the same: how many the check speaks about."""

    first: str
    second: str
    trajectory_count: int


class ErrorReport(msgspec.Struct, frozen=True):
    """Everything the Errors page shows about one dataset, or the whole store."""

    dataset: str
    by_check: tuple[CheckRate, ...]
    by_dataset: tuple[GroupRate, ...]
    by_source: tuple[GroupRate, ...]
    by_tool: tuple[GroupRate, ...]
    by_step: tuple[GroupRate, ...]
    tool_checks: tuple[ToolCheckRate, ...]
    pairs: tuple[Pair, ...]
    before_after: tuple[BeforeAfter, ...]
    fixed_count: int
    not_checked: tuple[tuple[str, str, int], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no check has found anything; about tools only the report of the whole store can tell."""
        return not self.by_check and (
            bool(self.dataset) or not any(one.tools.hits for one in self.tool_checks)
        )


def read_error_report(store: Store, dataset: str = "") -> ErrorReport:
    """Count everything the Errors page shows; errors (reject, fix) first, the most frequent first."""
    counts = read_error_counts(store, dataset)
    return ErrorReport(
        dataset=dataset,
        by_check=_check_rates(counts),
        by_dataset=_most_first(map(_trajectory_rate, counts.by_dataset)),
        by_source=_most_first(map(_trajectory_rate, counts.by_source)),
        by_tool=_most_first(map(_call_rate, counts.by_tool)),
        by_step=tuple(map(_call_rate, counts.by_step)),
        tool_checks=tuple(
            ToolCheckRate(
                found.check, cast(Level, found.level) if found.level else None, rate(found.hits, found.total)
            )
            for found in counts.tool_checks
        ),
        pairs=count_pairs(counts.together),
        before_after=tuple(counts.before_after),
        fixed_count=counts.fixed_count,
        not_checked=tuple(counts.not_checked),
    )


def count_pairs(together: Iterable[Together]) -> tuple[Pair, ...]:
    """Return for each two checks how many trajectories both speak about, a check with itself included."""
    counts: dict[tuple[str, str], int] = {}
    for found in together:
        for pair in itertools.combinations_with_replacement(sorted(found.checks), 2):
            counts[pair] = counts.get(pair, 0) + found.trajectory_count
    return tuple(Pair(first, second, count) for (first, second), count in sorted(counts.items()))


def _check_rates(counts: ErrorCounts) -> tuple[CheckRate, ...]:
    rates = (
        CheckRate(
            found.check,
            cast(Level, found.level),
            rate(found.trajectory_count, max(counts.checked.get(found.check, 0), found.trajectory_count)),
            found.finding_count,
        )
        for found in counts.by_check
    )
    return tuple(sorted(rates, key=lambda found: (found.level not in ERROR_LEVELS, -found.trajectories.hits)))


def _trajectory_rate(group: GroupCount) -> GroupRate:
    return GroupRate(group.name, rate(group.hits, group.total), group.hits)


def _call_rate(group: CallCount) -> GroupRate:
    return GroupRate(group.name, rate(group.hits, group.total), group.trajectory_count)


def _most_first(rates: Iterable[GroupRate]) -> tuple[GroupRate, ...]:
    return tuple(sorted(rates, key=lambda group: (-(group.rate.share or 0), -group.rate.hits, group.name)))


CSV_COLUMNS = ("group", "name", "level", "hits", "total", "share", "low", "high", "counted")
# A spreadsheet reads a cell that begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(report: ErrorReport) -> str:
    """Return every rate of the report as CSV: shares from 0 to 1, with their 95 % Wilson intervals."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for found in report.by_check:
        writer.writerow(_csv_row("check", found.check, found.level, found.trajectories, "trajectories"))
    groups = (
        ("dataset", report.by_dataset, "trajectories"),
        ("source", report.by_source, "trajectories"),
        ("tool", report.by_tool, "calls"),
        ("step", report.by_step, "calls"),
    )
    for group, rates, counted in groups:
        for one in rates:
            writer.writerow(_csv_row(group, one.name, "", one.rate, counted))
    for tool_check in report.tool_checks:
        writer.writerow(
            _csv_row("tool check", tool_check.check, tool_check.level or "", tool_check.tools, "tools")
        )
    return lines.getvalue()


def _csv_row(group: str, name: str, level: str, shown: Rate, counted: str) -> tuple[object, ...]:
    safe = "'" + name if name.startswith(_FORMULA_STARTS) else name
    return (group, safe, level, shown.hits, shown.total, shown.share, shown.low, shown.high, counted)
