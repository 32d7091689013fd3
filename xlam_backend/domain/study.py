"""A study: the same training with several sets of data (its arms) and several seeds, one number from each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from xlam_backend.errors import SettingError

MOST_ARMS = 8
MOST_SEEDS = 20
LONGEST_NAME = 60

StudyTask = Literal["freeze", "train", "evaluate"]
StudyAct = Literal["launched", "stopped", "taken up", "ended", "removed"]


class StudyArm(msgspec.Struct, frozen=True, omit_defaults=True):
    """One set of data: a mixture that is frozen when the study begins, or a release that is there already."""

    name: str
    mixture: str = ""
    mixture_version: int = 0
    release: str = ""


class StudyPlan(msgspec.Struct, frozen=True):
    """What a study compares.

    The first arm is the one that the others are compared with. `training` holds the settings that all runs
    have in common; release, seed and name are set for each run. Every model answers the `question_set`;
    `evaluation` holds settings of these evaluations, such as the length of an answer.
    """

    name: str
    arms: tuple[StudyArm, ...]
    seeds: tuple[int, ...]
    training: dict[str, Any]
    question_set: str
    evaluation: dict[str, Any] = {}
    note: str = ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every run of training: all arms with the first seed come before any arm with the second."""
        return tuple(Cell(arm.name, seed) for seed in self.seeds for arm in self.arms)


class Cell(msgspec.Struct, frozen=True, order=True):
    """One training with its evaluation."""

    arm: str
    seed: int


class Study(msgspec.Struct, frozen=True):
    """A study as it was launched; `event` is what became of it last, `note` why."""

    study_no: int
    plan: StudyPlan
    person: str
    made_at: datetime
    event: StudyAct
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it goes on by itself."""
        return self.event in ("launched", "taken up")


class StudyRun(msgspec.Struct, frozen=True):
    """A run that was started for a study."""

    task: StudyTask
    arm: str
    seed: int
    run_id: str


def check_plan(plan: StudyPlan) -> StudyPlan:
    """Return a plan that can be carried out as far as it alone can tell.

    Raises:
        SettingError: it cannot.
    """
    _check_name(plan.name, "study")
    if not 2 <= len(plan.arms) <= MOST_ARMS:
        raise SettingError(f"A study has 2 to {MOST_ARMS} arms.", "Choose sets of data to compare.")
    for arm in plan.arms:
        _check_name(arm.name, "arm")
        if bool(arm.mixture) == bool(arm.release):
            raise SettingError(
                f"The arm {arm.name!r} needs either a mixture or a release.", "Give one of both."
            )
    _refuse_twice("The arm", (arm.name for arm in plan.arms))
    if len({model_name(0, arm.name, 0) for arm in plan.arms}) < len(plan.arms):
        raise SettingError(
            "The models of two arms would have the same name.",
            "Let the names of arms differ in letters a to z or digits.",
        )
    if not 1 <= len(plan.seeds) <= MOST_SEEDS:
        raise SettingError(f"A study has 1 to {MOST_SEEDS} seeds.", "Three show how much chance alone does.")
    _refuse_twice("The seed", plan.seeds)
    if plan.training.get("method", "sft") != "sft":
        raise SettingError("A study compares sets of data that are learnt by SFT.", "Choose the method sft.")
    if set_for_each := sorted({"release", "seed", "name"} & set(plan.training)):
        raise SettingError(
            f"{set_for_each[0]!r} is set for each run of a study.", "Leave it out of the training's settings."
        )
    return plan


def model_name(study_no: int, arm: str, seed: int) -> str:
    """Return what the model of a cell is called.

    >>> model_name(3, "augmented, cleaned", 1)
    'study-3-augmented-cleaned-seed-1'
    """
    words = re.sub(r"[^a-z0-9]+", "-", arm.lower()).strip("-") or "arm"
    return f"study-{study_no}-{words}-seed-{seed}"


def _check_name(name: str, what: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise SettingError(f"This is no name of a {what}.", f"Give one of 1 to {LONGEST_NAME} characters.")


def _refuse_twice(what: str, values: Iterable[object]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise SettingError(f"{what} {value!r} stands there twice.", "Name each once.")
