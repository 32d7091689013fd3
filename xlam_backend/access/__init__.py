"""Who may do what, and the log of what was done."""

from __future__ import annotations

from xlam_backend.access.people import (
    KnownPerson,
    SignedInBy,
    list_people,
    local_name,
    person_of,
    role_of,
    set_role,
)
from xlam_backend.access.permission import require
from xlam_backend.access.sign_in import check_sign_in_settings, email_of

__all__ = [
    "KnownPerson",
    "SignedInBy",
    "check_sign_in_settings",
    "email_of",
    "list_people",
    "local_name",
    "person_of",
    "require",
    "role_of",
    "set_role",
]
