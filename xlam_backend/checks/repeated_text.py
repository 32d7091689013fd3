"""Flags repeated turns, words and phrases, copied thoughts, and thoughts left empty.

What it sees: a thought that stands word for word in an earlier step; the same user turn twice; a word
four times in a row; a phrase of six words that fills a text; a step with calls and no thought where
most others have one. In general-instruction data (no tools, no calls) also the user's own text, the same
short reply three times, and one sign that goes on and on; there such noise is a reject.
Why it hurts: the model learns to loop, or to act without reasoning.
Example (bad): step 1: "I search for the flight to Oslo."; step 2: "I search for the flight to Oslo."
Example (good): step 1: "I search for the flight to Oslo."; step 2: "The cheapest is SK1, I book it."
Way out: look at the sample; rewrite the thought or drop the step.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec.structs import replace

from xlam_backend.checks.base import Check
from xlam_backend.checks.sample import Sample
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.general_instruction import is_general_instruction, spoken_turns, user_turns
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.trajectory import Step, Trajectory

SHORTEST_COPY = 30  # characters; short thoughts such as "I check the result." may come back
WORD_RUN = 4
PHRASE_WORDS = 6
PHRASE_TIMES = 4
# Chats say something beside a call now and then; only where nearly every call has a thought is one missing.
FEWEST_THOUGHTS = 2
THOUGHTS_SHARE = 0.66
# Lists and tables repeat phrases too; a loop fills a good part of the text.
PHRASE_SHARE = 0.5
_READ_WORDS = 5_000
SAME_REPLIES = 3
SIGN_RUN = 20  # letters, not dashes: rules and fillers of forms are drawn with signs
_SIGN_RUN = re.compile(rf"([^\W\d_])\1{{{SIGN_RUN - 1},}}")
_NOISE = frozenset(
    {"copied", "repeated turn", "repeated word", "repeated phrase", "same replies", "one sign"}
)


def find_repetition(sample: Sample) -> Iterable[Finding]:
    """Return what is said again, and the thoughts that are missing."""
    trajectory = sample.trajectory
    steps = trajectory.steps
    if is_general_instruction(trajectory):
        return [_as_reject(finding) for finding in _general(trajectory)]
    if len(steps) == 1 and not steps[0].thought and not steps[0].user_input:
        return ()
    said = ((index, step.thought) for index, step in enumerate(steps) if step.thought)
    return [*_copied_thoughts(steps), *_empty_thoughts(steps), *_repeated_turns(trajectory), *_loops(said)]


def _general(trajectory: Trajectory) -> Iterator[Finding]:
    """Yield what is noise in a conversation that is nothing but text."""
    steps = trajectory.steps
    yield from _copied_thoughts(steps)
    yield from _repeated_turns(trajectory)
    yield from _same_replies(steps)
    yield from _loops((index, step.thought) for index, step in enumerate(steps))
    yield from _loops(user_turns(trajectory))
    for index, text in spoken_turns(trajectory):
        sign = _SIGN_RUN.search(text)
        if sign:
            words = f"The sign {show_value(sign[1])} stands {SIGN_RUN} times in a row or more."
            yield _finding(index, "one sign", words)


def _as_reject(finding: Finding) -> Finding:
    """Return the finding as it counts in general-instruction data, of which there is more than is needed."""
    return replace(finding, level="reject") if finding.evidence["kind"] in _NOISE else finding


def _same_replies(steps: tuple[Step, ...]) -> Iterator[Finding]:
    """Yield a short reply that comes back: long ones are copies already."""
    replies = Counter(said for step in steps if (said := step.thought.strip()) and len(said) < SHORTEST_COPY)
    for said, times in replies.items():
        if times >= SAME_REPLIES and times * 2 > len(steps):
            last = max(index for index, step in enumerate(steps) if step.thought.strip() == said)
            yield _finding(last, "same replies", f"{show_value(said)} is the reply {times} times.")


def _copied_thoughts(steps: tuple[Step, ...]) -> Iterator[Finding]:
    first_seen: dict[str, int] = {}
    for index, step in enumerate(steps):
        thought = step.thought.strip()
        if len(thought) < SHORTEST_COPY:
            continue
        first = first_seen.setdefault(thought, index)
        if first != index:
            yield _finding(index, "copied", f"The text of this step is the same as in step {first + 1}.")


def _empty_thoughts(steps: tuple[Step, ...]) -> Iterator[Finding]:
    calling = [(index, bool(step.thought.strip())) for index, step in enumerate(steps) if step.tool_calls]
    with_thought = sum(has_thought for _, has_thought in calling)
    if with_thought < FEWEST_THOUGHTS or with_thought < THOUGHTS_SHARE * len(calling):
        return
    for index, has_thought in calling:
        if not has_thought:
            yield _finding(
                index,
                "empty thought",
                f"The step has no thought; {with_thought} of {len(calling)} steps with calls have one.",
            )


def _repeated_turns(trajectory: Trajectory) -> Iterator[Finding]:
    before = trajectory.query.strip()
    for index, step in enumerate(trajectory.steps):
        said = step.user_input.strip()
        if said and said == before and len(said) >= SHORTEST_COPY:
            yield _finding(index, "repeated turn", "The user says the same as before.")
        before = said or before


def _loops(texts: Iterable[tuple[int, str]]) -> Iterator[Finding]:
    for index, text in texts:
        words = text.split(maxsplit=_READ_WORDS)[:_READ_WORDS]
        word = _word_in_a_row(words)
        if word:
            yield _finding(
                index,
                "repeated word",
                f"The word {show_value(word)} stands {WORD_RUN} times in a row or more.",
            )
            continue
        phrase = _frequent_phrase(words)
        if phrase:
            yield _finding(
                index,
                "repeated phrase",
                f"The phrase {show_value(phrase)} stands {PHRASE_TIMES} times or more.",
            )


def _word_in_a_row(words: list[str]) -> str:
    """Return a word that follows itself again and again, "" when none does."""
    run = 1
    for before, word in pairwise(words):
        run = run + 1 if word == before else 1
        if run == WORD_RUN and word[0].isalpha():
            return word
    return ""


def _frequent_phrase(words: list[str]) -> str:
    """Return a phrase that comes back too often, "" when none does."""
    if len(words) < PHRASE_WORDS * PHRASE_TIMES:
        return ""
    phrases = Counter(zip(*(words[start:] for start in range(PHRASE_WORDS))))
    phrase, times = phrases.most_common(1)[0]
    has_words = sum(word[0].isalpha() for word in phrase) > PHRASE_WORDS // 2
    is_loop = times >= PHRASE_TIMES and times * PHRASE_WORDS >= PHRASE_SHARE * len(words)
    return " ".join(phrase) if is_loop and has_words else ""


def _finding(step: int, kind: str, message: str) -> Finding:
    return Finding(
        CHECK.name, CHECK.version, CHECK.level, CHECK.code, message, step=step, evidence={"kind": kind}
    )


CHECK = Check(
    rule_id="D4",
    name="repeated_text",
    title="Repeated, copied or empty text",
    level="warn",
    code="other",
    scope="trajectory",
    version=2,
    skips_bare=True,
    run=find_repetition,
)
