"""What a person sets for a run of the judges."""

from __future__ import annotations

from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.judges import JUDGES
from xlam_backend.judges.answer import SCALES, AnswerForm, ScaleName
from xlam_backend.judges.base import Judge
from xlam_backend.llm.chat import AskSettings

MOST_MEMBERS = 9
LEAST_CONTEXT = 2_000


class JudgeSettings(AskSettings, frozen=True):
    """Which judges are asked, through which endpoint and models, and how.

    judges           names; the order does not matter
    models           several models make a committee: each is asked, the majority counts
    everything       judges that ask also about what their rules could settle
    skips_rejected   places that a rule rejects are not asked about
    skips_judged     places that the same prompt and models have judged before are not asked about
    asks_questions   sub-questions are asked on the way to the verdict
    scale            of the judges that give a score
    flag_at_most     a score this low marks the place as bad
    lessons          numbers of taught examples that are shown before the question, each to its judge
    room             characters of context for each item, about four to a token
    """

    judges: tuple[str, ...] = ("argument_hallucination",)
    endpoint: str = ""
    models: tuple[str, ...] = ()
    everything: tuple[str, ...] = ()
    skips_rejected: bool = True
    skips_judged: bool = True
    asks_questions: bool = False
    scale: ScaleName = "1-5"
    flag_at_most: float = 2.0
    lessons: tuple[int, ...] = ()
    room: int = 24_000
    temperature: float | None = 0.0
    max_tokens: int = 512
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        known = {judge.name for judge in JUDGES}
        for name in (*self.judges, *self.everything):
            if name not in known:
                raise UnknownNameError("judge", name, sorted(known))
        if not self.judges:
            raise SettingError("No judge is chosen.", "Choose at least one.")
        if len(set(self.models)) != len(self.models) or len(self.models) > MOST_MEMBERS:
            raise SettingError(
                f"The models of a committee must differ, and be {MOST_MEMBERS} at most.",
                "Take one of them away.",
            )
        if self.scale not in SCALES:
            raise SettingError(f"There is no scale {self.scale!r}.", f"Known: {', '.join(SCALES)}.")
        if self.lessons and self.asks_questions:
            raise SettingError(
                "Taught examples hold no answers to sub-questions.", "Use the examples, or the sub-questions."
            )
        if self.room < LEAST_CONTEXT or self.max_tokens < 1:
            raise SettingError(
                f"The context must have room for {LEAST_CONTEXT:,} characters or more, "
                "the answer for a token or more.",
                "Change these settings.",
            )

    @property
    def is_committee(self) -> bool:
        """Whether several models are asked."""
        return len(self.models) > 1


def chosen_judges(settings: JudgeSettings) -> tuple[Judge, ...]:
    """Return the judges of a run in their usual order."""
    return tuple(judge for judge in JUDGES if judge.name in settings.judges)


def form_of(judge: Judge, settings: JudgeSettings) -> AnswerForm:
    """Return what a judge's answer holds under these settings."""
    return AnswerForm(
        choices=judge.choices,
        scale=SCALES[settings.scale] if judge.is_scored else None,
        questions=judge.questions if settings.asks_questions else (),
    )


def settings_of_rating(judge: Judge, settings: JudgeSettings) -> dict[str, object]:
    """Return what is stored with a rating: all that can change what it says."""
    stored: dict[str, object] = {
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "seed": settings.seed,
        "room": settings.room,
        "everything": judge.name in settings.everything,
        "asks_questions": settings.asks_questions and bool(judge.questions),
    }
    if settings.lessons:
        stored["lessons"] = list(settings.lessons)
    if judge.is_scored:
        stored |= {"scale": settings.scale, "flag_at_most": settings.flag_at_most}
    return stored
