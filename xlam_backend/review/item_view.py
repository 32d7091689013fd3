"""Everything the desk shows of an item, as plain data: what is asked, the trace, the evidence, the repairs.

What must not be seen before a person has voted (what the judge says, which side of a pair was chosen, what
others answered) is not in the view at all: `reveal` brings it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.finding import Finding, Level, SpecToolCode
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.near_names import nearest_names
from xlam_backend.domain.pair import Pair
from xlam_backend.domain.person import Person, may
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.review import Disposition, Flag, ItemKind, QueuePlan, ReviewItem, Verdict
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import NotFoundError
from xlam_backend.review.comments import comments_of
from xlam_backend.review.guidelines import Guideline, guideline_of
from xlam_backend.review.item_edit import ChangeLine, describe, editable_text
from xlam_backend.review.pair_view import PairView, is_chosen_left, make_pair_view
from xlam_backend.review.repairs import Repair, find_repairs
from xlam_backend.review.samples_view import SamplesView, make_samples_view
from xlam_backend.review.trace_view import Focus, TraceView, make_trace
from xlam_backend.review.verdicts import verdicts_of
from xlam_backend.store.connection import Store
from xlam_backend.store.duplicate_items import read_duplicate_items
from xlam_backend.store.family_findings import FixableFinding, read_findings
from xlam_backend.store.fix_history import read_act, read_head_changes
from xlam_backend.store.pairs import read_pairs
from xlam_backend.store.ratings import read_rating
from xlam_backend.store.review_items import read_item, read_items
from xlam_backend.store.review_queues import read_plan
from xlam_backend.store.stored_chunk import StoredTrajectory
from xlam_backend.store.trajectories import read_trajectories

_MOST_NEAR = 5
_MOST_HISTORY = 10
_LONGEST_RATIONALE = 8_000


class RepairView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A repair on offer: what it does, what differs, which findings it clears and brings."""

    key: str
    summary: str
    changes: tuple[ChangeLine, ...]
    cleared: tuple[tuple[str, str], ...] = ()
    introduced: tuple[tuple[str, str], ...] = ()
    is_from_check: bool = False


class JudgeView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a judge said."""

    judge: str
    model: str
    prompt: str
    verdict: str = ""
    score: float | None = None
    scale_high: float = 5.0
    rationale: str = ""
    is_flagged: bool = False
    is_scripted: bool = False


class OtherVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody answered, in plain fields."""

    person: str
    flag: Flag = ""
    disposition: Disposition = ""
    rating: int | None = None
    preference: str = ""
    reason: str = ""
    note: str = ""
    decided_at: str = ""


class Remark(msgspec.Struct, frozen=True):
    """A comment, or a line of the record's history."""

    person: str
    words: str
    at: str


class Reveal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person may see of an item after their vote."""

    item_no: int
    mine: OtherVerdict | None = None
    others: tuple[OtherVerdict, ...] = ()
    judge: JudgeView | None = None
    chosen_side: Literal["", "left", "right"] = ""
    pair_reason: str = ""
    comments: tuple[Remark, ...] = ()


class ItemView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item as it is shown.

    `answer` says which keys answer it: "flag" (agree, disagree, unsure), "rating" (1 to 5), "pair", "same"
    (like flag, with nothing to decide about the record).
    `says` is what the check or the shown judge says. `where` names the place in words. `edit_call` is
    the call an edit is about (-1: all calls of the step), `edit_text` its JSON ("" where nothing can
    be edited), `changed_since` what was done to the record after the item was drawn.
    """

    item_no: int
    queue_no: int
    kind: ItemKind
    answer: Literal["flag", "rating", "pair", "same"]
    guideline: Guideline
    trace: TraceView
    trajectory_id: str
    version: int
    level: Level | None = None
    code: SpecToolCode | None = None
    says: str = ""
    where: str = ""
    step: int = -1
    call: int = -1
    tool: str = ""
    near_names: tuple[str, ...] = ()
    repairs: tuple[RepairView, ...] = ()
    no_repair_reason: str = ""
    edit_text: str = ""
    edit_call: int = -1
    step_text: str = ""
    family: str = ""
    judge: JudgeView | None = None
    is_judge_hidden: bool = False
    pair: PairView | None = None
    samples: SamplesView | None = None
    changed_since: tuple[Remark, ...] = ()
    may_fix_family: bool = False


def view_item(store: Store, item_no: int, *, person: Person, now: datetime, whole: bool = False) -> ItemView:
    """Return one item as this person sees it; `whole`: every step and every text in full.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such item, or its record was removed.
    """
    read_item(store, item_no)
    views = view_items(store, [item_no], person=person, now=now, whole=whole)
    if not views:
        raise NotFoundError(
            f"The record behind item {item_no} is not in the store any more.", "Go on with the next item."
        )
    return views[0]


def view_items(
    store: Store, item_nos: Sequence[int], *, person: Person, now: datetime, whole: bool = False
) -> list[ItemView]:
    """Return items as this person sees them, in order; those whose record was removed are left out.

    Raises:
        AccessDeniedError: the person may not read.
    """
    require(person, "read")
    items = [item for item in read_items(store, item_nos) if not item.is_removed]
    if not items:
        return []
    others = read_duplicate_items(store, [item.item_no for item in items if item.kind == "duplicate"])
    versions = {item.version_no for item in items} | {other.other_version_no for other in others.values()}
    by_version = {stored.version_no: stored for stored in read_trajectories(store, sorted(versions))}
    findings = read_findings(store, [item.finding_no for item in items if item.finding_no])
    plans = {number: read_plan(store, number) for number in {item.queue_no for item in items}}
    drawing = _Drawing(store, person, now, whole=whole)
    return [
        drawing.duplicate(
            item, by_version[item.version_no], by_version[others[item.item_no].other_version_no]
        )
        if item.kind == "duplicate"
        else drawing.view(
            item, by_version[item.version_no], findings.get(item.finding_no), plans[item.queue_no]
        )
        for item in items
    ]


def reveal(store: Store, item_no: int, *, person: Person, now: datetime) -> Reveal:
    """Return what a person may see of an item after their vote; before it, no more than they may.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such item.
    """
    return reveal_of(store, read_item(store, item_no), person=person, now=now)


def reveal_of(store: Store, item: ReviewItem, *, person: Person, now: datetime) -> Reveal:
    """Return what a person may see of an item that was read already, as `reveal` does."""
    verdicts = verdicts_of(store, item, person=person, now=now)
    own_words = comments_of(store, item, person=person, now=now)
    comments = tuple(Remark(each.person, each.words, _moment(each.written_at)) for each in own_words.comments)
    shown = Reveal(
        item.item_no,
        mine=_other(verdicts.mine) if verdicts.mine else None,
        others=tuple(map(_other, verdicts.others)),
        comments=comments,
    )
    if verdicts.is_hidden:
        return shown
    return _with_sources(store, item, person, shown)


def _with_sources(store: Store, item: ReviewItem, person: Person, shown: Reveal) -> Reveal:
    if item.rating_no:
        judge = judge_view(read_rating(store, item.rating_no).rating)
        return msgspec.structs.replace(shown, judge=judge)
    if item.pair_no:
        side: Literal["left", "right"] = "left" if is_chosen_left(item.item_no, person.name) else "right"
        pair = read_pairs(store, [item.pair_no])[0]
        return msgspec.structs.replace(shown, chosen_side=side, pair_reason=pair.reason)
    return shown


def judge_view(rating: Rating) -> JudgeView:
    """Return what a judge said as it is shown."""
    return JudgeView(
        rating.judge,
        rating.model,
        f"{rating.prompt_name} {rating.prompt_version}",
        rating.verdict,
        rating.score,
        rating.scale_high,
        rating.rationale[:_LONGEST_RATIONALE],
        rating.is_flagged,
        rating.is_scripted,
    )


class _Drawing:
    """Who looks, and how much they want to see."""

    def __init__(self, store: Store, person: Person, now: datetime, *, whole: bool) -> None:
        self.store = store
        self.person = person
        self.now = now
        self.whole = whole

    def view(
        self, item: ReviewItem, stored: StoredTrajectory, found: FixableFinding | None, plan: QueuePlan
    ) -> ItemView:
        if item.kind == "pair":
            return self._pair(item, stored)
        if item.kind == "rating":
            return self._rating(item, stored, plan)
        finding = found.finding if found else None
        view = self._place(item, stored, finding, guideline_of(item))
        if found is None:
            return view
        return msgspec.structs.replace(
            view,
            says=found.finding.message[:2_000],
            level=found.finding.level,
            code=found.finding.code,
            no_repair_reason=found.finding.no_fix_reason,
            family=found.family,
            may_fix_family=bool(found.family) and may(self.person, "fix"),
        )

    def _rating(self, item: ReviewItem, stored: StoredTrajectory, plan: QueuePlan) -> ItemView:
        rating = read_rating(self.store, item.rating_no).rating
        is_scored, hidden = rating.score is not None, plan.is_rationale_hidden
        view = self._place(item, stored, None, guideline_of(item, is_scored=is_scored, is_hidden=hidden))
        judge = None if hidden else judge_view(rating)
        if judge is not None and not is_scored and not rating.is_flagged:  # it says that all is well
            guideline = msgspec.structs.replace(view.guideline, wrong_flag="disagree")
            view = msgspec.structs.replace(view, guideline=guideline)
        return msgspec.structs.replace(
            view,
            answer="rating" if is_scored else "flag",
            judge=judge,
            is_judge_hidden=hidden,
            says="" if judge is None else judge.verdict,
        )

    def duplicate(self, item: ReviewItem, stored: StoredTrajectory, other: StoredTrajectory) -> ItemView:
        """Return two samples beside each other; how alike they are is not said before the answer."""
        samples = make_samples_view(stored, other, whole=self.whole)
        return ItemView(
            item.item_no,
            item.queue_no,
            item.kind,
            "same",
            guideline_of(item),
            TraceView(samples.left.request),
            stored.trajectory_id,
            stored.version,
            samples=samples,
            changed_since=(*self._changes_since(stored), *self._changes_since(other)),
        )

    def _pair(self, item: ReviewItem, stored: StoredTrajectory) -> ItemView:
        pair: Pair = read_pairs(self.store, [item.pair_no])[0]
        trajectory = stored.trajectory
        sides = make_pair_view(
            pair,
            schemas_by_name(trajectory.tools),
            tools_stated=trajectory.tools_stated,
            is_left=is_chosen_left(item.item_no, self.person.name),
        )
        focus = Focus(item.step, before_step=item.step, whole=self.whole)
        return ItemView(
            item.item_no,
            item.queue_no,
            item.kind,
            "pair",
            guideline_of(item),
            make_trace(trajectory, focus),
            stored.trajectory_id,
            stored.version,
            where=f"step {item.step + 1}",
            step=item.step,
            pair=sides,
            changed_since=self._changes_since(stored),
        )

    def _place(
        self, item: ReviewItem, stored: StoredTrajectory, finding: Finding | None, guideline: Guideline
    ) -> ItemView:
        trajectory = stored.trajectory
        tool = finding.tool if finding is not None and item.step < 0 else ""
        focus = Focus(item.step, item.call, item.pointer, whole=self.whole, tool=tool)
        changed = self._changes_since(stored)
        repairs = () if changed else self._repairs(item, stored, finding)
        can_edit = may(self.person, "edit item") and not changed and 0 <= item.step < len(trajectory.steps)
        return ItemView(
            item.item_no,
            item.queue_no,
            item.kind,
            "flag",
            guideline,
            make_trace(trajectory, focus),
            stored.trajectory_id,
            stored.version,
            where=f"the tool {tool[:120]}" if tool else _where(item, trajectory),
            tool=tool,
            step=item.step,
            call=item.call,
            near_names=_near_tools(trajectory, item),
            repairs=tuple(_repair_view(trajectory, repair) for repair in repairs),
            edit_text=editable_text(trajectory, item.step, item.call) if can_edit else "",
            edit_call=item.call,
            step_text=editable_text(trajectory, item.step) if can_edit else "",
            changed_since=changed,
        )

    def _repairs(
        self, item: ReviewItem, stored: StoredTrajectory, finding: Finding | None
    ) -> tuple[Repair, ...]:
        if not may(self.person, "edit item"):
            return ()
        return find_repairs(
            self.store, stored, step=item.step, call=item.call, pointer=item.pointer, finding=finding
        )

    def _changes_since(self, stored: StoredTrajectory) -> tuple[Remark, ...]:
        """Return what was done to the record after the item was drawn, the latest last."""
        changes = read_head_changes(self.store, stored.trajectory_no)
        head = changes[-1].to_version_no if changes else stored.trajectory_no
        if head == stored.version_no:
            return ()
        acts = [read_act(self.store, change.act_no) for change in changes[-_MOST_HISTORY:]]
        return tuple(Remark(act.actor, act.summary[:400], _moment(act.acted_at)) for act in acts)


def _repair_view(trajectory: Trajectory, repair: Repair) -> RepairView:
    told = describe(trajectory, repair.mended)
    return RepairView(
        repair.key,
        repair.summary[:400],
        told.changes[:6],
        told.cleared[:6],
        told.introduced[:6],
        repair.is_from_check,
    )


def _near_tools(trajectory: Trajectory, item: ReviewItem) -> tuple[str, ...]:
    """Return the nearest names on offer to a called name that is not."""
    if not (0 <= item.step < len(trajectory.steps) and trajectory.tools_stated):
        return ()
    calls = trajectory.steps[item.step].tool_calls
    if not 0 <= item.call < len(calls):
        return ()
    name, names = calls[item.call].name, [tool.name for tool in trajectory.tools][:500]
    if name in names:
        return ()
    return tuple(nearest_names(name, names)[:_MOST_NEAR])


def _where(item: ReviewItem, trajectory: Trajectory) -> str:
    if item.step < 0:
        return "the trajectory as a whole"
    parts = [f"step {item.step + 1}"]
    if item.call >= 0:
        parts.append(f"call {item.call + 1}")
        calls = trajectory.steps[item.step].tool_calls if item.step < len(trajectory.steps) else ()
        if item.call < len(calls):
            parts.append(calls[item.call].name[:120])
    inside = f" · {show_pointer(item.pointer)[:120]}" if item.pointer else ""
    return ", ".join(parts) + inside


def _other(verdict: Verdict) -> OtherVerdict:
    return OtherVerdict(
        verdict.person,
        verdict.flag,
        verdict.disposition,
        verdict.rating,
        verdict.preference,
        verdict.reason,
        verdict.note[:4_000],
        _moment(verdict.decided_at),
    )


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
