"""Asks the step quality judge about candidates, and about the trajectory's own step in the same way.

Both are shown to the judge before anything has come back, so that neither has an advantage. Such ratings
belong to the candidate (`Rating.candidate_no`) and are counted nowhere else: that of the own step, too,
says something else than one of the step with what came back. Its candidate_no is that of the first
candidate it was held against, with a minus.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.checks.step_rules import with_step
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.rating import Rating
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.judges import step_quality
from xlam_backend.judges.answer import Answer, Unreadable
from xlam_backend.judges.asking import Question, first_request, make_question, read_reply, repair_request
from xlam_backend.judges.outcome import Asked, Heard, ratings_of
from xlam_backend.judges.sample import JudgedSample, Place
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import ChatRequest, Reply
from xlam_backend.prompts.prompt_file import Prompt

RESPONSE_JUDGE = msgspec.structs.replace(step_quality.JUDGE, subject="candidate")


class Rated(msgspec.Struct, frozen=True):
    """The ratings of one side: of a single model, or of each member and then the committee."""

    ratings: tuple[Rating, ...]

    @property
    def score(self) -> float | None:
        """The score that counts, None when there is none."""
        return self.ratings[-1].score if self.ratings else None


class SideQuestion:
    """The question about one side of a step, and what each model of the committee said so far."""

    def __init__(
        self,
        trajectory: Trajectory,
        step: int,
        side: PairSide,
        *,
        prompt: Prompt,
        settings: JudgeSettings,
        key: str,
    ) -> None:
        place = Place(step)
        shown = RESPONSE_JUDGE.show(JudgedSample(with_step(trajectory, step, side)), place, settings.room)
        self._place = place
        self._prompt = prompt
        self._settings = settings
        self._key = key
        self._question: Question = make_question(RESPONSE_JUDGE, shown, prompt, settings)
        self._heard: dict[str, Heard] = {}

    def requests(self) -> list[ChatRequest]:
        """Return the first request to each model."""
        return [
            first_request(self._question, f"{self._key}/{place}", model, self._settings)
            for place, model in enumerate(self._settings.models)
        ]

    def take(self, reply: Reply) -> ChatRequest | None:
        """Take a reply in; returns the one request that asks again when it could not be read."""
        model = self._settings.models[int(reply.key.rpartition("/")[2])]
        earlier = self._heard.get(model)
        read: Answer | Unreadable | None = None
        if reply.state == "answered":
            read = read_reply(self._question, reply)
        self._heard[model] = Heard(model, reply, read, earlier.reply if earlier else None)
        if not isinstance(read, Unreadable) or earlier is not None:
            return None
        return repair_request(
            self._question, reply.key, model, self._settings, reply=reply.text, reason=read.reason
        )

    @property
    def is_answered(self) -> bool:
        """Whether each model was asked and has given its last word."""
        return len(self._heard) == len(self._settings.models) and all(
            heard.reply.state != "not_asked" for heard in self._heard.values()
        )

    def rated(self, *, version_no: int, trajectory_no: int, run_id: str, now: datetime) -> Rated:
        """Return the ratings; `candidate_no` is 0 until the candidate has its number."""
        asked = Asked(RESPONSE_JUDGE, self._place, version_no, trajectory_no, self._prompt, self._question)
        heard: Sequence[Heard] = [self._heard[model] for model in self._settings.models]
        return Rated(tuple(ratings_of(asked, heard, run_id=run_id, settings=self._settings, now=now)))
