"""From what the models answered about one place to the ratings that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median_low
from typing import Any

import msgspec

from xlam_backend.domain.rating import Rating
from xlam_backend.domain.whole_text import without_surrogates
from xlam_backend.judges.answer import Answer, Unreadable, is_flagged
from xlam_backend.judges.asking import Question
from xlam_backend.judges.base import Judge
from xlam_backend.judges.sample import Place
from xlam_backend.judges.settings import JudgeSettings, settings_of_rating
from xlam_backend.llm.chat import Reply
from xlam_backend.prompts.prompt_file import Prompt

TIE = "tie"
NO_MEMBER = "no member of the committee gave a verdict"
ANSWERED_BY = "answered by"
UNREADABLE = "the reply could not be read"


class Asked(msgspec.Struct, frozen=True):
    """A place that is asked about: whose it is, by which judge and prompt, with which question."""

    judge: Judge
    place: Place
    version_no: int
    trajectory_no: int
    prompt: Prompt
    question: Question


class Heard(msgspec.Struct, frozen=True):
    """What one model said about a place: its last reply, how that was read, and all that it used.

    `first_reply` is the reply that could not be read, when there was a second request.
    """

    model: str
    reply: Reply
    read: Answer | Unreadable | None
    first_reply: Reply | None = None


def ratings_of(
    asked: Asked,
    heard: Sequence[Heard],
    *,
    run_id: str,
    settings: JudgeSettings,
    now: datetime,
) -> list[Rating]:
    """Return the rows of one place: that of a single model, or each member's and the committee's."""
    base = _base(asked, run_id, settings, now)
    rows = [_rating_of(base, asked, one, settings) for one in heard]
    if len(rows) == 1:
        return rows
    members = [msgspec.structs.replace(row, member="member") for row in rows]
    return [*members, _committee(base, asked, members, settings)]


def _base(asked: Asked, run_id: str, settings: JudgeSettings, now: datetime) -> Rating:
    scale = asked.question.form.scale
    return Rating(
        run_id=run_id,
        judge=asked.judge.name,
        subject=asked.judge.subject,
        version_no=asked.version_no,
        trajectory_no=asked.trajectory_no,
        model="",
        prompt_name=asked.prompt.name,
        prompt_version=asked.prompt.version,
        prompt_hash=asked.prompt.hash,
        input_hash=asked.question.input_hash,
        rated_at=now,
        step=asked.place.step,
        call=asked.place.call,
        pointer=asked.place.pointer,
        scale_low=float(scale.low) if scale else 0.0,
        scale_high=float(scale.high) if scale else 1.0,
        endpoint=settings.endpoint,
        settings=dict(settings_of_rating(asked.judge, settings)),
    )


def _rating_of(base: Rating, asked: Asked, heard: Heard, settings: JudgeSettings) -> Rating:
    replies = [heard.reply] if heard.first_reply is None else [heard.first_reply, heard.reply]
    costs = [reply.cost for reply in replies if reply.cost is not None]
    row = msgspec.structs.replace(
        base,
        model=heard.model,
        raw_reply=without_surrogates(
            heard.reply.text or (heard.first_reply.text if heard.first_reply else "")
        ),
        is_scripted=any(reply.is_scripted for reply in replies),
        input_tokens=sum(reply.input_tokens for reply in replies),
        output_tokens=sum(reply.output_tokens for reply in replies),
        cost=sum(costs) if costs else None,
    )
    if heard.reply.model not in ("", heard.model):  # an alias, or another model than the one asked for
        row = msgspec.structs.replace(row, details={ANSWERED_BY: without_surrogates(heard.reply.model[:200])})
    if isinstance(heard.read, Answer):
        return _judged(row, asked, heard.read, settings, is_repaired=heard.first_reply is not None)
    return msgspec.structs.replace(row, state="not_judged", not_judged_reason=_reason(heard))


def _judged(
    row: Rating, asked: Asked, answer: Answer, settings: JudgeSettings, *, is_repaired: bool
) -> Rating:
    details: dict[str, Any] = dict(row.details)
    if answer.questions:
        details["questions"] = answer.questions
    if is_repaired:
        details["repaired"] = True
    return msgspec.structs.replace(
        row,
        verdict=answer.verdict,
        score=None if answer.score is None else float(answer.score),
        rationale=without_surrogates(answer.rationale),
        is_flagged=is_flagged(asked.question.form, answer, flag_at_most=settings.flag_at_most),
        details=details,
    )


def _reason(heard: Heard) -> str:
    if isinstance(heard.read, Unreadable):
        return f"{UNREADABLE}: {heard.read.reason}"
    return heard.reply.reason or "no reply"


def _committee(base: Rating, asked: Asked, members: Sequence[Rating], settings: JudgeSettings) -> Rating:
    """Return the majority of the members that judged; a tie is no verdict."""
    row = msgspec.structs.replace(
        base,
        member="committee",
        model=" + ".join(settings.models),
        is_scripted=any(member.is_scripted for member in members),
        details={"votes": {member.model: _vote(member) for member in members}},
    )
    judged = [member for member in members if member.state == "judged"]
    if not judged:
        reasons = {member.not_judged_reason for member in members}
        reason = reasons.pop() if len(reasons) == 1 else NO_MEMBER
        return msgspec.structs.replace(row, state="not_judged", not_judged_reason=reason)
    winners = _majority(judged, is_scored=asked.judge.is_scored)
    if not winners:
        return msgspec.structs.replace(row, state="not_judged", not_judged_reason=TIE)
    speaker = winners[0]
    return msgspec.structs.replace(
        row,
        verdict=speaker.verdict,
        score=median_low([member.score for member in judged if member.score is not None])
        if asked.judge.is_scored
        else None,
        is_flagged=speaker.is_flagged,
        rationale=f"{len(winners)} of {len(judged)}; {speaker.model}: {speaker.rationale}",
    )


def _majority(judged: Sequence[Rating], *, is_scored: bool) -> list[Rating]:
    """Return those who agree, when they are more than half; those with scores agree on the flag."""
    sides: dict[object, list[Rating]] = {}
    for member in judged:
        sides.setdefault(member.is_flagged if is_scored else member.verdict, []).append(member)
    largest = max(sides.values(), key=len)
    return largest if 2 * len(largest) > len(judged) else []


def _vote(member: Rating) -> Any:
    if member.state == "not_judged":
        return None
    return member.score if member.score is not None else member.verdict
