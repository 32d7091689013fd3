"""Who works here and in which role; roles are given and taken by admins."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Literal

import msgspec

from xlam_backend.access.permission import require
from xlam_backend.domain.person import Person, Role
from xlam_backend.errors import AccessDeniedError, InputError
from xlam_backend.settings import first_admins, person_name
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.people import GivenRole, read_given_roles, read_names_at_work, write_role

LONGEST_NAME = 60

SignedInBy = Literal["local", "oidc", "command"]


class KnownPerson(msgspec.Struct, frozen=True):
    """Somebody who worked here or was given a role.

    `role` is None for a person taken out; `because` says where the role comes from; `given_by` and
    `given_at` are set where it was given by a person.
    """

    name: str
    role: Role | None
    because: Literal["given", "XLAM_ADMINS", "account of this machine", "nothing was given"]
    given_by: str = ""
    given_at: datetime | None = None


def person_of(store: Store, name: str, signed_in_by: SignedInBy) -> Person:
    """Return the person behind a name that was signed in, with the role that counts now.

    Raises:
        AccessDeniedError: an admin took the person out.
    """
    role = role_of(store, name)
    if role is None:
        raise AccessDeniedError(
            f"{name} may not work here any more.", "An admin can give a role again on the People page."
        )
    return Person(name, role, signed_in_by)


def local_name(text: str) -> str:
    """Return the name a person typed, as it is recorded: letters that can be seen, on one line.

    Raises:
        InputError: it is empty, too long, or holds characters that hide or turn round.

    >>> local_name("  Ada   Lovelace ")
    'Ada Lovelace'
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > LONGEST_NAME:
        raise InputError("This is no name.", f"Give one of 1 to {LONGEST_NAME} characters.")
    if any(unicodedata.category(character)[0] in "CZ" and character != " " for character in name):
        raise InputError("The name holds characters that cannot be seen.", "Type it with letters only.")
    return name.lower() if "@" in name else name  # an email address is the same however it is written


def role_of(store: Store, name: str) -> Role | None:
    """Return a name's role: what was given last, else what the settings say; None for one taken out."""
    with store.cursor() as cursor:
        return _known(name, read_given_roles(cursor)).role


def list_people(store: Store) -> list[KnownPerson]:
    """Return everybody who worked here, was given a role, or has one by the settings."""
    with store.cursor() as cursor:
        given = read_given_roles(cursor)
        names = {person_name(), *first_admins(), *given, *read_names_at_work(cursor)}
    return [_known(name, given) for name in sorted(names)]


def set_role(store: Store, name: str, role: Role | None, *, person: Person, now: datetime) -> None:
    """Give a person a role, or (None) take the person out.

    Raises:
        AccessDeniedError: `person` is no admin, or no admin would be left.
        InputError: this is no name.
    """
    require(person, "manage people")
    name = local_name(name)
    with store.write() as cursor:
        before = _known(name, read_given_roles(cursor)).role
        number = store.numbers.reserve("role")
        write_role(cursor, number, name, role, given_by=person.name, now=now)
        if role != "admin":
            _refuse_without_admin(cursor, person)
        detail = {"before": before, "after": role}
        write_audit(cursor, store, person, "manage people", f"person {name}", detail, now=now)


def _refuse_without_admin(cursor: Cursor, person: Person) -> None:
    given = read_given_roles(cursor)
    names = {*first_admins(), *given}
    if person.signed_in_by != "oidc":  # whoever must sign in cannot work under the machine's account
        names.add(person_name())
    if all(_known(name, given).role != "admin" for name in names):
        raise AccessDeniedError("Nobody would be left who is an admin.", "Make somebody else an admin first.")


def _known(name: str, given: dict[str, GivenRole]) -> KnownPerson:
    if name in given:
        row = given[name]
        return KnownPerson(name, row.role, "given", row.given_by, row.given_at)
    if name.lower() in first_admins():
        return KnownPerson(name, "admin", "XLAM_ADMINS")
    if name == person_name():
        return KnownPerson(name, "admin", "account of this machine")
    return KnownPerson(name, "annotator", "nothing was given")
