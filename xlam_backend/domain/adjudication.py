"""The last word on an item whose reviewers disagree, and what it may teach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import msgspec

from xlam_backend.domain.review import Disposition, Flag, ItemKind, Preference
from xlam_backend.domain.trajectory import Trajectory

Cause = Literal[
    "slip of a reviewer",
    "guideline unclear",
    "request ambiguous",
    "tool description unclear",
    "check is wrong",
    "judge is wrong",
    "matter of taste",
    "other",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)

LessonKind = Literal["gold", "judge_example", "rule_case"]

# What each kind of item can teach: only rules have regression cases, only judges learn from examples.
LESSONS_OF_KIND: dict[ItemKind, tuple[LessonKind, ...]] = {
    "finding": ("gold", "rule_case"),
    "rating": ("gold", "judge_example"),
    "pair": ("gold",),
    "duplicate": (),
}


class Answer(msgspec.Struct, frozen=True):
    """One complete answer to an item: a reviewer's, or the last word."""

    flag: Flag = ""
    disposition: Disposition = ""
    rating: int | None = None
    preference: Preference = ""


class AdjudicationDraft(msgspec.Struct, frozen=True):
    """The last word on an item: the right answer, and why the reviewers came apart."""

    item_no: int
    answer: Answer
    cause: Cause
    note: str = ""


class LessonContent(msgspec.Struct, frozen=True):
    """The sample as it was and the right answer: enough to ask a rule, a judge or a person again.

    `is_bad` says whether the place deserves the flag; None where the answer is no yes or no.
    """

    kind: ItemKind
    check: str
    trajectory: Trajectory
    step: int
    call: int
    pointer: str
    answer: Answer
    is_bad: bool | None
    note: str = ""
    pair: dict[str, Any] = msgspec.field(default_factory=dict)


def deserves_flag(flag: Flag, *, is_flagged: bool) -> bool | None:
    """Tell whether a place is bad, from a person's word on what the machine said; None when unsure.

    >>> deserves_flag("agree", is_flagged=True), deserves_flag("disagree", is_flagged=False)
    (True, True)
    >>> deserves_flag("unsure", is_flagged=True) is None
    True
    """
    if flag not in ("agree", "disagree"):
        return None
    return (flag == "agree") == is_flagged


def is_disputed(answers: Sequence[Answer]) -> bool:
    """Tell whether the answers to one item need a last word.

    They do when the flag, the preference or the disposition differ, when ratings lie more than one
    point apart, or when nobody was sure. Where everybody rated, the flag only follows from the ratings.

    >>> is_disputed([Answer("agree", "fix"), Answer("agree", "fix")])
    False
    >>> is_disputed([Answer(rating=2), Answer(rating=4)]), is_disputed([Answer("unsure")])
    (True, True)
    >>> is_disputed([Answer("agree", rating=3), Answer("disagree", rating=4)])
    False
    """
    ratings = [answer.rating for answer in answers if answer.rating is not None]
    return (
        (len(ratings) < len(answers) and len({answer.flag for answer in answers}) > 1)
        or len({answer.preference for answer in answers}) > 1
        or len({answer.disposition for answer in answers}) > 1
        or (len(ratings) > 1 and max(ratings) - min(ratings) > 1)
        or (bool(answers) and all(answer.flag == "unsure" for answer in answers))
    )
