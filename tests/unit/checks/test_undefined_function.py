"""Undefined functions: what is a call of something unknown, and what is no call at all."""

from __future__ import annotations

from tests.builders import a_trajectory
from xlam_backend.checks import CHECKS
from xlam_backend.checks.engine import compile_checks
from xlam_backend.domain.trajectory import ToolCall


def checks_that_speak(call):
    """The names of the checks that say something about a trajectory with only this call."""
    return {
        finding.check for finding in compile_checks(CHECKS).check_trajectory(a_trajectory([call])).findings
    }


def test_a_name_nobody_offers_is_flagged():
    assert "undefined_function" in checks_that_speak(ToolCall("book_flight", {"city": "Oslo"}))


def test_text_without_a_name_is_unreadable_and_not_undefined_as_well():
    speaking = checks_that_speak(ToolCall("", unreadable="Search[Oslo"))
    assert "unreadable_call" in speaking
    assert "undefined_function" not in speaking


def test_an_empty_name_with_arguments_is_flagged():
    assert "undefined_function" in checks_that_speak(ToolCall("", {"city": "Oslo"}))
