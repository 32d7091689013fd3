"""What to do about a failing slice: rows to look at again, rows to make more of, and what nobody has yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.domain.filters import Filters, join_ids
from xlam_backend.domain.finding import SPECTOOL_CODES
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan
from xlam_backend.errors import InputError
from xlam_backend.feedback.coverage import Coverage
from xlam_backend.feedback.failures import Slice
from xlam_backend.feedback.lack import Lack
from xlam_backend.feedback.nearest import NearestSample
from xlam_backend.feedback.row_shape import SHAPE_WORDS
from xlam_backend.review.queues import create_queue
from xlam_backend.store.connection import Store

RequestKind = Literal["review", "augment"]

_MOST_NAMED = 12


class SampleRequest(msgspec.Struct, frozen=True):
    """Samples that something is to be done with; `filters` name them one by one, everywhere in the studio."""

    kind: RequestKind
    words: str
    count: int
    filters: Filters


def suggest_requests(samples: tuple[NearestSample, ...]) -> tuple[SampleRequest, ...]:
    """Return what can be done with the samples nearest to a slice.

    Those that are flagged are worth a person's look, and where none is, those that are not: there may be a
    fault that no check knows. Those that are sound are worth more like them. What was dropped, or is not
    in the store any more, is left alone.
    """
    looked_at = _to_review(samples)
    sound = [one for one in _at_hand(samples) if not one.is_flagged]
    found = []
    if looked_at:
        words = (
            "are flagged: have people say whether they teach the fault"
            if looked_at[0].is_flagged
            else "are not flagged: have people look for a fault that no check knows"
        )
        found.append(SampleRequest("review", words, len(looked_at), _naming(looked_at)))
    if sound:
        words = "are not flagged: tell them in other ways to have more of them"
        found.append(SampleRequest("augment", words, len(sound), _naming(sound)))
    return tuple(found)


def plan_review(
    evaluation: Evaluation, wanted: Slice, samples: tuple[NearestSample, ...], lack: Lack, *, overlap: int = 2
) -> QueuePlan:
    """Return the plan of a review queue over the samples nearest to a slice.

    All flagged places of the flagged samples are in it; where no sample is flagged, one call of each.

    Raises:
        InputError: none of the samples is in the store.
    """
    chosen = _to_review(samples)
    if not chosen:
        raise InputError(
            "None of these samples is in the store any more.", "Import what the release was drawn from."
        )
    is_flagged = chosen[0].is_flagged
    return QueuePlan(
        name=f"Failures of {evaluation.model[:60]}: {slice_words(wanted)}",
        kind="finding",
        filters=_naming(chosen),
        size=0 if is_flagged else len(chosen),
        unflagged_share=0.0 if is_flagged else 1.0,
        overlap=overlap,
        guideline=_guideline(evaluation, wanted, lack),
    )


def send_to_review(store: Store, plan: QueuePlan, *, person: Person, now: datetime) -> int:
    """Draw the review queue of a slice; returns its number.

    Raises:
        AccessDeniedError: the person may not manage queues.
        SettingError: there is a queue of this name.
        InputError: nothing in the samples can be reviewed.
    """
    return create_queue(store, plan, person=person, now=now)


def write_data_request(
    evaluation: Evaluation, wanted: Slice, lack: Lack, coverage: Coverage | None, release_id: str
) -> dict[str, Any]:
    """Return what data would answer a slice, as a document for whoever collects or writes it."""
    covered = {} if coverage is None else {tool.name: tool for tool in coverage.tools}
    tools = [
        {
            "name": need.signature.name,
            "parameters": list(need.signature.parameters),
            "failed_questions": need.failure_count,
            "rows_calling_it": covered[need.signature.name].same_rows
            if need.signature.name in covered
            else None,
        }
        for need in lack.tools
    ]
    return {
        "why": {
            "model": evaluation.model,
            "evaluation": evaluation.evaluation_no,
            "question_set": evaluation.question_set,
            "slice": msgspec.to_builtins(wanted),
            "failed_questions": lack.failure_count,
        },
        "release": release_id,
        "wanted": {
            "shapes": {SHAPE_WORDS[shape]: count for shape, count in lack.shapes.items()},
            "kinds_of_values": lack.kinds,
            "errors_to_unlearn": {code: SPECTOOL_CODES[code] for code in lack.codes},
            "tools": tools,
        },
        # Questions that a model is judged by must never be trained on: they are not in here.
        "note": "Tools like these, not these questions: an evaluation set stays out of training.",
    }


def slice_words(wanted: Slice) -> str:
    """Return a slice in words.

    >>> slice_words(Slice(category="live_simple", code="IAT")), slice_words(Slice())
    ('live_simple, IAT', 'all')
    """
    return ", ".join(part for part in msgspec.structs.astuple(wanted) if part) or "all"


def _to_review(samples: Sequence[NearestSample]) -> tuple[NearestSample, ...]:
    """Return the samples that people should look at: the flagged ones, or all where none is."""
    at_hand = _at_hand(samples)
    return tuple(one for one in at_hand if one.is_flagged) or tuple(at_hand)


def _at_hand(samples: Sequence[NearestSample]) -> list[NearestSample]:
    return [one for one in samples if one.known is not None and one.known.state != "drop"]


def _naming(samples: Sequence[NearestSample]) -> Filters:
    return Filters(ids=join_ids(one.row.trajectory_id for one in samples))


def _guideline(evaluation: Evaluation, wanted: Slice, lack: Lack) -> str:
    errors = ", ".join(SPECTOOL_CODES[code] for code in lack.codes) or "not known"
    tools = ", ".join(need.signature.name for need in lack.tools[:_MOST_NAMED])
    return (
        f"{evaluation.model} fails at {lack.failure_count:,} questions of {evaluation.question_set} "
        f"({slice_words(wanted)}). What goes wrong: {errors}. These training samples are nearest to them "
        f"(tools like {tools}). Does a sample teach the same fault?"
    )
