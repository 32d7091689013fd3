"""What a judge (a language model) says about one place of one trajectory, and all that it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Subject = Literal["argument", "call", "step", "trajectory", "candidate"]
RatingState = Literal["judged", "not_judged"]
Member = Literal["single", "member", "committee"]

# Stands wherever something is shown that the scripted local model rated or wrote.
SCRIPTED_LABEL = "scripted model (for trying out), not a real judgement"


class Rating(msgspec.Struct, frozen=True):
    """One judgement.

    Place: as in `Finding` (`step`, `call` from 0, -1: as a whole; `pointer` inside the arguments).
    `candidate_no` is 0 for what the trajectory says; n for an answer of a less powerful model; -n for the
    trajectory's own step as it was rated beside answer n, before anything came back.
    `verdict` is the judge's word ("supported", "unsupported", ...), "" where it gives a score only;
    `score` lies between `scale_low` and `scale_high`, None where it gives a word only. `is_flagged`
    says whether this judgement marks the place as bad. `state` "not_judged" has its reason and
    neither verdict nor score: it is never a pass, a fail or a 0. `details` holds the answers to
    sub-questions by name, or the votes of a committee by model, and which model the endpoint says that
    answered, where that is another name than the one asked for. `is_scripted` is what the answering
    server said of itself: the scripted local model, not a real one. `cost` is None without prices.
    """

    run_id: str
    judge: str
    subject: Subject
    version_no: int
    trajectory_no: int
    model: str
    prompt_name: str
    prompt_version: int
    prompt_hash: str
    input_hash: str
    rated_at: datetime
    state: RatingState = "judged"
    not_judged_reason: str = ""
    step: int = -1
    call: int = -1
    pointer: str = ""
    candidate_no: int = 0
    member: Member = "single"
    verdict: str = ""
    score: float | None = None
    scale_low: float = 1.0
    scale_high: float = 5.0
    is_flagged: bool = False
    rationale: str = ""
    details: dict[str, Any] = msgspec.field(default_factory=dict)
    endpoint: str = ""
    is_scripted: bool = False
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    raw_reply: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
