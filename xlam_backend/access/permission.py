"""The one gate in front of every function that changes something."""

from __future__ import annotations

from xlam_backend.domain.person import NEEDED_ROLE, Action, Person, may
from xlam_backend.errors import AccessDeniedError


def require(person: Person, action: Action) -> None:
    """Let a person pass who may do this.

    Raises:
        AccessDeniedError: their role is too low.
    """
    if not may(person, action):
        raise AccessDeniedError(
            f"{person.name} is {_a(person.role)} and may not do this ({action}).",
            f"It takes {_a(NEEDED_ROLE[action])}; an admin gives roles on the People page.",
        )


def _a(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
