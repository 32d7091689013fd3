"""A candidate: how a less powerful model would take a step of a trajectory, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import msgspec

from xlam_backend.domain.finding import Finding, NotChecked, gravest_error
from xlam_backend.domain.review import PairReason
from xlam_backend.domain.trajectory import ToolCall

CandidateState = Literal["parsed", "unreadable", "not_generated"]
Classification = Literal["same", "rejected", "unclear", "unusable"]
CLASSIFICATIONS: tuple[Classification, ...] = get_args(Classification)


class Candidate(msgspec.Struct, frozen=True):
    """One answer of a model to one step.

    parsed         the reply says what the step does: a thought and calls, or no call
    unreadable     there is a reply, but not in a form that says this; `reason` says what is wrong
    not_generated  there is no reply; `reason` says why

    same      makes the same calls as the trajectory's own step: nothing to prefer
    rejected  differs, and the rules or the judge's rating say that it is worse
    unclear   differs, and nothing says that it is worse
    unusable  was not parsed

    `findings` are what the rules say about this step. `score` and `own_score` are a judge's ratings
    of it and of the trajectory's own step, None when not rated. `difference` names what differs from
    the own step, "" when nothing does or it was not parsed.
    """

    run_id: str
    version_no: int
    trajectory_no: int
    step: int
    model: str
    endpoint: str
    attempt: int
    prompt_name: str
    prompt_version: int
    prompt_hash: str
    state: CandidateState
    classification: Classification
    classified_because: str
    generated_at: datetime
    reason: str = ""
    thought: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    score: float | None = None
    own_score: float | None = None
    difference: PairReason = ""
    is_scripted: bool = False
    raw_reply: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    candidate_no: int = 0

    @property
    def flagged_by(self) -> str:
        """The check of its gravest finding of level reject or fix, "" when no rule flags it."""
        gravest = gravest_error(self.findings)
        return gravest.check if gravest else ""

    @property
    def margin(self) -> float | None:
        """The rating of the own step less that of the candidate; None when not both are rated."""
        return None if self.score is None or self.own_score is None else self.own_score - self.score
