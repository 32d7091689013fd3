"""A model that a run has left, kept in a folder of its own: what it is, and how it came about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

MadeBy = Literal["sft", "dpo", "merge"]


class KeptModel(msgspec.Struct, frozen=True, kw_only=True):
    """What model.json beside the weights says, and the row of the table `model`.

    run_id          the run that made it
    parent          the kept model whose weights it began with, "" where it began with the base model
    release_id      the release it learnt, "" where it learnt pairs
    data_hash       SHA-256 of the input of the run
    parameter_count and how many of them were trained; of an adapter, with those of its base
    loss            of the last step that was told, None where none was
    eval_loss       on rows held out of training, None where there were none
    is_scripted     whether it learnt what the scripted model for trying out has written
    plan            the settings of the training (`training.plan.read_plan`)
    """

    name: str
    run_id: str
    method: MadeBy
    tuning: str
    base_model: str
    parent: str = ""
    release_id: str = ""
    data_hash: str = ""
    recipe: str = ""
    recipe_version: int = 0
    parameter_count: int = 0
    trained_count: int = 0
    byte_count: int = 0
    step_count: int = 0
    example_count: int = 0
    loss: float | None = None
    eval_loss: float | None = None
    is_scripted: bool = False
    plan: dict[str, Any] = {}
    person: str
    made_at: datetime

    @property
    def is_adapter(self) -> bool:
        """Whether its folder holds an adapter, to be put on its base model, and not a whole model."""
        return self.tuning != "full"
