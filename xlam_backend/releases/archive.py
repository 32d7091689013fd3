"""Puts releases away, by whoever may, with a line in the log."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError, NotFoundError
from xlam_backend.releases.keeping import move_to_archive
from xlam_backend.releases.reading import Release, find_release
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.releases import ReleaseEvent, write_release_event


def archive_release(
    store: Store, name: str, *, confirmed: str, because: str, person: Person, now: datetime
) -> Release:
    """Put a release away; `confirmed` must repeat the first letters of its id.

    It is not offered any more, and its files stay in releases/archived. Freezing its recipe on the same data
    brings it back.

    Raises:
        AccessDeniedError: the person may not remove data.
        InputError: what was typed is not the beginning of the id.
    """
    require(person, "remove data")
    release = find_release(store.folder, name)
    if release.is_archived:
        raise NotFoundError(
            f"The release {release.release_id} was archived before.", "Nothing is to be done."
        )
    if len(confirmed) < len("abcdef") or not release.release_id.startswith(confirmed.strip().lower()):
        raise InputError(
            f"{confirmed!r} is not the beginning of the id {release.release_id}.",
            "Type at least its first six letters.",
        )
    frozen = release.frozen
    event = ReleaseEvent(
        release.release_id,
        "archived",
        release.manifest.name,
        frozen.recipe_name if frozen else "",
        frozen.recipe_version if frozen else 0,
        frozen.run_id if frozen else "",
        release.manifest.row_count,
        person.name,
        because.strip()[:500],
        utc_timestamp(now),
    )
    with store.write() as cursor:
        write_release_event(cursor, event)
        subject = f"release {release.release_id}"
        detail = {"archived": True, "rows": release.manifest.row_count, "because": because}
        write_audit(cursor, store, person, "remove data", subject, detail, now=now)
        return move_to_archive(store.folder, release.release_id)
