"""A reviewer's answer, a last word and a lesson in words: the same on every page."""

from __future__ import annotations

from html import escape

from xlam_backend.domain.adjudication import Answer, LessonKind
from xlam_backend.domain.pair import PairOrigin
from xlam_backend.domain.review import Disposition, Flag, ItemKind, Preference

FLAG_WORDS: dict[Flag, str] = {"agree": "✔ agree", "disagree": "✖ disagree", "unsure": "? unsure"}
DISPOSITION_WORDS: dict[Disposition, str] = {
    "keep": "keep it",
    "fix": "fix it",
    "drop": "drop it",
    "flip": "swap the sides",
}
PREFERENCE_WORDS: dict[Preference, str] = {
    "chosen": "the chosen side is better",
    "rejected": "the rejected side is better",
    "equal": "both are equal",
    "both_bad": "both are bad",
}
KIND_WORDS: dict[ItemKind, str] = {
    "finding": "findings of the checks",
    "rating": "ratings of the judges",
    "pair": "chosen/rejected pairs",
    "duplicate": "near-duplicates",
}
ORIGIN_WORDS: dict[PairOrigin, str] = {
    "generated": "answers of less powerful models",
    "corruption": "planted errors",
}
LESSON_WORDS: dict[LessonKind, str] = {
    "gold": "gold item",
    "judge_example": "example for the judge",
    "rule_case": "regression case of the rule",
}


def answer_words(answer: Answer) -> str:
    """Return an answer on one line.

    >>> answer_words(Answer("agree", "drop")), answer_words(Answer(rating=4))
    ('✔ agree, drop it', '4 of 5')
    """
    parts = [
        FLAG_WORDS.get(answer.flag, ""),
        "" if answer.rating is None else f"{answer.rating} of 5",
        PREFERENCE_WORDS.get(answer.preference, ""),
        DISPOSITION_WORDS.get(answer.disposition, ""),
    ]
    return ", ".join(part for part in parts if part) or "no answer"


def answer_chip(answer: Answer) -> str:
    """Return the HTML chip of an answer."""
    look = {"agree": "xs-good", "disagree": "xs-reject", "unsure": "xs-warn"}.get(answer.flag, "xs-plain")
    return f'<span class="xs-chip {look}">{escape(answer_words(answer))}</span>'
