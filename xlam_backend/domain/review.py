"""The words of the review desk: queues, items, and the two answers a person gives to each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from xlam_backend.domain.filters import Filters

ItemKind = Literal["finding", "rating", "pair", "duplicate"]
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

QueueState = Literal["open", "paused", "closed"]
QueueAct = Literal["paused", "opened", "closed"]
STATE_AFTER: dict[QueueAct, QueueState] = {"paused": "paused", "opened": "open", "closed": "closed"}

MOST_UNDONE = 20  # how many of their last answers in a queue a person can take back
REPEAT_GAP = 20  # how many other items a person answers before they are shown an item again
MOST_OVERLAP = 20
MOST_NOTE_CHARACTERS = 10_000


class QueuePlan(msgspec.Struct, frozen=True):
    """What a queue is drawn from, and how it is worked on.

    `kind` says what its items are: current findings of rule checks, ratings of judges, chosen/rejected
    pairs, or pairs of near-duplicates. `filters` narrow the trajectories as Explore does; `checks` are
    names of checks (kind finding), judges (kind rating) or origins of pairs (kind pair), all when empty.
    `size` is the number of items drawn from what is flagged (0: all of it); shares are of `size`, 0..1
    (unflagged items: up to 10). Every draw is decided by `seed`.

    Of kind duplicate, a pair is flagged when it is at least as alike as `threshold`; `search_no` is the
    search that found it. 0 stands for the newest search, and for the threshold that it was made with.
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
    search_no: int = 0
    threshold: float = 0.0


class ReviewItem(msgspec.Struct, frozen=True):
    """One item of a queue: an exact place of an exact version, and how it came to be drawn.

    `place` is its index in the order of work. Exactly one of `finding_no`, `rating_no`, `pair_no` is
    set, none for an unflagged call and for two near-duplicates (the store keeps the other one beside the
    item). `check` is the check or judge it calibrates ("" for a call that
    several checks left unmarked). `gold` is the JSON of the known `Answer`, "" when there is none;
    `repeats` the item that it shows a second time to the same person, 0 when it is no repeat. Neither
    belongs on the screen of whoever answers it. Gold items and repeats are no part of the sample:
    estimates leave them out.
    """

    item_no: int
    queue_no: int
    place: int
    kind: ItemKind
    version_no: int
    trajectory_no: int
    finding_no: int = 0
    rating_no: int = 0
    pair_no: int = 0
    check: str = ""
    step: int = -1
    call: int = -1
    pointer: str = ""
    stratum: str = ""
    inclusion_probability: float = 1.0
    is_flagged: bool = True
    gold: str = ""
    repeats: int = 0
    is_removed: bool = False


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


class Verdict(msgspec.Struct, frozen=True):
    """A stored answer of one person to one item; `is_withdrawn` marks the row that takes it back."""

    verdict_no: int
    entry_id: str
    item_no: int
    queue_no: int
    person: str
    flag: Flag
    disposition: Disposition
    rating: int | None
    preference: Preference
    reason: PairReason
    evidence: dict[str, Any]
    note: str
    act_no: int
    seconds: float
    is_withdrawn: bool
    decided_at: datetime


class Undone(msgspec.Struct, frozen=True):
    """An answer that was taken back; its item is leased to the person again under `claim`.

    A fix or edit that came with the answer (`verdict.act_no`) stands: it is undone as an act.
    """

    claim: Claim
    verdict: Verdict
