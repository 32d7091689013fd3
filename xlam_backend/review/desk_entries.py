"""What was pressed at a desk becomes verdicts, skips, undoings and comments; sent twice, it is done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from xlam_backend.domain.person import Person
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.review import (
    Disposition,
    Flag,
    PairReason,
    ReviewItem,
    VerdictDraft,
)
from xlam_backend.errors import FixRefusedError, XlamError
from xlam_backend.review.comments import add_comment, read_comments
from xlam_backend.review.desk import foresee_verdict, skip_item, submit_verdict, undo_last
from xlam_backend.review.guidelines import answers_claim
from xlam_backend.review.item_edit import save_edit, save_repair, undo_edit
from xlam_backend.review.item_view import Reveal, reveal, reveal_of
from xlam_backend.review.pair_view import Pressed, resolve_preference
from xlam_backend.review.repairs import find_repairs
from xlam_backend.review.settled import CLOSE, on_human_scale
from xlam_backend.store.connection import Store
from xlam_backend.store.family_findings import read_findings
from xlam_backend.store.ratings import read_rating
from xlam_backend.store.review_items import read_item
from xlam_backend.store.review_queues import read_plan
from xlam_backend.store.trajectories import read_trajectories
from xlam_backend.store.verdicts import read_verdict


class Entry(msgspec.Struct, frozen=True):
    """One press (or one saved edit, note, comment), as the screen sends it: nothing in it is trusted.

    `flag` is about what is on the screen; `pressed` names the side of a pair. `repair` is the key of a
    repair that was offered, `edit` an edited text, of the call `edit_call` (-1: of all calls of the step).
    """

    kind: Literal["answer", "skip", "undo", "comment"]
    entry_id: str
    item_no: int = 0
    lease: str = ""
    flag: Flag = ""
    disposition: Disposition = ""
    rating: int | None = None
    pressed: Pressed | Literal[""] = ""
    reason: PairReason = ""
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)
    note: str = ""
    words: str = ""
    repair: str = ""
    edit: str = ""
    edit_call: int = -1
    seconds: float = 0.0


class EntryReceipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an entry. `lease` is that of an item that is open again after an undo."""

    entry_id: str
    kind: str
    item_no: int
    state: Literal["stored", "repeated", "refused"]
    reason: str = ""
    lease: str = ""
    act_no: int = 0
    reveal: Reveal | None = None


def take_entry(store: Store, queue_no: int, entry: Entry, *, person: Person, now: datetime) -> EntryReceipt:
    """Carry out one entry, or say why it is refused; what is acknowledged is committed."""
    try:
        return _TAKERS[entry.kind](store, queue_no, entry, person, now)
    except XlamError as error:
        return EntryReceipt(entry.entry_id, entry.kind, entry.item_no, "refused", str(error))


def _take_answer(store: Store, queue_no: int, entry: Entry, person: Person, now: datetime) -> EntryReceipt:
    item = read_item(store, entry.item_no)
    act_no = 0
    draft = _draft(store, item, entry, person)
    receipt = foresee_verdict(store, draft, person=person, now=now, queue_no=queue_no)
    if receipt is None:  # the change comes first: an answer that says "fixed" must not stand without it
        act_no = _carry_out(store, item, entry, person, now)
        draft = msgspec.structs.replace(draft, act_no=act_no)
        receipt = submit_verdict(store, draft, person=person, now=now, queue_no=queue_no)
    if receipt.state == "refused":
        if act_no:
            undo_edit(store, act_no, person=person, now=now)
        return EntryReceipt(entry.entry_id, entry.kind, entry.item_no, "refused", receipt.reason)
    if receipt.state == "repeated":
        stored = read_verdict(store, receipt.verdict_no)
        act_no = stored.act_no if stored else 0
    return EntryReceipt(
        entry.entry_id,
        entry.kind,
        entry.item_no,
        receipt.state,
        act_no=act_no,
        reveal=reveal_of(store, item, person=person, now=now),
    )


def _take_skip(store: Store, _queue_no: int, entry: Entry, person: Person, now: datetime) -> EntryReceipt:
    done = skip_item(store, entry.item_no, lease=entry.lease, person=person, now=now)
    return EntryReceipt(entry.entry_id, entry.kind, entry.item_no, "stored" if done else "repeated")


def _take_undo(store: Store, queue_no: int, entry: Entry, person: Person, now: datetime) -> EntryReceipt:
    undone = undo_last(
        store, queue_no, person=person, now=now, entry_id=entry.entry_id, item_no=entry.item_no
    )
    reason = ""
    if undone.verdict.act_no:
        try:
            undo_edit(store, undone.verdict.act_no, person=person, now=now)
        except XlamError as error:
            reason = f"The answer is taken back, but what it changed stands: {error}"
    claim = undone.claim
    return EntryReceipt(entry.entry_id, entry.kind, claim.item_no, "stored", reason, claim.lease)


def _take_comment(store: Store, _queue_no: int, entry: Entry, person: Person, now: datetime) -> EntryReceipt:
    known = read_comments(store, entry.item_no, person=person, now=now).comments
    words = entry.words.strip()
    posted = (person.name, entry.item_no, words)
    if not any((each.person, each.item_no, each.words) == posted for each in known):
        add_comment(store, entry.item_no, words, person=person, now=now)
    shown = reveal(store, entry.item_no, person=person, now=now)
    return EntryReceipt(entry.entry_id, entry.kind, entry.item_no, "stored", reveal=shown)


_TAKERS = {"answer": _take_answer, "skip": _take_skip, "undo": _take_undo, "comment": _take_comment}


def _carry_out(store: Store, item: ReviewItem, entry: Entry, person: Person, now: datetime) -> int:
    """Make the change an answer comes with; returns its act, 0 when it comes with none.

    Raises:
        FixRefusedError: it cannot be made (any more).
    """
    if item.kind == "pair" and (entry.edit or entry.repair):
        raise FixRefusedError("A pair is not edited here.", "Choose a side.")
    if entry.edit:
        return save_edit(store, item, entry.edit, call=entry.edit_call, person=person, now=now)
    if not entry.repair:
        return 0
    stored = read_trajectories(store, [item.version_no])[0]
    found = read_findings(store, [item.finding_no] if item.finding_no else []).get(item.finding_no)
    offered = find_repairs(
        store,
        stored,
        step=item.step,
        call=item.call,
        pointer=item.pointer,
        finding=found.finding if found else None,
    )
    chosen = next((repair for repair in offered if repair.key == entry.repair), None)
    if chosen is None:
        raise FixRefusedError("This repair is not offered any more.", "Look at the item again.")
    return save_repair(store, stored, chosen, person=person, now=now)


def _draft(store: Store, item: ReviewItem, entry: Entry, person: Person) -> VerdictDraft:
    """Return the verdict an entry means, once what was on the screen is known."""
    draft = VerdictDraft(
        entry.entry_id,
        entry.item_no,
        entry.lease,
        flag=entry.flag,
        disposition="fix" if entry.edit or entry.repair else entry.disposition,
        evidence=entry.evidence,
        note=entry.note,
        seconds=entry.seconds,
    )
    if item.kind == "pair":
        return _of_pair(draft, entry, person)
    if item.kind == "rating":
        return _of_rating(store, item, draft, entry)
    return draft


def _of_pair(draft: VerdictDraft, entry: Entry, person: Person) -> VerdictDraft:
    if not entry.pressed:
        return draft
    preference = resolve_preference(entry.item_no, person.name, entry.pressed)
    return msgspec.structs.replace(
        draft,
        preference=preference,
        disposition=entry.disposition,
        reason=entry.reason if preference in ("chosen", "rejected") else "",
    )


def _of_rating(store: Store, item: ReviewItem, draft: VerdictDraft, entry: Entry) -> VerdictDraft:
    rating = read_rating(store, item.rating_no).rating
    is_scored = rating.score is not None
    if is_scored and entry.rating is not None:
        flag = entry.flag or flag_of_rating(entry.rating, rating)
        return msgspec.structs.replace(draft, rating=entry.rating, flag=flag)
    hidden = read_plan(store, item.queue_no).is_rationale_hidden
    if answers_claim(item.kind, is_scored=is_scored, is_hidden=hidden):
        return msgspec.structs.replace(draft, flag=_flag_of_claim(entry.flag, rating))
    return draft


def flag_of_rating(given: int, rating: Rating) -> Flag:
    """Return whether a person's rating (1 to 5) agrees with a judge's score: within one point of it."""
    if rating.score is None or rating.scale_high <= rating.scale_low:
        return "unsure"
    score = on_human_scale(rating.score, rating.scale_low, rating.scale_high)
    return "agree" if abs(given - score) <= CLOSE else "disagree"


def _flag_of_claim(flag: Flag, rating: Rating) -> Flag:
    """Return what an answer to the claim (there is a mistake) says about the judge that was hidden."""
    if flag not in ("agree", "disagree"):
        return flag
    return "agree" if (flag == "agree") == rating.is_flagged else "disagree"
