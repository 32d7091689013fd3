"""The scripted model says an instruction in other words: some words exchanged, sometimes one mistake."""

from __future__ import annotations

import json
import re

from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer

# How often a model makes a mistake; the careful one never does.
MISTAKE_SHARES = {"scripted-careful": 0.0, "scripted-weak-b": 0.6}
_USUAL_SHARE = 0.3
_MISTAKES = ("the same", "a text lost", "no form", "too long")

_OTHER_WORDS = {
    "anything": ("a single thing",),
    "change": ("alter", "modify"),
    "confirmed": ("borne out", "made certain"),
    "given": ("provided", "at hand"),
    "never": ("at no time",),
    "promise": ("assure", "pledge"),
    "questions": ("requests", "inquiries"),
    "tools": ("functions",),
    "use": ("employ", "apply"),
    "with": ("by means of", "using"),
}
_LEADS = (
    ("Here is what to do: ", ""),
    ("This is your task. ", ""),
    ("", " Keep to this throughout."),
    ("", ""),
)
_WORD = re.compile(r"[A-Za-z]+")


def rephrase(question: Question) -> str:
    """Exchange words for others that mean the same; what is to be kept stays as it is."""
    said = str(question.data("task_instruction") or "")
    keep = [text for text in question.data("keep") or [] if isinstance(text, str) and text]
    dice = question.dice
    makes_mistake = dice.random() < MISTAKE_SHARES.get(question.model, _USUAL_SHARE)
    mistake = dice.choice(_MISTAKES) if makes_mistake else ""
    if mistake == "no form":
        return f"Sure! In other words: {said[:200]}"
    if mistake == "the same":
        return _form(said)
    parts = re.split("(" + "|".join(map(re.escape, keep)) + ")", said) if keep else [said]
    # Every second part is one of the texts to keep.
    told = "".join(part if at % 2 else _exchanged(question, part) for at, part in enumerate(parts))
    before, behind = dice.choice(_LEADS)
    told = f"{before}{told.strip()}{behind}"
    if mistake == "a text lost" and keep:
        told = told.replace(keep[0], "it")
    if mistake == "too long":
        told = " ".join([told] * 12)
    return _form(told)


def _exchanged(question: Question, text: str) -> str:
    def other(word: re.Match[str]) -> str:
        offered = _OTHER_WORDS.get(word[0].lower())
        if not offered:
            return word[0]
        chosen = question.dice.choice(offered)
        return chosen.capitalize() if word[0][0].isupper() else chosen

    return _WORD.sub(other, text)


def _form(instruction: str) -> str:
    return json.dumps({"instruction": instruction}, ensure_ascii=False)


ANSWERS = (ScriptedAnswer("rephrase_instruction", rephrase),)
