"""Flags answers that ignore or contradict what the tools returned, or state what nobody said.

What it sees: each reply that follows calls, beside what came back from them. By default it asks only where
a rule has a doubt: success is claimed after an error, a number or an id stands nowhere in what came back, or
the reply shares no word with it.
Why it hurts: the last words are what a user reads; a model that learns to make them up makes the calls
pointless.
Example (bad): observation = {"status": "failed"}, reply = "Your refund is on its way."
Example (good): observation = {"status": "refunded"}, reply = "Your refund is on its way."
Way out: rewrite the reply from what came back, or drop the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlam_backend.domain.evidence import find_evidence, said_in
from xlam_backend.domain.failed_observation import failure_of
from xlam_backend.domain.said_text import words_of
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.judges.answer import Choice
from xlam_backend.judges.base import Found, Judge, LeftOut, Shown
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.told import cut, told_before

_READ = 8_000
_MOST_DOUBTS = 8
_TOKEN = re.compile(r"(?<![\w.,])(?:[A-Za-z]{1,6}-?\d[\w-]*|\d[\d,]*(?:\.\d+)?)(?![\w])")
_ADMITS = re.compile(
    r"\b(?:error|fail\w*|unable|unfortunately|sorry|could ?n[o']t|can ?not|can't|did ?n[o']t"
    r"|not able|not found"
    r"|no (?:result|data|information|match)\w*|try again|timed? ?out|unavailable|problem|issue|invalid)\b",
    re.IGNORECASE,
)


def find(sample: JudgedSample, everything: bool) -> Found:
    """Yield the replies that follow calls and leave a doubt."""
    trajectory = sample.trajectory
    has_seen = False
    for at, step in enumerate(trajectory.steps):
        if step.tool_calls:
            has_seen = has_seen or bool(step.observations)
        elif step.thought.strip() and has_seen:
            has_seen = False
            place = Place(at)
            asks = everything or any(doubts(sample, place))
            yield place if asks else LeftOut(place, "settled by a rule")


def show(sample: JudgedSample, place: Place, room: int) -> Shown:
    """Write down one reply, and all that went before it."""
    context = told_before(sample.trajectory, place.step, room)
    said = {
        "answer": cut(sample.trajectory.steps[place.step].thought),
        "doubts": [doubt for doubt, _ in zip(doubts(sample, place), range(_MOST_DOUBTS))],
    }
    return Shown(context, said)


def doubts(sample: JudgedSample, place: Place) -> Iterator[str]:
    """Yield what a rule cannot match between a reply and what came back, in plain words."""
    trajectory = sample.trajectory
    answer = trajectory.steps[place.step].thought[:_READ]
    seen = _last_seen(trajectory, place.step)
    if seen and all(failure_of(content) for content in seen) and not _ADMITS.search(answer):
        yield "the last call failed, and the answer does not say so"
    before = [text for text in said_in(trajectory) if text.step < place.step]
    for token in dict.fromkeys(_TOKEN.findall(answer)):
        value: str | float = token
        plain = token.replace(",", "")
        if plain.replace(".", "", 1).isdecimal():
            value = float(plain) if "." in plain else int(plain[:300])
        if not find_evidence(value, before, None, None).is_grounded:
            yield f"nothing that came back or was said holds {token[:60]}"
    words = {word.form for word in words_of(answer) if len(word.form) > 3}
    came_back = {word.form for text in before if text.source == "observation" for word in text.said.words}
    if came_back and not words & came_back:
        yield "the answer shares no word with what came back"


def _last_seen(trajectory: Trajectory, step: int) -> list[object]:
    for earlier in reversed(trajectory.steps[:step]):
        if earlier.observations:
            return [seen.content for seen in earlier.observations]
    return []


JUDGE = Judge(
    rule_id="A1",
    name="final_answer",
    title="Final answer",
    subject="step",
    prompt="judge_final_answer",
    choices=(
        Choice("faithful", False, "everything the answer states stands in what came back or was said"),
        Choice("ignores", True, "the answer leaves out what came back and was asked for"),
        Choice("invents", True, "the answer states a number, name or id that stands nowhere"),
        Choice("contradicts", True, "the answer says otherwise than what came back"),
    ),
    find=find,
    show=show,
    selects="replies after calls that claim success after an error, hold an unknown number or id, or share "
    "no word with what came back",
)
