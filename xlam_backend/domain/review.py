"""The words of the review desk: queues, items, and the two answers a person gives to each."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters

ItemKind = Literal["finding", "rating", "pair"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)

Flag = Literal["", "agree", "disagree", "unsure"]
Disposition = Literal["", "keep", "fix", "drop", "flip"]  # flip: for pairs, the other side is the better
Preference = Literal[
    "", "chosen", "rejected", "equal", "both_bad"
]  # never "left": what was on screen is resolved
PairReason = Literal[
    "",
    "wrong tool",
    "missing argument",
    "extra call",
    "wrong value",
    "format",
    "missing call",
    "extra argument",
    "other",
]
PAIR_REASONS: tuple[PairReason, ...] = get_args(PairReason)[1:]
Stratifier = Literal["source", "check", "score", "prompt"]

MOST_UNDONE = 20


class QueuePlan(msgspec.Struct, frozen=True):
    """What a queue is drawn from, and how it is worked on.

    `kind` says what its items are: current findings of rule checks, ratings of judges, or
    chosen/rejected pairs. `filters` narrow the trajectories as Explore does; `checks` are names of
    checks (kind finding) or judges (kind rating), all when empty. `size` is the number of items drawn
    from what is flagged (0: all of it); shares are of `size`, 0..1. Every draw is decided by `seed`.
    """

    name: str
    kind: ItemKind
    filters: Filters = Filters()
    checks: tuple[str, ...] = ()
    size: int = 0
    strata: tuple[Stratifier, ...] = ("source", "check")
    unflagged_share: float = 0.0
    gold_share: float = 0.0
    repeat_share: float = 0.0
    overlap: int = 1
    lease_seconds: int = 900
    is_rationale_hidden: bool = True
    reviewers: tuple[str, ...] = ()  # empty: everybody who may review
    guideline: str = ""
    seed: int = 0


class Claim(msgspec.Struct, frozen=True):
    """An item that is leased to a person; a verdict must name the lease it was given under."""

    item_no: int
    lease: str


class VerdictDraft(msgspec.Struct, frozen=True):
    """What a person answers to one item.

    `entry_id` is made where the key was pressed and is unique to that press: the same entry sent
    twice is stored once. `flag` judges the check or the judge, `disposition` decides on the data.
    `rating` is 1..5 for quality. `evidence` is the place a reviewer points at as support. `act_no` is
    the fix or edit that came with it, 0 when none. `seconds` is the time the item was on screen.
    """

    entry_id: str
    item_no: int
    lease: str
    flag: Flag = ""
    disposition: Disposition = ""
    rating: int | None = None
    preference: Preference = ""
    reason: PairReason = ""
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)
    note: str = ""
    act_no: int = 0
    seconds: float = 0.0


class VerdictReceipt(msgspec.Struct, frozen=True):
    """What became of a draft: stored, known already (`repeated`), or refused with the reason."""

    entry_id: str
    item_no: int
    state: Literal["stored", "repeated", "refused"]
    verdict_no: int = 0
    reason: str = ""
