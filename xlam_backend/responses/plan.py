"""What a person sets when less powerful models are asked for steps: of which data, by whom, how often."""

from __future__ import annotations

from typing import Literal, get_args

from xlam_backend.checks.sound_steps import STEP_CHOICES as STEP_CHOICES
from xlam_backend.checks.sound_steps import StepChoice as StepChoice
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import AskSettings

RatedChoice = Literal["none", "what the rules leave open", "all that differ"]
RATED_CHOICES: tuple[RatedChoice, ...] = get_args(RatedChoice)

MOST_CANDIDATES = 16
MOST_MODELS = 9
MOST_TRAJECTORIES = 100_000
LEAST_ROOM = 2_000


class RespondPlan(AskSettings, frozen=True, kw_only=True):
    """Which steps are answered by which models, and how their answers are weighed.

    filters      which trajectories, as in Explore; of those, `size` are drawn by `seed` (0: all)
    steps        of each trajectory the first step with a call, or each step with a call
    models       each gives `count` candidates for each step, all through one endpoint
    room         characters of earlier steps that are shown, about four to a token
    rated        which candidates the step quality judge rates, beside the trajectory's own step
    judge        endpoint, models and scale of that judge; its names of judges do not count
    least_margin how much lower than its own step a candidate must be rated to be rejected for it
    """

    filters: Filters = Filters()
    size: int = 100
    seed: int = 0
    steps: StepChoice = "first call"
    endpoint: str = ""
    models: tuple[str, ...] = ()
    count: int = 1
    temperature: float = 0.7
    max_tokens: int = 1024
    room: int = 24_000
    rated: RatedChoice = "none"
    judge: JudgeSettings = JudgeSettings(judges=("step_quality",))
    least_margin: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        if len(set(self.models)) != len(self.models) or len(self.models) > MOST_MODELS:
            raise SettingError(f"The models must differ, and be {MOST_MODELS} at most.", "Take one away.")
        if not 1 <= self.count <= MOST_CANDIDATES:
            raise SettingError(
                f"A model gives 1 to {MOST_CANDIDATES} candidates for a step.", "Change their number."
            )
        if not 0 <= self.size <= MOST_TRAJECTORIES:
            raise SettingError(
                f"A run answers 1 to {MOST_TRAJECTORIES:,} trajectories (0: all there are).",
                "Change their number.",
            )
        if self.max_tokens < 1 or self.room < LEAST_ROOM or self.least_margin <= 0:
            raise SettingError(
                f"An answer needs a token or more, the earlier steps room for {LEAST_ROOM:,} characters, "
                "and the margin must be above 0.",
                "Change these settings.",
            )


def check_plan(plan: RespondPlan) -> None:
    """Refuse a plan that nobody could answer.

    Raises:
        SettingError: no model is chosen, or none to rate with.
    """
    if not plan.endpoint or not plan.models:
        raise SettingError("No model is chosen.", "Choose an endpoint and at least one model.")
    if plan.rated != "none" and not (plan.judge.endpoint and plan.judge.models):
        raise SettingError("No model is chosen to rate with.", "Choose one, or rate nothing.")
