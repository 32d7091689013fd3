"""What people read about a check, parsed from its module's docstring: the one place it is written."""

from __future__ import annotations

import sys

from xlam_backend.checks.base import Check
from xlam_backend.domain.explanation import Explanation as Explanation
from xlam_backend.domain.explanation import parse_explanation


def explain(check: Check) -> Explanation:
    """Return what the check's module says about it."""
    function = check.run or check.run_tool or check.compile_for
    module = sys.modules.get(getattr(function, "__module__", ""))
    return parse_explanation((module.__doc__ if module else "") or "")
