"""Stricter readings of a score, beside the official one.

Where no function helps, the official tool counts any answer without a readable call as correct: an
answer in words, but also a call that is written wrongly. How many such credits there are is counted here.
And a constant answer has a score too; what it reaches is the floor that a model should be held against.

    >>> is_attempted_call("[area(base=10", ())
    True
    >>> is_attempted_call("None of the functions can tell the weather.", ("area",))
    False
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from xlam_backend.bfcl.categories import category_by_name
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.reading import Reading
from xlam_backend.bfcl.scoring import score_item
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import Tally

IN_WORDS = "None of the functions can help with this."
"""The constant answer: right wherever no function helps, wrong everywhere else."""

# What models put in front of a call: fences, marks of a template, brackets and quotes.
_IN_FRONT = re.compile(r"^(?:\s|```\w*|<\|[^|>]*\|>|[\[\"'`(])+|^assistant\s+")
_CALL = re.compile(r"[A-Za-z_][\w.]*\s?\(")
_OBJECT = re.compile(r"\{\s*[\"'](?:name|function|tool_calls|arguments|parameters|action)[\"']\s*:")
_TAG = re.compile(r"<(?:tool_call|function_call|functioncall|TOOLCALL)>", re.IGNORECASE)


class StricterTally(msgspec.Struct, frozen=True):
    """A category's official count, and how many of the correct answers were calls that could not be read."""

    category: str
    correct: int
    total: int
    malformed: int

    @property
    def strictly_correct(self) -> int:
        """Correct answers, malformed calls not counted."""
        return self.correct - self.malformed


def is_malformed_credit(question: Question, output: Any, verdict: Verdict) -> bool:
    """Whether an answer is correct only because the call in it could not be read."""
    if question.its_category.kind != "irrelevance" or not verdict.is_valid:
        return False
    names = [function["name"] for function in question.functions]
    # What came through an API is a list of calls, or of words.
    parts = output if isinstance(output, list) else [output]
    return any(not isinstance(part, str) or is_attempted_call(part, names) for part in parts)


def is_attempted_call(text: str, names: Collection[str]) -> bool:
    """Whether a text is a call, or begins with one, however wrongly it is written.

    Calls of the offered functions (`names`) count also where they stand on a line of their own.
    """
    text = text.replace("\\_", "_")
    bare = _without_front(text)
    if _TAG.search(text) or _CALL.match(bare) or _OBJECT.match(bare):
        return True
    written = {form for name in names for form in (name, name.replace(".", "_"))}
    starts = tuple(f"{form}(" for form in written)
    return bool(starts) and any(_without_front(line).startswith(starts) for line in text.splitlines())


def _without_front(text: str) -> str:
    bare, before = text, None
    while bare != before:
        before, bare = bare, _IN_FRONT.sub("", bare, count=1)
    return bare


def stricter_tallies(judged: Iterable[tuple[Question, Any, Verdict]]) -> dict[str, StricterTally]:
    """Official counts and malformed credits by category, of questions with their answers and verdicts."""
    counts: dict[str, list[int]] = {}
    for question, output, verdict in judged:
        count = counts.setdefault(question.category, [0, 0, 0])
        count[0] += verdict.is_valid
        count[1] += 1
        count[2] += is_malformed_credit(question, output, verdict)
    return {name: StricterTally(name, *count) for name, count in counts.items()}


def constant_floor(questions: Iterable[Question], answer: str = IN_WORDS) -> dict[str, Tally]:
    """What a model would score that always gives this answer, by category; scored like any other answer."""
    counts: dict[str, list[int]] = {}
    for question in questions:
        if not category_by_name(question.category).is_scored_here:
            continue
        count = counts.setdefault(question.category, [0, 0])
        count[0] += score_item(question, answer, Reading()).is_valid
        count[1] += 1
    return {name: Tally(*count) for name, count in counts.items()}
