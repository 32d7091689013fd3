"""What people read about a judge, parsed from its module's docstring: the one place it is written."""

from __future__ import annotations

import sys

from xlam_backend.domain.explanation import Explanation, parse_explanation
from xlam_backend.judges.base import Judge


def explain(judge: Judge) -> Explanation:
    """Return what the judge's module says about it."""
    module = sys.modules.get(judge.find.__module__)
    return parse_explanation((module.__doc__ if module else "") or "")
