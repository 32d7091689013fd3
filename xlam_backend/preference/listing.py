"""Lists pairs with what became of them, and opens one: what pages and commands show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from xlam_backend.domain.call_alignment import CallAlignment, align_calls
from xlam_backend.domain.corruption import Corruption
from xlam_backend.domain.pair import PairOrigin
from xlam_backend.preference.counting import JudgedPair, Outcome, count_pairs
from xlam_backend.preference.figures import ALARMS, Alarm, alarms_of
from xlam_backend.preference.selection import PairSelection
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import PairRow, read_pair_row, read_pair_rows
from xlam_backend.store.preference import read_corruption


class ListWish(msgspec.Struct, frozen=True):
    """Which pairs of a selection are listed; "" leaves it open. `is_alarmed`: only those with an alarm."""

    outcome: Outcome | Literal[""] = ""
    origin: PairOrigin | Literal[""] = ""
    reason: str = ""
    kind: str = ""
    is_alarmed: bool = False


class ListedPair(msgspec.Struct, frozen=True):
    """A pair with its texts, what became of it, and why its sides may stand the wrong way round."""

    row: PairRow
    judged: JudgedPair
    alarms: tuple[Alarm, ...]


class PairList(msgspec.Struct, frozen=True):
    """Some pairs in order, and how many there are in all."""

    rows: tuple[ListedPair, ...]
    total: int


class OpenedPair(msgspec.Struct, frozen=True):
    """One pair, call by call (the chosen side is the left one), with the error that was planted, if any."""

    listed: ListedPair
    alignment: CallAlignment
    corruption: Corruption | None


def list_pairs(
    store: Store, selection: PairSelection, wish: ListWish, *, first: int = 0, count: int = 20
) -> PairList:
    """Return pairs, those with the gravest alarms first, then the newest."""
    found = sorted(_matching(store, selection, wish), key=_place)
    shown = found[first : first + count]
    numbers = [judged.facts.pair_no for judged, _ in shown]
    rows = {row.pair.pair_no: row for row in read_pair_rows(store, numbers)}
    listed = (
        ListedPair(rows[judged.facts.pair_no], judged, alarms)
        for judged, alarms in shown
        if judged.facts.pair_no in rows
    )
    return PairList(tuple(listed), len(found))


def open_pair(store: Store, pair_no: int, selection: PairSelection) -> OpenedPair:
    """Return one pair for a page, with what becomes of it under a selection; or raise NotFoundError."""
    row = read_pair_row(store, pair_no)
    everywhere = msgspec.structs.replace(selection, filters=PairSelection().filters)
    [judged] = [pair for pair in count_pairs(store, everywhere).pairs if pair.facts.pair_no == pair_no]
    alignment = align_calls(row.pair.chosen.tool_calls, row.pair.rejected.tool_calls)
    listed = ListedPair(row, judged, alarms_of(judged))
    return OpenedPair(listed, alignment, read_corruption(store, pair_no))


def _place(found: tuple[JudgedPair, tuple[Alarm, ...]]) -> tuple[int, int, int]:
    """Order by the gravest alarm, then by how many there are, then the newest pair first."""
    pair, alarms = found
    gravest = ALARMS.index(alarms[0]) if alarms else len(ALARMS)
    return gravest, -len(alarms), -pair.facts.pair_no


def _matching(
    store: Store, selection: PairSelection, wish: ListWish
) -> Iterator[tuple[JudgedPair, tuple[Alarm, ...]]]:
    for pair in count_pairs(store, selection).pairs:
        facts = pair.facts
        alarms = alarms_of(pair)
        if (
            wish.outcome in ("", pair.outcome)
            and wish.origin in ("", facts.origin)
            and wish.reason in ("", facts.reason)
            and wish.kind in ("", facts.kind)
            and (alarms or not wish.is_alarmed)
        ):
            yield pair, alarms
