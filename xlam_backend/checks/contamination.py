"""Flags training data whose request stands in an evaluation set too.

What it sees: a request that shares most of its words, in stretches of several words, with a request of a
dataset that is marked as an evaluation set; or one whose embedding is nearly the same. A search on the page
Contamination looks for them.
Why it hurts: a model that has seen the questions scores better than it is.
Example (bad): training: "What's the weather like in Oslo today, in Celsius?", evaluation: the same words
Example (good): training: "Will it rain in Bergen on Sunday?", evaluation: "What is 12 factorial?"
Way out: leave the record out of training; the mixture does so by itself.
"""

from __future__ import annotations

from xlam_backend.checks.base import Check, Findings
from xlam_backend.checks.sample import Sample


def say_nothing(_sample: Sample) -> Findings:
    """Return nothing: it takes the evaluation sets to see it."""
    return ()


RUN_CHECK = Check(
    rule_id="X1",
    name="contamination",
    title="Overlap with an evaluation set",
    level="reject",
    code="other",
    scope="trajectory",
    run=say_nothing,
)
