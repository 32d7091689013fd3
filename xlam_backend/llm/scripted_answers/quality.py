"""Scripted judges of steps, trajectories and final answers: faults are counted."""

from __future__ import annotations

from typing import Any

from xlam_backend.llm.scripted_answers.base import Question, ScriptedAnswer, records_of
from xlam_backend.llm.scripted_answers.verdict import READS_ONLY_REQUEST, Opinion, choose, rate
from xlam_backend.llm.scripted_answers.words import Said, numbers_in, telling_words

_TROUBLE = ("error", "failed", "not found", "exception", "invalid")


def judge_step(question: Question) -> str:
    """Rate one step by its faults."""
    context, item = question.record("context"), question.record("item")
    earlier = context.get("earlier_steps")
    said = Said(context.get("request"), context.get("instruction"), _read(question, earlier))
    found = _faults(item, said, _offered(context))
    if _calls(item) and _calls(item) in [_calls(step) for step in records_of(earlier)]:
        found.append("it repeats earlier calls")
    if not item.get("thought") and not _calls(item):
        found.append("it says and calls nothing")
    return rate(question, _opinion(found))


def judge_trajectory(question: Question) -> str:
    """Rate a trajectory by the faults of its steps, and by its end."""
    context = question.record("context")
    steps = records_of(question.record("item").get("steps"))
    found = []
    for at, step in enumerate(steps):
        earlier = steps[:at]
        said = Said(context.get("request"), context.get("instruction"), _read(question, earlier))
        found += _faults(step, said, _offered(context))
    if not steps or (len(steps) > 1 and not steps[-1].get("thought")):
        found.append("it does not end with an answer")
    return rate(question, _opinion(sorted(set(found))))


def judge_final_answer(question: Question) -> str:
    """Faithful: every number of the answer stands in what had been said or came back."""
    context, item = question.record("context"), question.record("item")
    answer = str(item.get("answer", ""))
    earlier = context.get("earlier_steps")
    said = Said(context.get("request"), context.get("instruction"), _read(question, earlier))
    if any(not said.holds(number) for number in numbers_in(answer)):
        return choose(question, "invents", "a number of the answer stands nowhere.")
    observed = Said([step.get("observations") for step in records_of(earlier)])
    if observed.words and not observed.words & telling_words(answer):
        return choose(question, "ignores", "the answer shares no word with what came back.")
    return choose(question, "faithful", "every number of the answer was said or came back.")


def _faults(step: dict[str, Any], said: Said, offered: set[str]) -> list[str]:
    found = []
    for call in _calls(step):
        name, arguments = str(call.get("name", "")), call.get("arguments")
        if offered and name not in offered:
            found.append("a tool is called that is not on offer")
        if not isinstance(arguments, dict):
            found.append("a call cannot be read")
        elif not said.holds(arguments):
            found.append("a value was not said before")
    observations = " ".join(str(seen) for seen in step.get("observations") or []).lower()
    if any(word in observations for word in _TROUBLE):
        found.append("a call came back with an error")
    return found


def _opinion(found: list[str]) -> Opinion:
    return Opinion(len(found), f"{', '.join(found) or 'no fault seen'}.")


def _read(question: Question, earlier: Any) -> Any:
    return None if question.model == READS_ONLY_REQUEST else earlier


def _calls(step: dict[str, Any]) -> list[dict[str, Any]]:
    return records_of(step.get("calls"))


def _offered(context: dict[str, Any]) -> set[str]:
    names: set[str] = set()
    for tool in records_of(context.get("tools")):
        names |= {str(name) for name in (tool.get("further_tools") or [tool.get("name", "")])}
    return names - {""}


ANSWERS = (
    ScriptedAnswer("judge_step", judge_step),
    ScriptedAnswer("judge_trajectory", judge_trajectory),
    ScriptedAnswer("judge_final_answer", judge_final_answer),
)
