"""Teach once: a decided item becomes a gold item, an example for a judge, or a regression case of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.checks import ALL_CHECKS
from xlam_backend.checks.engine import compile_checks
from xlam_backend.domain.adjudication import (
    LESSONS_OF_KIND,
    LessonContent,
    LessonKind,
    deserves_flag,
)
from xlam_backend.domain.person import Person
from xlam_backend.errors import ReviewRefusedError
from xlam_backend.review.adjudication import AnsweredItem, settled_answer
from xlam_backend.review.settled import is_bad_rating
from xlam_backend.settings import default_means_optional
from xlam_backend.store.adjudications import read_answered_item
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.lessons import Lesson as Lesson
from xlam_backend.store.lessons import read_lesson, read_lessons, write_lesson
from xlam_backend.store.pairs import read_pair
from xlam_backend.store.trajectories import read_trajectories


class RuleCaseResult(msgspec.Struct, frozen=True):
    """One taught case held against today's rule: what should be said of the place, and what is."""

    lesson: Lesson
    is_expected: bool
    is_found: bool
    failure: str = ""

    @property
    def passes(self) -> bool:
        """Whether the rule says what people decided."""
        return not self.failure and self.is_expected == self.is_found


def list_lessons(
    store: Store, *, kind: LessonKind | str = "", check: str = "", person: Person
) -> list[Lesson]:
    """Return the lessons that count, the oldest first; they name the right answers of gold items.

    Raises:
        AccessDeniedError: the person may not adjudicate.
    """
    require(person, "adjudicate")
    return read_lessons(store, kind=kind, check=check)


def teach(store: Store, item_no: int, kind: LessonKind, *, person: Person, now: datetime) -> int:
    """Make a lesson of an item that has a last word, or whose reviewers agree; returns its number.

    Raises:
        AccessDeniedError: the person may not adjudicate.
        ReviewRefusedError: the item is still disputed, or cannot teach this.
    """
    require(person, "adjudicate")
    item = read_answered_item(store, item_no)
    content = _content(store, item, kind)
    with store.write() as cursor:
        number = write_lesson(cursor, store, kind, item_no, content, person=person.name, now=now)
        write_audit(cursor, store, person, "adjudicate", f"item {item_no}", {"taught": kind}, now=now)
    return number


def take_back_lesson(store: Store, lesson_no: int, *, person: Person, now: datetime) -> None:
    """Make a lesson count no more; NotFoundError when it does not count now."""
    require(person, "adjudicate")
    lesson = read_lesson(store, lesson_no)
    with store.write() as cursor:
        write_lesson(
            cursor,
            store,
            lesson.kind,
            lesson.item_no,
            lesson.content,
            person=person.name,
            now=now,
            is_withdrawn=True,
        )
        write_audit(
            cursor,
            store,
            person,
            "adjudicate",
            f"item {lesson.item_no}",
            {"taken back": lesson.kind},
            now=now,
        )


def run_rule_cases(store: Store, *, person: Person) -> list[RuleCaseResult]:
    """Hold every taught case against today's rules.

    Raises:
        AccessDeniedError: the person may not adjudicate.
    """
    require(person, "adjudicate")
    return [_run_case(lesson) for lesson in read_lessons(store, kind="rule_case")]


def _run_case(lesson: Lesson) -> RuleCaseResult:
    content, expected = lesson.content, bool(lesson.content.is_bad)
    rules = [check for check in ALL_CHECKS if check.name == content.check]
    if not rules:
        return RuleCaseResult(lesson, expected, False, "this rule is no longer registered")
    engine = compile_checks(rules, default_means_optional=default_means_optional())
    outcome = engine.check_trajectory(content.trajectory)
    if outcome.not_checked:
        return RuleCaseResult(lesson, expected, False, outcome.not_checked[0].reason)
    place = (content.step, content.call, content.pointer)
    found = any((one.step, one.call, one.pointer) == place for one in outcome.findings)
    return RuleCaseResult(lesson, expected, found)


def _content(store: Store, item: AnsweredItem, kind: LessonKind) -> LessonContent:
    if kind not in LESSONS_OF_KIND[item.kind]:
        raise ReviewRefusedError(
            f"An item about a {item.kind} cannot become a {kind.replace('_', ' ')}.",
            f"It can become: {', '.join(name.replace('_', ' ') for name in LESSONS_OF_KIND[item.kind])}.",
        )
    answer = settled_answer(item)
    if answer is None:
        why = "disagree" if item.is_complete else "have not all answered"
        raise ReviewRefusedError(
            f"The reviewers of item {item.item_no} {why}.", "Decide it first, then it can teach."
        )
    if answer.rating is None:
        is_bad = deserves_flag(answer.flag, is_flagged=item.is_flagged)
    else:
        is_bad = is_bad_rating(answer.rating)
    if kind != "gold" and is_bad is None:
        raise ReviewRefusedError(
            f"Nobody is sure about item {item.item_no}.", "Only an item with a clear answer can teach."
        )
    stored = read_trajectories(store, [item.version_no])[0]
    return LessonContent(
        kind=item.kind,
        check=item.check,
        trajectory=stored.trajectory,
        step=item.step,
        call=item.call,
        pointer=item.pointer,
        answer=answer,
        is_bad=is_bad,
        note=_note(item),
        pair=_pair(store, item),
    )


def _note(item: AnsweredItem) -> str:
    notes: Sequence[str] = [given.note for given in item.verdicts if given.note]
    return item.decision.note if item.decision and item.decision.note else "\n".join(notes)


def _pair(store: Store, item: AnsweredItem) -> dict[str, object]:
    return msgspec.to_builtins(read_pair(store, item.pair_no)) if item.pair_no else {}
