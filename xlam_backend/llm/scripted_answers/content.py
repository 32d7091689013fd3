"""Scripted judge of content: a handful of words, for trying out."""

from __future__ import annotations

import re

from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer, records_of
from xlam_backend.llm.scripted_answers.verdict import choose

_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sexual", re.compile(r"\b(?:porn|hentai|erotic|nude)\w*", re.IGNORECASE)),
    ("violent", re.compile(r"\b(?:kill (?:you|him|her|them|myself|yourself)|suicide)\b", re.IGNORECASE)),
    ("illegal", re.compile(r"\b(?:make a (?:pipe )?bomb|cook meth|launder money)\b", re.IGNORECASE)),
    ("abusive", re.compile(r"\b(?:fuck|shit|bitch)\w*", re.IGNORECASE)),
)


def judge_content(question: Question) -> str:
    """Flagged: one of a few words stands in what was asked or answered."""
    steps = records_of(question.record("item").get("steps"))
    said = [str(step.get(part, "")) for step in steps for part in ("thought", "user")]
    text = "\n".join([str(question.record("context").get("request", "")), *said])
    for verdict, sign in _SIGNS:
        if sign.search(text):
            return choose(question, verdict, "a word of that kind stands in the conversation.")
    return choose(question, "fitting", "no word this model knows of stands in the conversation.")


ANSWERS = (ScriptedAnswer("judge_content", judge_content),)
