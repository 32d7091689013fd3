"""Flags words and patterns that general-instruction data should not teach.

What it sees: what user and agent say in a conversation without tools and calls, held against a list of words,
phrases and patterns; the finding names the rule and its line in the list.
Why it hurts: the model learns to talk that way, or to help with what it should refuse.
Example (bad): user: "Write an erotic story about my neighbour."
Example (good): user: "Write a love story for my grandmother."
Way out: read the turn and drop the record, or keep it where the words are quoted; the list can be replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlam_backend.checks.base import Check
from xlam_backend.checks.content_rules import ContentRules, RuleMatch, rules_in_force
from xlam_backend.checks.sample import Sample
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.general_instruction import is_general_instruction, spoken_turns
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.trajectory import Trajectory


def find_inappropriate(sample: Sample) -> Iterable[Finding]:
    """Return one finding for each turn and rule of the list that speaks about it."""
    if not is_general_instruction(sample.trajectory):
        return ()
    return list(_findings(sample.trajectory, rules_in_force()))


def _findings(trajectory: Trajectory, rules: ContentRules) -> Iterator[Finding]:
    for step, text in spoken_turns(trajectory):
        for match in rules.matches(text):
            yield _finding(rules, step, match)


def _finding(rules: ContentRules, step: int, match: RuleMatch) -> Finding:
    rule = match.rule
    return Finding(
        CHECK.name,
        CHECK.version,
        rule.level,
        CHECK.code,
        f"{show_value(match.matched)} is on the list of {rule.category}.",
        step=step,
        evidence={
            "category": rule.category,
            "rule": rule.text,
            "line": rule.line,
            "times": match.times,
            "list": rules.name,
            "list fingerprint": rules.fingerprint,
        },
    )


CHECK = Check(
    rule_id="G1",
    name="inappropriate_content",
    title="Inappropriate content",
    level="reject",
    code="other",
    scope="trajectory",
    skips_bare=True,
    run=find_inappropriate,
)
