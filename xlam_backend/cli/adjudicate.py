"""`disputes`, `lessons`: the last word on what reviewers disagree about, and what it teaches."""

from __future__ import annotations

from typing import Any, get_args

import click

from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import EXIT_ERROR, StudioGroup, pass_caller
from xlam_backend.domain.adjudication import CAUSES, AdjudicationDraft, Answer, LessonKind
from xlam_backend.domain.review import Disposition, Flag, Preference
from xlam_backend.review.adjudication import AnsweredItem, adjudicate, list_disputes, withdraw_adjudication
from xlam_backend.review.lessons import list_lessons, run_rule_cases, take_back_lesson, teach

LESSON_KINDS: tuple[LessonKind, ...] = get_args(LessonKind)


@click.group("disputes", cls=StudioGroup)
def disputes() -> None:
    """Items whose reviewers disagree, and the last word on them."""


@disputes.command("list")
@click.option("--queue", "queue_no", type=int, default=0, metavar="N", help="Only items of this queue.")
@click.option("--decided", is_flag=True, help="Those that have a last word instead.")
@pass_caller
def list_them(caller: Caller, queue_no: int, decided: bool) -> None:
    """List the items that wait for a last word."""
    found = list_disputes(caller.store, queue_no, person=caller.person())
    items = found.decided if decided else found.waiting
    header = ("item", "queue", "check", "step", "call", "argument", "answers", "last word")
    caller.answer_table(items, header, [_row(item) for item in items])


@disputes.command("decide")
@click.argument("item_no", metavar="ITEM", type=int)
@click.option("--flag", type=click.Choice(get_args(Flag)), default="", help="Was the flag right?")
@click.option("--disposition", type=click.Choice(get_args(Disposition)), default="", help="What to do.")
@click.option("--rating", type=click.IntRange(1, 5), help="The right rating, 1 to 5.")
@click.option("--preference", type=click.Choice(get_args(Preference)), default="", help="The better side.")
@click.option("--cause", type=click.Choice(CAUSES), required=True, help="Why the reviewers came apart.")
@click.option("--note", default="", help="A word for those who read it later.")
@pass_caller
def decide(caller: Caller, /, item_no: int, cause: Any, note: str, **answer: Any) -> None:
    """Give the last word on an ITEM; a later one replaces it."""
    draft = AdjudicationDraft(item_no, Answer(**answer), cause, note)
    number = adjudicate(caller.store, draft, person=caller.person(), now=caller.now)
    caller.answer({"adjudication_no": number, "item_no": item_no}, f"Item {item_no} is decided.")


@disputes.command("withdraw")
@click.argument("item_no", metavar="ITEM", type=int)
@pass_caller
def withdraw(caller: Caller, item_no: int) -> None:
    """Take the last word on an ITEM back."""
    withdraw_adjudication(caller.store, item_no, person=caller.person(), now=caller.now)
    caller.answer({"item_no": item_no, "withdrawn": True}, f"Item {item_no} is open again.")


@click.group("lessons", cls=StudioGroup)
def lessons() -> None:
    """What decided items teach: gold items, examples for judges, regression cases of rules."""


@lessons.command("list")
@click.option("--kind", type=click.Choice(["", *LESSON_KINDS]), default="", help="Only of this kind.")
@click.option("--check", default="", metavar="NAME", help="Only of this check or judge.")
@pass_caller
def list_all(caller: Caller, kind: str, check: str) -> None:
    """List the lessons that count."""
    found = list_lessons(caller.store, kind=kind, check=check, person=caller.person())
    header = ("lesson", "kind", "check", "item", "taught by", "when")
    rows = [
        (one.lesson_no, one.kind, one.check, one.item_no, one.person, one.taught_at.isoformat(" ", "seconds"))
        for one in found
    ]
    caller.answer_table(found, header, rows)


@lessons.command("teach")
@click.argument("item_no", metavar="ITEM", type=int)
@click.argument("kind", type=click.Choice(LESSON_KINDS))
@pass_caller
def teach_one(caller: Caller, item_no: int, kind: LessonKind) -> None:
    """Make a lesson of a decided ITEM."""
    number = teach(caller.store, item_no, kind, person=caller.person(), now=caller.now)
    caller.answer({"lesson_no": number, "kind": kind}, f"Lesson {number}: item {item_no} as {kind}.")


@lessons.command("take-back")
@click.argument("lesson_no", metavar="LESSON", type=int)
@pass_caller
def take_back(caller: Caller, lesson_no: int) -> None:
    """Make a LESSON count no more."""
    take_back_lesson(caller.store, lesson_no, person=caller.person(), now=caller.now)
    caller.answer({"lesson_no": lesson_no, "taken_back": True}, f"Lesson {lesson_no} counts no more.")


@lessons.command("check-rules")
@pass_caller
def check_rules(caller: Caller) -> None:
    """Hold every taught case against today's rules; an error when one is not met."""
    results = run_rule_cases(caller.store, person=caller.person())
    header = ("lesson", "check", "should be found", "is found", "met", "failure")
    rows = [
        (
            one.lesson.lesson_no,
            one.lesson.check,
            one.is_expected,
            one.is_found,
            "yes" if one.passes else "NO",
            one.failure,
        )
        for one in results
    ]
    caller.answer_table(results, header, rows)
    failed = sum(not one.passes for one in results)
    if failed:
        caller.note(
            f"{failed} of {len(results)} taught cases are not met. "
            "Mend the rule, or take the lesson back if it is wrong."
        )
        click.get_current_context().exit(EXIT_ERROR)


def _row(item: AnsweredItem) -> tuple[Any, ...]:
    answers = "; ".join(f"{given.person}: {_words(given.answer)}" for given in item.verdicts)
    last = f"{item.decision.person}: {_words(item.decision.answer)}" if item.decision else ""
    return (item.item_no, item.queue, item.check, item.step, item.call, item.pointer, answers, last)


def _words(answer: Answer) -> str:
    parts: list[str] = [answer.flag, answer.preference, answer.disposition]
    parts += [] if answer.rating is None else [f"{answer.rating}/5"]
    return ", ".join(part for part in parts if part) or "nothing"


COMMANDS = (disputes, lessons)
