"""Examples that people taught, shown to a judge before its question: the place, and the right answer.

Each is a turn of its own, written by the same prompt as the question, and answered in the same form.
"""

from __future__ import annotations

from typing import Any

import msgspec

from xlam_backend.errors import SettingError
from xlam_backend.judges import JUDGES, judge_by_name
from xlam_backend.judges.base import Judge, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.settings import JudgeSettings, chosen_judges
from xlam_backend.store.connection import Store
from xlam_backend.store.lessons import Lesson, read_lessons

_NO_NOTE = "So it was decided by people."


class Example(msgspec.Struct, frozen=True):
    """What the judge would be told about a taught place, and what it should have answered.

    `answer` holds the members of the answer's form but for the id of the item.
    """

    lesson_no: int
    shown: Shown
    answer: dict[str, Any]


def usable_lessons(store: Store) -> dict[str, list[int]]:
    """Return the numbers of the lessons that can be shown, the newest first, by judge."""
    known = {judge.name: judge for judge in JUDGES}
    found: dict[str, list[int]] = {}
    for lesson in reversed(read_lessons(store, kind="judge_example")):
        judge = known.get(lesson.check)
        if judge is not None and _right_answer(judge, lesson) is not None:
            found.setdefault(lesson.check, []).append(lesson.lesson_no)
    return found


def newest_lessons(store: Store, judges: tuple[str, ...], count: int) -> tuple[int, ...]:
    """Return the newest usable lessons of each judge, at most `count` of each, in ascending order."""
    usable = usable_lessons(store)
    return tuple(sorted(number for judge in judges for number in usable.get(judge, [])[:count]))


def read_examples(store: Store, settings: JudgeSettings) -> dict[str, tuple[Example, ...]]:
    """Return the examples that the settings name, by judge.

    Raises:
        SettingError: one of them was taken back, or is about none of the judges that are asked.
    """
    if not settings.lessons:
        return {}
    by_number = {lesson.lesson_no: lesson for lesson in read_lessons(store, kind="judge_example")}
    asked = {judge.name for judge in chosen_judges(settings)}
    found: dict[str, list[Example]] = {}
    for number in settings.lessons:
        lesson = by_number.get(number)
        if lesson is None or lesson.check not in asked:
            raise SettingError(
                f"Lesson {number} is no example for these judges any more.",
                "Choose the examples anew; Adjudication lists what was taught.",
            )
        found.setdefault(lesson.check, []).append(_example(lesson, settings.room))
    return {judge: tuple(examples) for judge, examples in found.items()}


def _example(lesson: Lesson, room: int) -> Example:
    judge, content = judge_by_name(lesson.check), lesson.content
    answer = _right_answer(judge, lesson)
    if answer is None:
        raise SettingError(f"Lesson {lesson.lesson_no} has no clear answer.", "Leave it out.")
    # What the source says beside the record may hold labels, and no judge sees those.
    trajectory = msgspec.structs.replace(content.trajectory, extra={})
    shown = judge.show(JudgedSample(trajectory), Place(content.step, content.call, content.pointer), room)
    return Example(lesson.lesson_no, shown, {"rationale": content.note or _NO_NOTE, **answer})


def _right_answer(judge: Judge, lesson: Lesson) -> dict[str, Any] | None:
    """Return what the judge should have said, None where people gave no clear answer of that form."""
    content = lesson.content
    if judge.is_scored:
        return None if content.answer.rating is None else {"score": content.answer.rating}
    words = [choice.word for choice in judge.choices if choice.is_flagged is content.is_bad]
    return {"verdict": words[0]} if words else None
