"""What a person sets when a model says task instructions in other words: of which data, by whom."""

from __future__ import annotations

from typing import Literal, get_args

from xlam_backend.augment.settings import made_name, refuse_name, refuse_seed
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import AskSettings

CheckedSteps = Literal["first call", "each call"]
CHECKED_STEPS: tuple[CheckedSteps, ...] = get_args(CheckedSteps)

MOST_REPHRASINGS = 16
MOST_TRAJECTORIES = 1_000_000
LEAST_ROOM = 2_000


class RephraseSettings(AskSettings, frozen=True, kw_only=True):
    """Which instructions are rephrased by which model, and which model shows that they still work.

    filters      which trajectories, as in Explore; of those, `size` are drawn by `seed` (0: all)
    count        how many rephrasings are asked for, of each
    model        writes the instruction in other words
    check_model  is given it back, and must make the calls of the trajectory; through the same endpoint
    steps        of each trajectory the first step with a call is asked for, or each of them
    room         characters of earlier steps that are shown to it, about four to a token
    review_share which share of what is kept people are to look at, 0..1, drawn into a queue by `seed`
    dataset      the name of the dataset they go into; "" for that of the data with a word behind it
    """

    filters: Filters = Filters()
    size: int = 100
    seed: int = 0
    count: int = 1
    endpoint: str = ""
    model: str = ""
    check_model: str = ""
    steps: CheckedSteps = "first call"
    temperature: float = 0.7
    max_tokens: int = 2048
    room: int = 24_000
    review_share: float = 0.0
    dataset: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        if not 1 <= self.count <= MOST_REPHRASINGS:
            raise SettingError(
                f"An instruction is rephrased 1 to {MOST_REPHRASINGS} times.", "Change their number."
            )
        if not 0 <= self.size <= MOST_TRAJECTORIES:
            raise SettingError(
                f"A run takes 1 to {MOST_TRAJECTORIES:,} trajectories (0: all there are).",
                "Change their number.",
            )
        if self.max_tokens < 1 or self.room < LEAST_ROOM:
            raise SettingError(
                f"An answer needs a token or more, the earlier steps room for {LEAST_ROOM:,} characters.",
                "Change these settings.",
            )
        if not 0 <= self.review_share <= 1:
            raise SettingError("The share for people is none.", "Give 0 to 1, such as 0.05.")
        refuse_seed(self.seed)
        refuse_name(self.dataset)

    @property
    def dataset_name(self) -> str:
        """The name of the dataset that what is made goes into."""
        return self.dataset.strip() or made_name(self.filters, "rephrased")

    def check(self) -> RephraseSettings:
        """Return the settings; SettingError when nobody could carry them out."""
        if not self.endpoint or not self.model or not self.check_model:
            raise SettingError(
                "No model is chosen.",
                "Choose an endpoint, a model that rephrases, and one that shows it works.",
            )
        return self
