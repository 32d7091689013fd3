"""Writes a verdict in the form that the prompt asks for, whatever that form is today."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import msgspec

from xlam_backend.llm.scripted_answers.base import Question

SLIPS = {"scripted-careful": 0.0, "scripted-hasty": 0.0, "scripted-noisy": 0.15}
READS_ONLY_REQUEST = "scripted-hasty"

_WORDS = re.compile(r'"verdict": ((?:"[^"]+"(?: or )?)+)')
_RANGE = re.compile(r'"score": a whole number from (\d+) to (\d+)')
_QUESTIONS = re.compile(r'"questions": .*?: \{(.*)\}')
_NAME = re.compile(r'"(\w+)": ')
_QUOTED = re.compile(r'"([^"]+)"')


class Opinion(msgspec.Struct, frozen=True):
    """What a rule found: how many faults, worst 1 each, and what it saw."""

    faults: int
    saw: str


def choose(question: Question, wanted: str, saw: str) -> str:
    """Answer with one of the words that the prompt allows."""
    allowed = _match_words(question)
    word = wanted if wanted in allowed else (allowed or [wanted])[0]
    if is_slip(question) and len(allowed) > 1:
        word = question.dice.choice([other for other in allowed if other != word])
    is_good = not allowed or word == allowed[0]
    return _written(question, "verdict", word, saw, answers=_answers(question, "good" if is_good else "bad"))


def rate(question: Question, opinion: Opinion) -> str:
    """Answer with a score: the best, and one less for each fault."""
    found = _RANGE.search(question.words)
    low, high = (int(found[1]), int(found[2])) if found else (1, 5)
    score = max(low, high - opinion.faults)
    if is_slip(question):
        score = question.dice.choice([other for other in range(low, high + 1) if other != score])
    return _written(question, "score", score, opinion.saw, answers=_answers(question, score))


def is_slip(question: Question) -> bool:
    """Whether this model gives a wrong answer here; the same for the same question every time."""
    return question.dice.random() < SLIPS.get(question.model, 0.25)


def _match_words(question: Question) -> list[str]:
    found = _WORDS.search(question.words)
    return _QUOTED.findall(found[1]) if found else []


def _answers(question: Question, answer: Literal["good", "bad"] | int) -> dict[str, Any]:
    found = _QUESTIONS.search(question.words)
    if found is None:
        return {}
    names = _NAME.findall(found[1])
    if isinstance(answer, int):
        return dict.fromkeys(names, answer)
    return {name: (answer == "good") != (name == "contradicted") for name in names}


def _written(question: Question, member: str, value: Any, saw: str, *, answers: dict[str, Any]) -> str:
    body: dict[str, Any] = {"id": question.record("item").get("id", "")}
    if answers:
        body["questions"] = answers
    body["rationale"] = f"Scripted rule: {saw}"
    body[member] = value
    return json.dumps(body, ensure_ascii=False)
