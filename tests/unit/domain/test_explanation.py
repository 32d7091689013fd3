"""A docstring's headings become the parts of an explanation."""

from __future__ import annotations

from xlam_backend.domain.explanation import parse_explanation

DOCSTRING = """Flags calls that shout.

What it sees: the case of every letter,
also in nested values.
Why it hurts: shouting: loud.
Example (bad): SAY(HI)
Example (good):
    say(hi)
    say(ho)
Way out: whisper.
"""


def test_parts():
    said = parse_explanation(DOCSTRING)
    assert said.summary == "Flags calls that shout."
    assert said.sees == "the case of every letter,\nalso in nested values."
    assert said.hurts == "shouting: loud."
    assert (said.bad, said.good) == ("SAY(HI)", "say(hi)\nsay(ho)")
    assert said.way_out == "whisper."


def test_missing_parts_are_empty():
    assert parse_explanation("Only this.") == parse_explanation("Only this.\n")
    assert parse_explanation("Only this.").sees == ""
