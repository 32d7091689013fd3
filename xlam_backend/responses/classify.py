"""Says what a candidate is good for: the rejected side of a pair, or not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from xlam_backend.checks import CHECKS
from xlam_backend.domain.call_alignment import (
    align_calls,
    are_equal_calls,
    difference_reasons,
    without_defaults,
)
from xlam_backend.domain.candidate import Classification
from xlam_backend.domain.finding import Finding, gravest_error
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.review import PairReason
from xlam_backend.domain.tool_schema import ToolSchema

SAME = "It makes the same calls."
SAME_BUT_DEFAULTS = "It makes the same calls; only defaults are written out, or left out."
RATED_LOWER = "It is rated lower than the trajectory's own step."
NOTHING_SAYS = "It differs, and nothing says that it is worse."
RATED_ALIKE = "It differs, and is rated about as high."
RATED_HIGHER = "It differs, and is rated higher."
DISAGREE = "A rule flags it, and the judge rates it higher."
NO_REPLY = "No reply came."

_TITLES = {check.name: check.title for check in CHECKS}


class Weighed(msgspec.Struct, frozen=True):
    """What a candidate is classified as, why, and what differs from the trajectory's own step."""

    classification: Classification
    because: str
    difference: PairReason = ""


def weigh(
    own: PairSide,
    candidate: PairSide,
    findings: Sequence[Finding],
    *,
    schemas: Mapping[str, ToolSchema],
    margin: float | None,
    least_margin: float,
) -> Weighed:
    """Classify a candidate that was read, beside a step that the rules have nothing against.

    Args:
        own: the trajectory's own step.
        candidate: how the model would take it.
        findings: what the rules say about the candidate's step.
        schemas: the tools on offer, by name.
        margin: the rating of the own step less that of the candidate, None when not rated.
        least_margin: from which margin on the candidate counts as worse.
    """
    reasons = difference_reasons(align_calls(own.tool_calls, candidate.tool_calls))
    if means_the_same(own, candidate, schemas):
        return Weighed("same", SAME_BUT_DEFAULTS if reasons else SAME)
    flagged = gravest_error(findings)
    if flagged is not None:
        if margin is not None and margin <= -least_margin:
            return Weighed("unclear", DISAGREE, reasons[0])
        return Weighed("rejected", flagged_words(flagged), reasons[0])
    if margin is None:
        return Weighed("unclear", NOTHING_SAYS, reasons[0])
    if margin >= least_margin:
        return Weighed("rejected", RATED_LOWER, reasons[0])
    return Weighed("unclear", RATED_HIGHER if margin <= -least_margin else RATED_ALIKE, reasons[0])


def means_the_same(own: PairSide, candidate: PairSide, schemas: Mapping[str, ToolSchema]) -> bool:
    """Tell whether two sides make the same calls, defaults written out or not."""
    return are_equal_calls(
        without_defaults(own.tool_calls, schemas), without_defaults(candidate.tool_calls, schemas)
    )


def flagged_words(finding: Finding) -> str:
    """Say which rule flags a candidate."""
    return f"A rule flags it: {_TITLES.get(finding.check, finding.check)}."
