"""An evaluation: what one model answered to the questions of one set, and what the scorer says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

EvaluationSource = Literal["own", "read in"]
EvaluationMode = Literal["prompt", "native"]
ItemState = Literal["answered", "not answered"]
Output = str | list[dict[str, Any]]
"""A text, or in native mode calls: [{function: JSON text of its arguments}], as in official result files."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One model's answers to one question set.

    `model` is its name as it is shown; `kept_model` its name among the kept models, "" for others;
    `endpoint` who answered, "" where it was this machine itself or answers were read in. `version` is
    the edition of the leaderboard by whose rules it is scored. `mode` "prompt": the tools stand in the
    prompt, and the answer is text; "native": both go through the interface for tools. `origin` names
    the folder that answers were read from. `is_scripted`: the scripted local model answered.
    """

    evaluation_no: int
    model: str
    question_set: str
    set_hash: str
    version: str
    mode: EvaluationMode
    source: EvaluationSource
    made_at: datetime
    kept_model: str = ""
    endpoint: str = ""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    run_id: str = ""
    is_scripted: bool = False
    origin: str = ""
    person: str = ""


class EvaluationItem(msgspec.Struct, frozen=True, kw_only=True):
    """One question of an evaluation.

    `state` "not answered" has its `reason` (the endpoint failed, the budget was spent, ...) and neither
    output nor verdict: it is never scored. `decoded` holds the calls that were read in the output,
    `decode_error` says why none could be read. `place` is its place in the order of the set.
    """

    category: str
    item_id: str
    place: int
    state: ItemState
    reason: str = ""
    output: Output = ""
    decoded: Any = None
    decode_error: str = ""
    is_valid: bool | None = None
    error_type: str = ""
    errors: tuple[str, ...] = ()
    seconds: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


class Tally(msgspec.Struct, frozen=True):
    """How many answers of a category are right, out of those that were answered and scored."""

    correct: int
    total: int
    not_answered: int = 0

    @property
    def asked(self) -> int:
        """How many questions were to be asked."""
        return self.total + self.not_answered
