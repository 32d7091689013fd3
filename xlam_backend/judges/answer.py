"""The form of a judge's answer: written out for the prompt, and read back strictly, from one description.

A reply may reason in words. Its verdict is the last JSON object that answers; it must hold exactly the
described members, and the id of the item it was asked about, which no text inside an item can know.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

LONGEST_REPLY = 200_000
LONGEST_RATIONALE = 4_000
ScaleName = Literal["1-5", "0-5"]


class Choice(msgspec.Struct, frozen=True):
    """A verdict a judge may give: its word, whether it marks the place as bad, what it means."""

    word: str
    is_flagged: bool
    meaning: str


class Scale(msgspec.Struct, frozen=True):
    """Whole numbers from `low` to `high`, the best is the highest; `meanings` from the lowest on."""

    low: int
    high: int
    meanings: tuple[str, ...]


_MEANINGS = (
    "wrong or harmful: would teach the opposite of what is wanted",
    "poor: a serious mistake",
    "middling: a mistake that matters, or much that is needless",
    "good: a small flaw",
    "excellent: nothing to improve",
)
# criticLAM (xLAM, ActionStudio) rates 1 to 5, AgentRater (AgentOhana) 0 to 5.
SCALES: dict[ScaleName, Scale] = {
    "1-5": Scale(1, 5, _MEANINGS),
    "0-5": Scale(0, 5, ("useless: nothing of it serves the request", *_MEANINGS)),
}


class SubQuestion(msgspec.Struct, frozen=True):
    """A question asked on the way to the verdict: answered yes or no, or on the judge's scale."""

    name: str
    words: str


class AnswerForm(msgspec.Struct, frozen=True):
    """What an answer holds: one of the `choices`, or a score on the `scale`; answers to the `questions`."""

    choices: tuple[Choice, ...] = ()
    scale: Scale | None = None
    questions: tuple[SubQuestion, ...] = ()

    @property
    def member(self) -> str:
        """The name of the member that carries the judgement."""
        return "verdict" if self.scale is None else "score"


class Answer(msgspec.Struct, frozen=True):
    """What a judge answered; `verdict` is "" where it gives a score."""

    verdict: str = ""
    score: int | None = None
    rationale: str = ""
    questions: dict[str, Any] = {}


class Unreadable(msgspec.Struct, frozen=True):
    """A reply that is no answer, and what is wrong with it, in words that the model can act on."""

    reason: str


def write_form(form: AnswerForm) -> str:
    """Write the form for a prompt.

    >>> print(write_form(AnswerForm((Choice("yes", False, "it is so"), Choice("no", True, "it is not")))))
    Answer with one JSON object, and write nothing after it. It has exactly these members:
    {
      "id": the "id" of the item you were given, copied,
      "rationale": one or two sentences that say why,
      "verdict": "yes" or "no"
    }
    "yes" = it is so; "no" = it is not.
    """
    members = ['"id": the "id" of the item you were given, copied']
    if form.questions:
        kind = "yes or no, as true or false" if form.scale is None else _range(form.scale)
        asked = ", ".join(f'"{one.name}": {one.words}' for one in form.questions)
        members.append(f'"questions": an object with the answers to these, each {kind}: {{{asked}}}')
    members.append('"rationale": one or two sentences that say why')
    if form.scale is None:
        words = " or ".join(f'"{choice.word}"' for choice in form.choices)
        legend = "; ".join(f'"{choice.word}" = {choice.meaning}' for choice in form.choices)
        members.append(f'"verdict": {words}')
    else:
        numbered = enumerate(form.scale.meanings, start=form.scale.low)
        legend = "; ".join(f"{number} = {meaning}" for number, meaning in numbered)
        members.append(f'"score": {_range(form.scale)}')
    listed = ",\n".join(f"  {member}" for member in members)
    head = "Answer with one JSON object, and write nothing after it. It has exactly these members:"
    return f"{head}\n{{\n{listed}\n}}\n{legend}."


def read_answer(form: AnswerForm, reply: str, *, item_id: str) -> Answer | Unreadable:
    r"""Read a reply; nothing is guessed, and what stands before the last verdict does not count.

    >>> form = AnswerForm((Choice("yes", False, ""), Choice("no", True, "")))
    >>> first = '{"id": "ab", "rationale": "", "verdict": "yes"}'
    >>> read_answer(form, f'At first {first}, but no: {first.replace("yes", "no")}', item_id="ab").verdict
    'no'
    >>> read_answer(form, first[:-1], item_id="ab").reason
    'the JSON object is not finished'
    """
    if len(reply) > LONGEST_REPLY:
        return Unreadable(f"the reply is longer than {LONGEST_REPLY:,} characters")
    found = _last_object(reply, form.member)
    if isinstance(found, Unreadable):
        return found
    problem = _problem(form, found, item_id)
    if problem:
        return Unreadable(problem)
    rationale = found["rationale"][:LONGEST_RATIONALE]
    questions = found.get("questions", {})
    if form.scale is None:
        return Answer(verdict=found["verdict"], rationale=rationale, questions=questions)
    return Answer(score=found["score"], rationale=rationale, questions=questions)


def is_flagged(form: AnswerForm, answer: Answer, *, flag_at_most: float) -> bool:
    """Tell whether an answer marks its place as bad: by its word, or by a score that is too low."""
    if answer.score is not None:
        return answer.score <= flag_at_most
    return any(choice.is_flagged for choice in form.choices if choice.word == answer.verdict)


def _range(scale: Scale) -> str:
    return f"a whole number from {scale.low} to {scale.high}"


class _TwiceError(ValueError):
    """An object names a member twice, so that readers would differ about it."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _TwiceError
    return members


def _no_number(word: str) -> Any:
    raise ValueError(word)


_decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _last_object(reply: str, member: str) -> dict[str, Any] | Unreadable:
    """Return the last JSON object at the top level of a reply that has the member."""
    last: dict[str, Any] | None = None
    problem = "there is no JSON object with a " + member
    at = reply.find("{")
    while at >= 0:
        end = _end_of_object(reply, at)
        if end < 0:
            return Unreadable("the JSON object is not finished")
        try:
            value = _decoder.decode(reply[at:end])
        except _TwiceError:
            value, last, problem = None, None, "a member stands twice in the JSON object"
        except (ValueError, RecursionError):
            value = None
            if f'"{member}"' in reply[at:end]:  # meant as the answer: an earlier one does not count
                last, problem = None, "the object is not valid JSON"
        if isinstance(value, dict) and member in value:
            last = value
        at = reply.find("{", end)
    return Unreadable(problem) if last is None else last


def _end_of_object(reply: str, start: int) -> int:
    """Return where the object that starts here ends, -1 when the reply ends before it does."""
    depth, in_text, at = 0, False, start
    while at < len(reply):
        character = reply[at]
        if in_text:
            at += character == "\\"
            in_text = character != '"'
        elif character == '"':
            in_text = True
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return at + 1
        at += 1
    return -1


def _problem(form: AnswerForm, found: dict[str, Any], item_id: str) -> str:
    wanted = {"id", "rationale", form.member, *(["questions"] if form.questions else [])}
    if missing := sorted(wanted - set(found)):
        return f"the member {missing[0]} is missing"
    if unknown := sorted(set(found) - wanted):
        return f"it has the unknown member {unknown[0][:40]!r}"
    if found["id"] != item_id:
        return "its id is not that of the item"
    if not isinstance(found["rationale"], str):
        return "the rationale is no text"
    return _problem_of_questions(form, found.get("questions")) or _problem_of_judgement(form, found)


def _problem_of_judgement(form: AnswerForm, found: dict[str, Any]) -> str:
    given = found[form.member]
    if form.scale is not None:
        if type(given) is int and form.scale.low <= given <= form.scale.high:
            return ""
        return f"the score is not {_range(form.scale)}"
    words = [choice.word for choice in form.choices]
    return "" if given in words else f"the verdict is none of {', '.join(words)}"


def _problem_of_questions(form: AnswerForm, given: Any) -> str:
    if not form.questions:
        return ""
    if not isinstance(given, dict) or set(given) != {one.name for one in form.questions}:
        return "questions does not hold exactly the questions asked"
    if form.scale is None:
        is_right = all(type(value) is bool for value in given.values())
        return "" if is_right else "an answer in questions is neither true nor false"
    low, high = form.scale.low, form.scale.high
    is_right = all(type(value) is int and low <= value <= high for value in given.values())
    return "" if is_right else f"an answer in questions is not {_range(form.scale)}"
