"""Who may do what, and the log of what was done."""

from __future__ import annotations

from xlam_backend.access.people import KnownPerson, SignedInBy, list_people, person_of, role_of, set_role
from xlam_backend.access.permission import require

__all__ = ["KnownPerson", "SignedInBy", "list_people", "person_of", "require", "role_of", "set_role"]
