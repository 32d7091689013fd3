"""Who does something, and what each role may do."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Role = Literal["annotator", "researcher", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)  # each may do what the ones before it may

Action = Literal[
    "read",
    "review",
    "comment",
    "edit item",
    "import",
    "fix",
    "check",
    "judge",
    "run",
    "manage queue",
    "adjudicate",
    "prompt",
    "curate",
    "dedupe",
    "export",
    "mix",
    "train",
    "evaluate",
    "remove data",
    "manage people",
]

# The lowest role that may do it.
NEEDED_ROLE: dict[Action, Role] = {
    "read": "annotator",
    "review": "annotator",
    "comment": "annotator",
    "edit item": "annotator",
    "import": "researcher",
    "fix": "researcher",
    "check": "researcher",
    "judge": "researcher",
    "run": "researcher",
    "manage queue": "researcher",
    "adjudicate": "researcher",
    "prompt": "researcher",
    "curate": "researcher",
    "dedupe": "researcher",
    "export": "researcher",
    "mix": "researcher",
    "train": "researcher",
    "evaluate": "researcher",
    "remove data": "admin",
    "manage people": "admin",
}


class Person(msgspec.Struct, frozen=True):
    """A person at work: the name their acts are recorded under, their role, and how they signed in.

    `signed_in_by` is "local" (the account of this machine), "oidc" (an identity provider vouches for
    the name) or "command" (the command line).
    """

    name: str
    role: Role
    signed_in_by: Literal["local", "oidc", "command"] = "local"


def may(person: Person, action: Action) -> bool:
    """Tell whether a person's role is high enough for an action.

    >>> may(Person("ann", "annotator"), "review"), may(Person("ann", "annotator"), "judge")
    (True, False)
    """
    return ROLES.index(person.role) >= ROLES.index(NEEDED_ROLE[action])
