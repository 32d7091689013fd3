"""Looks again with a check whose rules people can replace: the list of inappropriate words."""

from __future__ import annotations

from datetime import datetime

from xlam_backend.access import require
from xlam_backend.checks.content_rules import rules_in_force
from xlam_backend.checks.inappropriate_content import CHECK
from xlam_backend.domain.person import Person
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.findings import forget_check


def forget_content_findings(store: Store, *, person: Person, now: datetime) -> int:
    """Take back what the list of words found, so that the next check uses the list in force.

    Returns how many findings went.

    Raises:
        AccessDeniedError: the person may not have anything checked.
        SettingError: the list in force cannot be read: then nothing is taken back.
    """
    require(person, "check")
    rules = rules_in_force()
    with store.write() as cursor:
        count = forget_check(cursor, CHECK.name)
        detail = {"list": rules.name, "fingerprint": rules.fingerprint, "findings taken back": count}
        write_audit(cursor, store, person, "check", f"check {CHECK.name} again", detail, now=now)
    return count
