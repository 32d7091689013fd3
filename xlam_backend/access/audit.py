"""Reads the log of what was done; only those who manage people may."""

from __future__ import annotations

from xlam_backend.access.permission import require
from xlam_backend.domain.person import Person
from xlam_backend.store.audit import AuditFilters as AuditFilters
from xlam_backend.store.audit import AuditPage as AuditPage
from xlam_backend.store.audit import AuditRow as AuditRow
from xlam_backend.store.audit import read_audit as _read_audit
from xlam_backend.store.audit import read_audit_people as _read_audit_people
from xlam_backend.store.connection import Store

PAGE_SIZE = 50


def read_audit(
    store: Store, filters: AuditFilters, *, person: Person, page: int = 1, page_size: int = PAGE_SIZE
) -> AuditPage:
    """Return one page (from 1) of the log, the newest entry first.

    Raises:
        AccessDeniedError: the person does not manage people.
    """
    require(person, "manage people")
    return _read_audit(store, filters, first=(max(page, 1) - 1) * page_size, count=page_size)


def list_audit_people(store: Store, *, person: Person) -> list[str]:
    """Return everybody whose name stands in the log.

    Raises:
        AccessDeniedError: the person does not manage people.
    """
    require(person, "manage people")
    return _read_audit_people(store)
