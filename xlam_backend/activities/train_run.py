"""The run that trains a model: SFT from a release, DPO from the pairs that count."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.store.connection import Store
from xlam_backend.training.plan import TrainingPlan, write_plan

KIND = "train"


def start_training(store: Store, plan: TrainingPlan, *, person: Person, now: datetime) -> str:
    """Start a training run; it begins when its device is free. Returns the id of the run.

    Raises:
        SettingError: the plan cannot be carried out as it is.
        NotFoundError: there is no such release or model.
    """
    require(person, "train")
    return start_run(store, KIND, write_plan(plan), title=_title(plan), person=person, now=now)


def _title(plan: TrainingPlan) -> str:
    what = f"{plan.method.upper()} of {plan.start_from or plan.base_model}"
    return f"{plan.name}: {what}" if plan.name else what
