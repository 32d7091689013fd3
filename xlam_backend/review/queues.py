"""Review queues: planned, previewed, drawn, listed, paused and closed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, get_args

import msgspec
import numpy as np
import pyarrow as pa

from xlam_backend.access import local_name, require
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.domain.pair import PAIR_ORIGINS
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import (
    ITEM_KINDS,
    MOST_OVERLAP,
    STATE_AFTER,
    ItemKind,
    QueuePlan,
    Stratifier,
)
from xlam_backend.domain.review import QueueAct as QueueAct
from xlam_backend.errors import InputError, SettingError, UnknownNameError
from xlam_backend.judges import JUDGES
from xlam_backend.review.desk import QueueProgress, progress_of
from xlam_backend.review.desk_room import repeat_gap, room_of
from xlam_backend.review.draft_rules import clean_text
from xlam_backend.review.sampling import Draw, Stratum, count_strata, draw, pool_small, put_in_order
from xlam_backend.store.audit import AuditDetail, write_audit
from xlam_backend.store.columns import Integers
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.near_duplicates import list_searches, read_search
from xlam_backend.store.review_gold import GoldItem, read_gold_items
from xlam_backend.store.review_populations import Population, read_flagged, read_unflagged, write_draw
from xlam_backend.store.review_queues import (
    QueueRecord,
    read_queue,
    read_queues,
    write_queue,
    write_queue_event,
)

GOLD_STRATUM = "gold"
SHORTEST_LEASE = 30
LONGEST_LEASE = 24 * 3600
MOST_UNFLAGGED = 10  # times the flagged items: where little is flagged, misses are looked for elsewhere
LONGEST_NAME = 1_000
LONGEST_GUIDELINE = 100_000


# By kind of item: what a plan's `checks` name, and the names there are.
_DRAWN_BY: dict[ItemKind, tuple[str, list[str]]] = {
    "finding": ("check", [check.name for check in ALL_CHECKS]),
    "rating": ("judge", [judge.name for judge in JUDGES]),
    "pair": ("origin of pairs", list(PAIR_ORIGINS)),
    "duplicate": ("kind of near-duplicate", []),
}


class QueuePreview(msgspec.Struct, frozen=True):
    """What a plan would draw: from how many, of which strata, and how much work it makes.

    `pooled_count` strata were too small to be told apart in a draw of this size and are thrown
    together. `verdict_count` is how many answers the queue asks for in all, without gold items.
    """

    flagged_count: int
    unflagged_count: int
    strata: tuple[Stratum, ...]
    pooled_count: int
    drawn_flagged_count: int
    drawn_unflagged_count: int
    gold_count: int
    repeat_count: int
    item_count: int
    verdict_count: int


class QueueSummary(msgspec.Struct, frozen=True):
    """A queue as a list shows it, with its progress for everybody and for the person who asks."""

    queue_no: int
    plan: QueuePlan
    created_by: str
    created_at: datetime
    progress: QueueProgress


class _Drawn(NamedTuple):
    """A plan carried out in memory: nothing is written yet."""

    flagged: Population
    unflagged: Population
    strata: list[Stratum]
    pooled_count: int
    draws: tuple[Draw, Draw]
    gold: list[GoldItem]
    repeat_count: int

    @property
    def item_count(self) -> int:
        return sum(len(each.indexes) for each in self.draws) + len(self.gold)


def preview_queue(store: Store, plan: QueuePlan) -> QueuePreview:
    """Return what a plan would draw; nothing is written.

    Raises:
        SettingError: the plan asks for something that cannot be.
        UnknownNameError: there is no such check or judge.
        InputError: a reviewer's name is none.
    """
    plan = _as_meant(store, plan)
    _refuse_unfit(plan)
    drawn = _draw(store, plan)
    flagged, unflagged = drawn.draws
    sample_count = len(flagged.indexes) + len(unflagged.indexes)
    repeat_count = min(drawn.repeat_count, max(0, drawn.item_count - repeat_gap(drawn.item_count)))
    return QueuePreview(
        len(drawn.flagged),
        len(drawn.unflagged),
        tuple(drawn.strata),
        drawn.pooled_count,
        len(flagged.indexes),
        len(unflagged.indexes),
        len(drawn.gold),
        repeat_count,
        drawn.item_count + repeat_count,
        (sample_count + repeat_count) * plan.overlap,
    )


def create_queue(store: Store, plan: QueuePlan, *, person: Person, now: datetime) -> int:
    """Draw the items of a plan, write them with the queue in one transaction, and return its number.

    Raises:
        AccessDeniedError: the person may not manage queues.
        SettingError: the plan asks for something that cannot be, or its name is taken.
        InputError: nothing matches, or a reviewer's name is none.
    """
    require(person, "manage queue")
    plan = _as_meant(store, plan)
    _refuse_unfit(plan)
    _refuse_taken_name(store, plan.name)
    drawn = _draw(store, plan)
    if not drawn.item_count:
        raise InputError("Nothing in the store matches this queue.", "Widen its filters or its checks.")
    queue_no = store.numbers.reserve("queue")
    rows = _rows(store, plan, drawn)
    with store.write() as cursor:
        write_queue(cursor, queue_no, plan, person=person.name, now=now)
        write_draw(cursor, plan, queue_no, rows, unflagged_check=_unflagged_check(plan))
        detail: AuditDetail = {
            "name": plan.name,
            "kind": plan.kind,
            "items": len(rows),
            "overlap": plan.overlap,
        }
        write_audit(cursor, store, person, "manage queue", f"queue {queue_no}", detail, now=now)
    return queue_no


def list_queues(store: Store, *, person: Person, now: datetime) -> list[QueueSummary]:
    """Return every queue with its progress, the newest first.

    Raises:
        AccessDeniedError: the person may not read.
    """
    require(person, "read")
    return [_summary(store, record, person, now) for record in reversed(read_queues(store))]


def open_queue(store: Store, queue_no: int, *, person: Person, now: datetime) -> QueueSummary:
    """Return one queue with its progress.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such queue.
    """
    require(person, "read")
    return _summary(store, read_queue(store, queue_no), person, now)


def set_queue_state(store: Store, queue_no: int, act: QueueAct, *, person: Person, now: datetime) -> None:
    """Pause a queue (nothing is given out, begun answers are still taken), close it, or open it again.

    Raises:
        AccessDeniedError: the person may not manage queues.
        NotFoundError: there is no such queue.
        SettingError: there is no such act.
    """
    require(person, "manage queue")
    if act not in get_args(QueueAct):
        raise SettingError(f"A queue cannot be {act!r}.", "Choose paused, opened or closed.")
    room = room_of(store)
    with room.lock:
        desk = room.desk(store, queue_no, utc_timestamp(now))
        with store.write() as cursor:
            write_queue_event(cursor, queue_no, act, person=person.name, now=now)
            write_audit(cursor, store, person, "manage queue", f"queue {queue_no}", {"event": act}, now=now)
        desk.queue_state = STATE_AFTER[act]


def _summary(store: Store, record: QueueRecord, person: Person, now: datetime) -> QueueSummary:
    room = room_of(store)
    with room.lock:
        progress = progress_of(room.desk(store, record.queue_no, utc_timestamp(now)), person)
    return QueueSummary(record.queue_no, record.plan, record.created_by, record.created_at, progress)


def _draw(store: Store, plan: QueuePlan) -> _Drawn:
    flagged = read_flagged(store, plan)
    size = min(plan.size or len(flagged), len(flagged))
    wanted = round((plan.size or len(flagged)) * plan.unflagged_share)
    unflagged = read_unflagged(store, plan) if wanted and plan.kind != "pair" else _NOTHING
    evenly = plan.kind == "duplicate"  # the pairs near the threshold are the few, and the ones in doubt
    marked = _draw_part(flagged, size, is_flagged=True, seed=plan.seed, evenly=evenly)
    others_size = min(wanted, len(unflagged))
    others = _draw_part(unflagged, others_size, is_flagged=False, seed=plan.seed + 1, evenly=evenly)
    sample = size + len(others.draw.indexes)
    gold = _choose_gold(store, plan, round(sample * plan.gold_share), _places(flagged, marked.draw))
    return _Drawn(
        flagged,
        unflagged,
        [*marked.strata, *others.strata],
        marked.pooled_count + others.pooled_count,
        (marked.draw, others.draw),
        gold,
        round(sample * plan.repeat_share),
    )


class _Part(NamedTuple):
    strata: list[Stratum]
    pooled_count: int
    draw: Draw


def _draw_part(
    population: Population, size: int, *, is_flagged: bool, seed: int, evenly: bool = False
) -> _Part:
    if not size:
        return _Part([], 0, Draw(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    pooled = pool_small(population.codes, population.stratum_names, size)
    strata = count_strata(pooled.codes, pooled.names, size, is_flagged=is_flagged, evenly=evenly)
    return _Part(strata, pooled.pooled_count, draw(pooled.codes, strata, seed=seed))


def _places(population: Population, drawn: Draw) -> set[tuple[int, int, int, int]]:
    chosen = drawn.indexes
    columns = (population.numbers, population.version_nos, population.steps, population.calls)
    return set(zip(*(column[chosen].tolist() for column in columns)))


def _choose_gold(
    store: Store, plan: QueuePlan, count: int, drawn: set[tuple[int, int, int, int]]
) -> list[GoldItem]:
    """Choose gold items by chance; a place that was drawn anyway is not shown twice."""
    if not count:
        return []
    checks = () if plan.kind == "pair" else plan.checks  # whatever their origin, pairs ask the same
    found = [gold for gold in read_gold_items(store, plan.kind, checks) if gold[:4] not in drawn]
    chosen = np.random.default_rng([plan.seed, 2]).permutation(len(found))[:count]
    return [found[index] for index in sorted(chosen.tolist())]


def _rows(store: Store, plan: QueuePlan, drawn: _Drawn) -> pa.Table:
    """Return the columns of the queue's items, in the order they are worked on."""
    columns = _drawn_columns(drawn)
    sample_count = drawn.item_count - len(drawn.gold)
    shown = put_in_order(
        drawn.item_count,
        np.arange(sample_count),
        repeat_count=drawn.repeat_count,
        gap=repeat_gap(drawn.item_count),
        seed=plan.seed,
    )
    count = len(shown.indexes)
    first = store.numbers.reserve("item", count)
    repeats = np.where(shown.repeats >= 0, shown.repeats + first, 0)
    table = pa.table(columns).take(pa.array(shown.indexes))
    return (
        table.append_column("item_no", pa.array(np.arange(first, first + count)))
        .append_column("place", pa.array(np.arange(count, dtype=np.int32)))
        .append_column("repeats", pa.array(repeats))
    )


def _drawn_columns(drawn: _Drawn) -> dict[str, pa.Array]:
    populations = (drawn.flagged, drawn.unflagged)
    names = [stratum.name for stratum in drawn.strata]
    chances = np.array([stratum.probability for stratum in drawn.strata])
    flags = np.array([stratum.is_flagged for stratum in drawn.strata], bool)
    marked_count = int(flags.sum())
    codes = np.concatenate([drawn.draws[0].strata, drawn.draws[1].strata + marked_count]).astype(np.int64)
    gold = drawn.gold

    def column(name: str, of_gold: list[int]) -> Integers:
        parts = [getattr(each, name)[chosen.indexes] for each, chosen in zip(populations, drawn.draws)]
        return np.concatenate([*parts, np.array(of_gold, np.int64)]).astype(np.int64)

    return {
        "number": pa.array(column("numbers", [each.number for each in gold])),
        "version_no": pa.array(column("version_nos", [each.version_no for each in gold])),
        "step": pa.array(column("steps", [each.step for each in gold])),
        "call": pa.array(column("calls", [each.call for each in gold])),
        "stratum": pa.array([*(names[code] for code in codes.tolist()), *[GOLD_STRATUM] * len(gold)]),
        "probability": pa.array(np.concatenate([chances[codes], np.ones(len(gold))])),
        "is_flagged": pa.array(
            np.concatenate([flags[codes], np.array([each.is_flagged for each in gold], bool)])
        ),
        "gold": pa.array([*[""] * len(codes), *(each.answer for each in gold)], pa.string()),
    }


def _unflagged_check(plan: QueuePlan) -> str:
    """Return what an unflagged call says something about: a check only when it was the only one asked."""
    if plan.kind == "pair":
        return "preference"
    if plan.kind == "duplicate":
        return "near_duplicate"
    return plan.checks[0] if len(plan.checks) == 1 else ""


def _as_meant(store: Store, plan: QueuePlan) -> QueuePlan:
    """Return a plan whose texts can be stored, with each reviewer under the name they sign in with.

    A check that the filters ask for is a check that the queue is about: what is not flagged is then what
    this one check leaves unmarked, not what no check at all marks. Near-duplicates are those of one search.
    """
    if plan.kind == "duplicate":
        plan = _of_search(store, plan)
    asked = plan.filters.check if plan.kind == "finding" else ""
    return msgspec.structs.replace(
        plan,
        name=clean_text(plan.name),
        guideline=clean_text(plan.guideline),
        reviewers=tuple(dict.fromkeys(local_name(name) for name in plan.reviewers)),
        checks=(asked,) if asked and asked in (plan.checks or (asked,)) else plan.checks,
    )


def _of_search(store: Store, plan: QueuePlan) -> QueuePlan:
    searches = list_searches(store)
    if not searches:
        raise SettingError("No near-duplicates were looked for yet.", "Compare the requests first.")
    search = read_search(store, plan.search_no) if plan.search_no else searches[0]
    threshold = plan.threshold or search.settings.threshold
    return msgspec.structs.replace(plan, search_no=search.search_no, threshold=round(threshold, 4))


def _refuse_unfit(plan: QueuePlan) -> None:
    if not plan.name.strip():
        raise SettingError("The queue has no name.", "Give it one.")
    if len(plan.name) > LONGEST_NAME or len(plan.guideline) > LONGEST_GUIDELINE:
        raise SettingError(
            "The queue's name or guideline is too long.",
            f"A name has at most {LONGEST_NAME:,} characters, a guideline {LONGEST_GUIDELINE:,}.",
        )
    if plan.seed < 0:
        raise SettingError(f"A seed of {plan.seed} is not possible.", "Give a whole number from 0.")
    if plan.kind not in ITEM_KINDS:
        raise SettingError(f"There are no review items of kind {plan.kind!r}.", f"Choose {ITEM_KINDS}.")
    what, known = _DRAWN_BY[plan.kind]
    for name in plan.checks:
        if name not in known:
            raise UnknownNameError(what, name, known)
    if unknown := set(plan.strata) - set(get_args(Stratifier)):
        raise SettingError(
            f"Strata cannot be told apart by {sorted(unknown)}.", f"Choose among {get_args(Stratifier)}."
        )
    shares = {"unflagged": plan.unflagged_share, "gold": plan.gold_share, "repeat": plan.repeat_share}
    for name, share in shares.items():
        most = MOST_UNFLAGGED if name == "unflagged" else 1
        if not 0 <= share <= most:
            raise SettingError(
                f"The {name} share of {share:g} is not possible.", f"Give a share from 0 to {most}."
            )
    _refuse_unfit_duplicates(plan)
    _refuse_unfit_work(plan)


def _refuse_unfit_duplicates(plan: QueuePlan) -> None:
    if plan.kind != "duplicate":
        return
    if plan.gold_share:
        raise SettingError("There are no gold items among near-duplicates.", "Leave the gold share at 0.")
    if not 0 < plan.threshold <= 1:
        raise SettingError(f"A threshold of {plan.threshold:g} is not possible.", "Give one from 0 to 1.")


def _refuse_unfit_work(plan: QueuePlan) -> None:
    if plan.size < 0:
        raise SettingError("A queue cannot have fewer than 0 items.", "0 takes everything.")
    if not 1 <= plan.overlap <= MOST_OVERLAP:
        raise SettingError(f"An overlap of {plan.overlap} is not possible.", f"Choose 1 to {MOST_OVERLAP}.")
    if plan.reviewers and len(set(plan.reviewers)) < plan.overlap:
        raise SettingError(
            f"Every item needs {plan.overlap} people, and only {len(set(plan.reviewers))} are named.",
            "Name more reviewers, or lower the overlap.",
        )
    if not SHORTEST_LEASE <= plan.lease_seconds <= LONGEST_LEASE:
        raise SettingError(
            f"A lease of {plan.lease_seconds} seconds is not possible.",
            f"Choose {SHORTEST_LEASE} to {LONGEST_LEASE}.",
        )


def _refuse_taken_name(store: Store, name: str) -> None:
    if any(queue.plan.name == name for queue in read_queues(store)):
        raise SettingError(f"There is a queue called {name!r} already.", "Give it another name.")


_NO_NUMBERS = np.zeros(0, np.int64)
_NOTHING = Population(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, [])
