"""What an answer must look like before it is stored."""

from __future__ import annotations

import math

import msgspec

from xlam_backend.domain.review import (
    MOST_NOTE_CHARACTERS,
    Disposition,
    Flag,
    ItemKind,
    Preference,
    VerdictDraft,
)
from xlam_backend.domain.whole_text import without_surrogates
from xlam_backend.review.settled import is_bad_rating

MOST_SECONDS = 24 * 3600.0  # a page left open overnight says nothing about how long an answer took
MOST_ENTRY_CHARACTERS = 200
MOST_EVIDENCE_BYTES = 20_000
# What the better side of a pair says about the flag, and what it usually means for the data.
_OF_PREFERENCE: dict[Preference, tuple[Flag, Disposition]] = {
    "chosen": ("agree", "keep"),
    "rejected": ("disagree", "flip"),
    "equal": ("", "drop"),
    "both_bad": ("", "drop"),
}


def clean_draft(draft: VerdictDraft) -> VerdictDraft:
    """Return a draft whose texts can be stored, with a time that can be meant."""
    return msgspec.structs.replace(
        draft,
        entry_id=clean_text(draft.entry_id),
        lease=clean_text(draft.lease),
        note=clean_text(draft.note),
        seconds=min(max(draft.seconds, 0.0), MOST_SECONDS) if math.isfinite(draft.seconds) else 0.0,
    )


def with_what_follows(draft: VerdictDraft) -> VerdictDraft:
    """Return an answer with what it implies: a preference its flag, and what becomes of the record.

    A disposition that was chosen stays.

    >>> followed = with_what_follows(VerdictDraft("e-1", 1, "", preference="rejected"))
    >>> followed.flag, followed.disposition
    ('disagree', 'flip')
    >>> with_what_follows(VerdictDraft("e-2", 1, "", rating=2)).disposition
    'drop'
    """
    if draft.rating is not None and not draft.disposition:
        return msgspec.structs.replace(draft, disposition="drop" if is_bad_rating(draft.rating) else "keep")
    if draft.preference not in _OF_PREFERENCE:
        return draft
    flag, disposition = _OF_PREFERENCE[draft.preference]
    return msgspec.structs.replace(draft, flag=flag, disposition=draft.disposition or disposition)


def clean_text(text: str) -> str:
    """Return a text as it can be stored and sent: halves of surrogate pairs become U+FFFD, NUL goes."""
    return without_surrogates(text).replace("\0", "")


def misfit(draft: VerdictDraft, kind: ItemKind) -> str:
    """Say what is wrong with an answer to an item of this kind, "" when nothing is.

    >>> misfit(VerdictDraft("e-1", 1, "1-1", flag="agree"), "finding")
    ''
    >>> misfit(VerdictDraft("e-1", 1, "1-1", rating=6), "rating")
    'A rating of 6 is outside 1 to 5.'
    """
    return _unfit_form(draft) or _unfit_words(draft) or _unfit_kind(draft, kind)


def _unfit_form(draft: VerdictDraft) -> str:
    if not 0 < len(draft.entry_id) <= MOST_ENTRY_CHARACTERS:
        return "The answer has no entry id of its own."
    if len(draft.note) > MOST_NOTE_CHARACTERS:
        return f"The note is longer than {MOST_NOTE_CHARACTERS:,} characters."
    try:
        size = len(msgspec.json.encode(draft.evidence))
    except (UnicodeEncodeError, TypeError):
        return "The evidence is no valid JSON."
    return f"The evidence is larger than {MOST_EVIDENCE_BYTES:,} bytes." * (size > MOST_EVIDENCE_BYTES)


def _unfit_words(draft: VerdictDraft) -> str:
    try:  # a page sends plain text; only the known words are stored
        msgspec.convert(msgspec.to_builtins(draft), VerdictDraft)
    except msgspec.ValidationError as error:
        return f"This is no answer: {error}"
    if draft.rating is not None and not 1 <= draft.rating <= 5:
        return f"A rating of {draft.rating} is outside 1 to 5."
    return ""


def _unfit_kind(draft: VerdictDraft, kind: ItemKind) -> str:
    if kind == "pair":
        return _unfit_pair(draft)
    if kind == "duplicate":
        return _unfit_duplicate(draft)
    if kind == "finding" and draft.rating is not None:
        return "A finding is not rated: agree, disagree or unsure."
    if draft.preference or draft.reason or draft.disposition == "flip":
        return f"A {kind} has no two sides to choose between."
    if draft.flag or draft.disposition or (kind == "rating" and draft.rating is not None):
        return ""
    return "The answer says nothing: agree, disagree, unsure, or what to do with the record."


def _unfit_pair(draft: VerdictDraft) -> str:
    if not draft.preference:
        return "A pair is answered by saying which side is better."
    if draft.rating is not None or draft.disposition == "fix":
        return "A pair is neither rated nor mended: it is kept, turned round or dropped."
    return ""


def _unfit_duplicate(draft: VerdictDraft) -> str:
    if not draft.flag:
        return "Say whether the two are the same sample: agree, disagree or unsure."
    if draft.disposition or draft.rating is not None or draft.preference or draft.reason:
        return "Nothing follows for the two records: which one goes is decided with the cluster."
    return ""
