"""What people do with licences: look at them, and say what they allow or which one counts."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.curation.evaluation_sets import set_by_name
from xlam_backend.domain.licence import (
    COMMERCIAL,
    KNOWN_LICENCES,
    LONGEST_LICENCE,
    Commercial,
    Licence,
    licence_key,
    standing_of,
)
from xlam_backend.domain.person import Person
from xlam_backend.errors import InputError
from xlam_backend.store import licences
from xlam_backend.store.connection import Store
from xlam_backend.store.licences import LicenceCount, SourceLicence, count_licences, list_source_licences
from xlam_backend.store.trajectories import find_trajectory

__all__ = [
    "COMMERCIAL",
    "KNOWN_LICENCES",
    "LicenceCount",
    "SourceLicence",
    "count_licences",
    "list_source_licences",
    "list_table",
    "say_of_licence",
    "set_record_licence",
    "set_source_licence",
]


def list_table(store: Store) -> list[Licence]:
    """Return the table of licences as it counts now: the known ones, with what people said put in."""
    with store.cursor() as cursor:
        said = licences.read_terms(cursor)
    keys = dict.fromkeys([*(known.key for known in KNOWN_LICENCES), *sorted(said)])
    return [standing_of(key, said) for key in keys]


def say_of_licence(
    store: Store, licence: str, commercial: Commercial, note: str = "", *, person: Person, now: datetime
) -> int:
    """Say whether a licence allows commercial use; returns how many records are newly flagged for it.

    Raises:
        AccessDeniedError: the person may not do this.
        InputError: no licence is named, or the text is too long.
    """
    require(person, "curate")
    _check_length(licence)
    if not licence_key(licence):
        raise InputError("No licence is named.", "Name one; what is not stated stays unknown.")
    if commercial not in COMMERCIAL:
        raise InputError(f"{commercial!r} is no answer.", f"Say one of: {', '.join(COMMERCIAL)}.")
    kept = note.strip()[:LONGEST_LICENCE]
    return licences.write_term(store, licence, commercial, kept, person=person, now=now)


def set_source_licence(store: Store, dataset: str, licence: str, *, person: Person, now: datetime) -> int:
    """Correct the licence of a dataset ("": none is stated); returns how many records are newly flagged.

    Raises:
        AccessDeniedError: the person may not do this.
        InputError: there is no such dataset, or the text is too long.
    """
    require(person, "curate")
    _check_length(licence)
    found = set_by_name(store, dataset)
    return licences.write_dataset_licence(store, found.dataset_no, licence, person=person, now=now)


def set_record_licence(
    store: Store, trajectory_id: str, licence: str, *, person: Person, now: datetime
) -> int:
    """Correct the licence of one record; returns how many records are newly flagged.

    Raises:
        AccessDeniedError: the person may not do this.
        NotFoundError: there is no such trajectory.
        InputError: the text is too long.
    """
    require(person, "curate")
    _check_length(licence)
    number = find_trajectory(store, trajectory_id)
    return licences.write_record_licence(store, number, licence, person=person, now=now)


def _check_length(licence: str) -> None:
    if len(licence) > LONGEST_LICENCE:
        raise InputError(
            f"The name of a licence has at most {LONGEST_LICENCE} characters, this has {len(licence):,}.",
            "Write its name, not its text.",
        )
