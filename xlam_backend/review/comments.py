"""Comments on items and trajectories; what others say of an item waits until the reader has voted."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import MOST_NOTE_CHARACTERS, ReviewItem
from xlam_backend.errors import InputError
from xlam_backend.review.draft_rules import clean_text
from xlam_backend.review.verdicts import is_blind
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.review_comments import Comment, read_trajectory_comments, write_comment
from xlam_backend.store.review_items import read_item

__all__ = ["Comment", "Comments", "add_comment", "comment_on_trajectory", "comments_of", "read_comments"]


class Comments(msgspec.Struct, frozen=True):
    """What one person may read beside an item; `is_hidden`: others' words wait until they have voted."""

    comments: tuple[Comment, ...]
    is_hidden: bool


def add_comment(store: Store, item_no: int, words: str, *, person: Person, now: datetime) -> Comment:
    """Write a comment on an item.

    Raises:
        AccessDeniedError: the person may not comment.
        NotFoundError: there is no such item.
        InputError: it says nothing, or too much.
    """
    require(person, "comment")
    item = read_item(store, item_no)
    return _add(store, item_no, item.trajectory_no, words, person, now)


def comment_on_trajectory(
    store: Store, trajectory_no: int, words: str, *, person: Person, now: datetime
) -> Comment:
    """Write a comment on a trajectory, whichever item it may be part of.

    Raises:
        AccessDeniedError: the person may not comment.
        InputError: it says nothing, or too much.
    """
    require(person, "comment")
    return _add(store, 0, trajectory_no, words, person, now)


def read_comments(store: Store, item_no: int, *, person: Person, now: datetime) -> Comments:
    """Return the comments on an item and on its trajectory, the oldest first.

    What other people write of an item says how they see it: it is hidden until the person has voted
    on it, as their verdicts are. Comments on other items of the trajectory are left out.

    Raises:
        AccessDeniedError: the person may not read.
        NotFoundError: there is no such item.
    """
    return comments_of(store, read_item(store, item_no), person=person, now=now)


def comments_of(store: Store, item: ReviewItem, *, person: Person, now: datetime) -> Comments:
    """Return the comments on an item that was read already, as `read_comments` does."""
    require(person, "read")
    written = read_trajectory_comments(store, item.trajectory_no)
    found = [each for each in written if each.item_no in (0, item.item_no)]
    blind = is_blind(store, item, person=person, now=now)
    shown = tuple(each for each in found if not blind or each.person == person.name)
    return Comments(shown, is_hidden=blind)


def _add(
    store: Store, item_no: int, trajectory_no: int, words: str, person: Person, now: datetime
) -> Comment:
    text = clean_text(words).strip()
    if not text:
        raise InputError("The comment is empty.", "Write something first.")
    if len(text) > MOST_NOTE_CHARACTERS:
        raise InputError(f"The comment is longer than {MOST_NOTE_CHARACTERS:,} characters.", "Shorten it.")
    with store.write() as cursor:
        comment = write_comment(
            cursor,
            store,
            item_no=item_no,
            trajectory_no=trajectory_no,
            person=person.name,
            words=text,
            now=now,
        )
        write_audit(
            cursor, store, person, "comment", f"trajectory {trajectory_no}", {"item": item_no}, now=now
        )
    return comment
