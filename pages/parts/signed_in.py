"""Who is at this browser."""

from __future__ import annotations

from xlam_backend.domain.person import Person
from xlam_backend.settings import person_name


def current_person() -> Person:
    """Return the person at this browser: on a machine of one's own the account the app runs as."""
    return Person(person_name(), "admin", "local")
