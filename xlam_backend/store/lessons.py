"""What adjudicated items teach, kept whole: the sample as it was and the right answer."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.domain.adjudication import LessonContent, LessonKind
from xlam_backend.errors import NotFoundError
from xlam_backend.store.connection import Cursor, Store, utc_timestamp


class Lesson(msgspec.Struct, frozen=True):
    """A lesson that counts: neither taken back nor replaced by a later one of its kind and item."""

    lesson_no: int
    kind: LessonKind
    item_no: int
    check: str
    content: LessonContent
    person: str
    taught_at: datetime


_CURRENT = """
SELECT lesson_no, kind, item_no, check_name, content, person, taught_at FROM lesson
WHERE ($kind = '' OR kind = $kind) AND ($check = '' OR check_name = $check)
QUALIFY row_number() OVER (PARTITION BY kind, item_no ORDER BY lesson_no DESC) = 1 AND NOT is_withdrawn
ORDER BY lesson_no
"""


def read_lessons(store: Store, *, kind: LessonKind | str = "", check: str = "") -> list[Lesson]:
    """Return the lessons that count, of one kind and check or judge, or of all."""
    with store.cursor() as cursor:
        rows = cursor.execute(_CURRENT, {"kind": kind, "check": check}).fetchall()
    return [
        Lesson(number, form, item, name, msgspec.json.decode(content, type=LessonContent), person, moment)
        for number, form, item, name, content, person, moment in rows
    ]


def read_lesson(store: Store, lesson_no: int) -> Lesson:
    """Return one lesson that counts, or raise NotFoundError."""
    for lesson in read_lessons(store):
        if lesson.lesson_no == lesson_no:
            return lesson
    raise NotFoundError(f"There is no lesson {lesson_no}.", "It may have been taken back.")


def write_lesson(
    cursor: Cursor,
    store: Store,
    kind: LessonKind,
    item_no: int,
    content: LessonContent,
    *,
    person: str,
    now: datetime,
    is_withdrawn: bool = False,
) -> int:
    """Add a lesson (or its withdrawal) and return its number."""
    number = store.numbers.reserve("lesson")
    cursor.execute(
        "INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number,
            kind,
            item_no,
            content.check,
            msgspec.json.encode(content).decode(),
            person,
            is_withdrawn,
            utc_timestamp(now),
        ],
    )
    return number
