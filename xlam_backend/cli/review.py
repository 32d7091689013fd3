"""`review`: queues are drawn and looked after, items answered, answers taken back."""

from __future__ import annotations

import uuid
from typing import Any, get_args

import click
import msgspec

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import StudioGroup, pass_caller
from xlam_backend.cli.filters import take_filters, with_filters
from xlam_backend.cli.options import Function, with_options
from xlam_backend.domain.review import (
    ITEM_KINDS,
    MOST_OVERLAP,
    PAIR_REASONS,
    Disposition,
    Flag,
    Preference,
    QueueAct,
    QueuePlan,
    Stratifier,
    VerdictDraft,
)
from xlam_backend.errors import ReviewRefusedError
from xlam_backend.review.comments import add_comment, read_comments
from xlam_backend.review.desk import (
    QueueProgress,
    claim_items,
    queue_progress,
    release_items,
    skip_item,
    submit_verdict,
    undo_last,
)
from xlam_backend.review.items import OpenItem, open_item
from xlam_backend.review.queues import (
    QueuePreview,
    QueueSummary,
    create_queue,
    list_queues,
    preview_queue,
    set_queue_state,
)

QUEUE = click.argument("queue_no", metavar="QUEUE", type=int)
ITEM = click.argument("item_no", metavar="ITEM", type=int)
SHARE = click.FloatRange(0, 1)


@click.group("review", cls=StudioGroup)
def review() -> None:
    """Human review: queues of items, and people's answers to them.

    Whoever runs the command is the reviewer; what they may do depends on their role.
    """


def _plan_options(command: Function) -> Function:
    return with_options(command, _PLAN_OPTIONS)


_PLAN_OPTIONS = (
    click.option("--kind", type=click.Choice(ITEM_KINDS), default="finding", show_default=True,
        help="Findings of checks, ratings of judges, chosen/rejected pairs, or pairs of near-duplicates."),
    click.option("--of", "checks", multiple=True, metavar="NAME",
        help="Only findings of this check, ratings of this judge, or pairs of this origin; may be repeated."),
    click.option("--size", type=click.IntRange(0), default=0, metavar="N",
        help="How many flagged items to draw; 0 takes all of them."),
    click.option("--by", "strata", multiple=True, type=click.Choice(get_args(Stratifier)),
        default=("source", "check"), show_default=True, help="What tells strata apart."),
    click.option("--unflagged", "unflagged_share", type=SHARE, default=0.0, metavar="SHARE",
        help="Add unflagged items, this share of the size: without them nothing is known of what is missed."),
    click.option("--gold", "gold_share", type=SHARE, default=0.0, metavar="SHARE",
        help="Mix in items whose answer is known."),
    click.option("--repeat", "repeat_share", type=SHARE, default=0.0, metavar="SHARE",
        help="Show this share a second time to the same person."),
    click.option("--overlap", type=click.IntRange(1, MOST_OVERLAP), default=1, show_default=True,
        help="How many people answer each item."),
    click.option("--reviewer", "reviewers", multiple=True, metavar="NAME",
        help="Only these people; may be given several times."),
    click.option("--lease-seconds", type=int, default=900, show_default=True,
        help="How long an item stays with a person who does not answer it."),
    click.option("--show-rationale", is_flag=True,
        help="Show what the judge says before the reviewer has answered."),
    click.option("--guideline", default="", metavar="TEXT", help="What reviewers are told."),
    click.option("--seed", default=0, show_default=True, help="The same seed draws the same items."),
    click.option("--search", "search_no", type=click.IntRange(0), default=0, metavar="N",
        help="Of near-duplicates: the search that found them. Default: the newest."),
    click.option("--threshold", type=SHARE, default=0.0, metavar="SIMILARITY",
        help="Of near-duplicates: pairs from here up count as flagged. Default: that of the search."),
)  # fmt: skip


@review.command("create-queue")
@click.argument("name")
@_plan_options
@click.option("--preview", is_flag=True, help="Show what it would draw, and draw nothing.")
@with_filters
@pass_caller
def create(caller: Caller, /, name: str, preview: bool, show_rationale: bool, **given: Any) -> None:
    """Draw a queue called NAME by chance, with a known probability for every item."""
    filters = take_filters(caller.store, given)
    plan = QueuePlan(name=name, filters=filters, is_rationale_hidden=not show_rationale, **given)
    if preview:
        found = preview_queue(caller.store, plan)
        caller.answer(found, *_preview_lines(found))
        return
    queue_no = create_queue(caller.store, plan, person=caller.person(), now=caller.now)
    progress = queue_progress(caller.store, queue_no, person=caller.person(), now=caller.now)
    caller.answer(
        {"queue_no": queue_no, "item_count": progress.item_count},
        f"Queue {queue_no} has {progress.item_count:,} items. To begin: "
        f"python -m xlam_backend review next {queue_no}",
    )


@review.command("queues")
@pass_caller
def show_queues(caller: Caller) -> None:
    """List the queues, the newest first, with what is due for you."""
    queues = list_queues(caller.store, person=caller.person(), now=caller.now)
    header = ("queue", "name", "kind", "state", "items", "done", "answers", "due for you", "yours")
    caller.answer_table(queues, header, [_queue_row(queue) for queue in queues])


@review.command("next")
@QUEUE
@click.option("--count", type=click.IntRange(1, 100), default=1, show_default=True, help="How many.")
@pass_caller
def show_next(caller: Caller, queue_no: int, count: int) -> None:
    """Take the next items of a QUEUE; they are yours until the lease ends."""
    person = caller.person()
    claims = claim_items(caller.store, queue_no, person=person, count=count, now=caller.now)
    items = [open_item(caller.store, claim.item_no) for claim in claims]
    record = [{"lease": claim.lease, **msgspec.structs.asdict(item)} for claim, item in zip(claims, items)]
    lines = [line for item in items for line in _item_lines(item)]
    caller.answer(record, *(lines or ["Nothing is due for you in this queue now."]))


@review.command("verdict")
@ITEM
@click.option("--flag", type=click.Choice(get_args(Flag)), default="", help="Is the flag right?")
@click.option("--disposition", type=click.Choice(get_args(Disposition)), default="",
    help="What is to be done with the record.")  # fmt: skip
@click.option("--rating", type=click.IntRange(1, 5), help="Your own rating, 1 to 5.")
@click.option("--preference", type=click.Choice(get_args(Preference)), default="",
    help="Of a pair: the better side.")  # fmt: skip
@click.option("--reason", type=click.Choice(["", *PAIR_REASONS]), default="", help="Of a pair: why.")
@click.option("--note", default="", help="A word for those who read it later.")
@click.option("--entry", default="", metavar="ID", help="The same entry sent twice is stored once.")
@click.option("--seconds", default=0.0, help="How long it took you.")
@pass_caller
def answer_item(caller: Caller, /, item_no: int, entry: str, **answer: Any) -> None:
    """Answer an ITEM; answering it again changes your verdict."""
    draft = VerdictDraft(entry or f"command-{uuid.uuid4().hex}", item_no, lease="", **answer)
    receipt = submit_verdict(caller.store, draft, person=caller.person(), now=caller.now)
    if receipt.state == "refused":
        raise ReviewRefusedError(receipt.reason, "`review next` gives you the next item.")
    caller.answer(receipt, f"Item {item_no}: {receipt.state}.")


@review.command("skip")
@ITEM
@click.option("--lease", required=True, metavar="LEASE", help="As `review next --json` gave it.")
@pass_caller
def skip(caller: Caller, item_no: int, lease: str) -> None:
    """Put an ITEM off: others get it, and you when nothing else is left."""
    done = skip_item(caller.store, item_no, lease=lease, person=caller.person(), now=caller.now)
    words = f"Item {item_no} is put off." if done else f"Item {item_no} was not yours under this lease."
    caller.answer({"item_no": item_no, "skipped": done}, words)


@review.command("release")
@QUEUE
@pass_caller
def release(caller: Caller, queue_no: int) -> None:
    """Give back the items of a QUEUE that you hold."""
    count = release_items(caller.store, queue_no, person=caller.person(), now=caller.now)
    caller.answer({"released": count}, f"{count:,} items are free for others.")


@review.command("undo")
@QUEUE
@pass_caller
def undo(caller: Caller, queue_no: int) -> None:
    """Take your last answer in a QUEUE back; its item is yours again."""
    undone = undo_last(caller.store, queue_no, person=caller.person(), now=caller.now)
    caller.answer(undone, f"Your answer to item {undone.claim.item_no} was taken back.")


@review.command("progress")
@QUEUE
@pass_caller
def show_progress(caller: Caller, queue_no: int) -> None:
    """Show how far a QUEUE is, and how far you are."""
    progress = queue_progress(caller.store, queue_no, person=caller.person(), now=caller.now)
    caller.answer(progress, *_progress_lines(progress))


@review.command("comment")
@ITEM
@click.argument("words")
@pass_caller
def comment(caller: Caller, item_no: int, words: str) -> None:
    """Write a comment on an ITEM."""
    written = add_comment(caller.store, item_no, words, person=caller.person(), now=caller.now)
    caller.answer(written, f"Comment {written.comment_no} on item {item_no}.")


@review.command("comments")
@ITEM
@pass_caller
def show_comments(caller: Caller, item_no: int) -> None:
    """Read the comments on an ITEM; those of others wait until you have answered it."""
    found = read_comments(caller.store, item_no, person=caller.person(), now=caller.now)
    lines = [f"{each.written_at:%Y-%m-%d %H:%M} {each.person}: {each.words}" for each in found.comments]
    hidden = ["What others write is shown once you have answered."] if found.is_hidden else []
    caller.answer(found, *lines, *hidden)


@review.command("pause")
@QUEUE
@pass_caller
def pause(caller: Caller, queue_no: int) -> None:
    """Give out nothing more of a QUEUE; answers that were begun are still taken."""
    _set_state(caller, queue_no, "paused")


@review.command("open")
@QUEUE
@pass_caller
def reopen(caller: Caller, queue_no: int) -> None:
    """Open a paused or closed QUEUE again."""
    _set_state(caller, queue_no, "opened")


@review.command("close")
@QUEUE
@pass_caller
def close(caller: Caller, queue_no: int) -> None:
    """Close a QUEUE: no answer is taken any more, and all of them may be read."""
    _set_state(caller, queue_no, "closed")


def _set_state(caller: Caller, queue_no: int, act: QueueAct) -> None:
    set_queue_state(caller.store, queue_no, act, person=caller.person(), now=caller.now)
    caller.answer({"queue_no": queue_no, "event": act}, f"Queue {queue_no} is {act}.")


def _queue_row(queue: QueueSummary) -> tuple[Any, ...]:
    progress = queue.progress
    return (
        queue.queue_no,
        queue.plan.name,
        queue.plan.kind,
        progress.state,
        progress.item_count,
        progress.done_count,
        f"{progress.verdict_count:,} of {progress.wanted_count:,}",
        progress.my_due_count,
        progress.my_verdict_count,
    )


def _preview_lines(preview: QueuePreview) -> list[str]:
    lines = [
        f"{preview.item_count:,} items: "
        f"{preview.drawn_flagged_count:,} of {preview.flagged_count:,} flagged, "
        f"{preview.drawn_unflagged_count:,} of {preview.unflagged_count:,} unflagged, "
        f"{preview.gold_count:,} gold, {preview.repeat_count:,} repeats; "
        f"{preview.verdict_count:,} answers in all."
    ]
    lines += [
        f"  {stratum.drawn:>6,} of {stratum.population:>9,}  {stratum.name}" for stratum in preview.strata
    ]
    if preview.pooled_count:
        lines.append(f"  {preview.pooled_count:,} small strata are thrown together: the draw is small.")
    return lines


def _item_lines(item: OpenItem) -> list[str]:
    place = [f"step {item.step + 1}" if item.step >= 0 else "", f"call {item.call + 1}" * (item.call >= 0)]
    return [
        f"Item {item.item_no}: {item.check or 'a call no check flagged'}, "
        + ", ".join(part for part in (*place, item.pointer) if part),
        *([f"  {item.says}"] if item.says else []),
        *(["  The record was changed since it was drawn."] if item.is_changed else []),
        f"  python -m xlam_backend show {item.trajectory_id} --version {item.version}",
        f"  python -m xlam_backend review verdict {item.item_no} --flag agree",
    ]


def _progress_lines(progress: QueueProgress) -> list[str]:
    each = progress.my_seconds_each
    return [
        f"Queue {progress.queue_no} is {progress.state}: {progress.done_count:,} of {progress.item_count:,} "
        f"items done, {progress.verdict_count:,} of {progress.wanted_count:,} answers, "
        f"{progress.held_count:,} items in work.",
        f"You: {progress.my_verdict_count:,} answered, {progress.my_due_count:,} due, "
        f"{progress.my_skipped_count:,} put off" + (f", {each:.0f} s each." if each else "."),
    ]


COMMANDS = (review,)
