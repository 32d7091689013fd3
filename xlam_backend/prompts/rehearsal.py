"""What a rehearsal shows: gains and losses place by place, and whether they can be chance."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xlam_backend.domain.labelled import RehearsedItem, RehearsedVerdict
from xlam_backend.statistics.intervals import Rate, rate
from xlam_backend.statistics.mcnemar import McNemar, mcnemar
from xlam_backend.store.connection import Store
from xlam_backend.store.labelled_sets import RehearsalRow as RehearsalRow
from xlam_backend.store.labelled_sets import read_rehearsals, read_trajectory_ids


class VersionResult(msgspec.Struct, frozen=True):
    """How one version did: of what it flagged, how much is bad; of what is bad, how much it flagged.

    `right` counts what it judged. A place it did not judge is neither right nor wrong, and among the bad
    places it counts as one that was not flagged.
    """

    right: Rate
    precision: Rate
    recall: Rate
    not_judged: int
    input_tokens: int
    output_tokens: int
    cost: float | None


class RehearsalReport(msgspec.Struct, frozen=True):
    """Both versions held against the right answers; gains are places that only the draft gets right."""

    current: VersionResult
    draft: VersionResult
    gains: tuple[RehearsedItem, ...]
    losses: tuple[RehearsedItem, ...]
    compared: int
    test: McNemar


def list_rehearsals(store: Store, prompt_name: str) -> list[RehearsalRow]:
    """Return the rehearsals of a prompt, the newest first."""
    return read_rehearsals(store, prompt_name)


def trajectory_ids(store: Store, items: Sequence[RehearsedItem]) -> dict[int, str]:
    """Return the permalinks of the places' records, by version number."""
    return read_trajectory_ids(store, [item.labelled.version_no for item in items])


def report_rehearsal(items: Sequence[RehearsedItem]) -> RehearsalReport:
    """Compare the two versions; only places that both judged are compared one with the other."""
    both = [
        item for item in items if item.current.is_flagged is not None and item.draft.is_flagged is not None
    ]
    right = [(_is_right(item, item.current), _is_right(item, item.draft)) for item in both]
    return RehearsalReport(
        _result([(item, item.current) for item in items]),
        _result([(item, item.draft) for item in items]),
        tuple(item for item, (before, after) in zip(both, right) if after and not before),
        tuple(item for item, (before, after) in zip(both, right) if before and not after),
        len(both),
        mcnemar(right),
    )


def _is_right(item: RehearsedItem, verdict: RehearsedVerdict) -> bool:
    return verdict.is_flagged is item.labelled.is_bad


def _result(told: Sequence[tuple[RehearsedItem, RehearsedVerdict]]) -> VersionResult:
    judged = [(item, verdict) for item, verdict in told if verdict.is_flagged is not None]
    flagged = [item for item, verdict in judged if verdict.is_flagged]
    caught = sum(item.labelled.is_bad for item in flagged)
    costs = [verdict.cost for _, verdict in told if verdict.cost is not None]
    return VersionResult(
        right=rate(sum(_is_right(item, verdict) for item, verdict in judged), len(judged)),
        precision=rate(caught, len(flagged)),
        recall=rate(caught, sum(item.labelled.is_bad for item, _ in told)),
        not_judged=len(told) - len(judged),
        input_tokens=sum(verdict.input_tokens for _, verdict in told),
        output_tokens=sum(verdict.output_tokens for _, verdict in told),
        cost=sum(costs) if costs else None,
    )
