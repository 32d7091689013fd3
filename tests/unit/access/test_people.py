"""Roles: what counts, who may give them, and that somebody who may is always left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN, AN_ANNOTATOR
from xlam_backend.access import list_people, local_name, person_of, role_of, set_role
from xlam_backend.access.audit import AuditFilters, read_audit
from xlam_backend.domain.person import ROLES, Person
from xlam_backend.errors import AccessDeniedError, InputError
from xlam_backend.settings import person_name
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def account(store):
    """The machine's own account."""
    return person_of(store, person_name(), "local")


def test_the_machines_account_is_an_admin_and_other_names_are_annotators(store, account):
    assert account == Person(person_name(), "admin", "local")
    assert person_of(store, "ann", "local").role == "annotator"


def test_the_settings_name_the_first_admins_however_they_are_written(store, monkeypatch):
    monkeypatch.setenv("XLAM_ADMINS", "Ada@Example.org, bob@example.org")
    assert role_of(store, "ada@example.org") == "admin"
    assert role_of(store, "bob@example.org") == "admin"
    assert role_of(store, "eve@example.org") == "annotator"


@pytest.mark.parametrize("role", ROLES)
def test_the_role_given_last_counts(store, account, role):
    set_role(store, "ann", "admin", person=account, now=NOW)
    set_role(store, "ann", role, person=account, now=NOW)
    assert person_of(store, "ann", "oidc") == Person("ann", role, "oidc")


def test_a_given_role_counts_before_the_settings(store, account, monkeypatch):
    monkeypatch.setenv("XLAM_ADMINS", "ann")
    set_role(store, "ann", "annotator", person=account, now=NOW)
    assert role_of(store, "ann") == "annotator"


def test_somebody_taken_out_is_refused_until_a_role_is_given_again(store, account):
    set_role(store, "ann", None, person=account, now=NOW)
    with pytest.raises(AccessDeniedError, match="ann may not work here"):
        person_of(store, "ann", "oidc")
    set_role(store, "ann", "annotator", person=account, now=NOW)
    assert person_of(store, "ann", "oidc").role == "annotator"


@pytest.mark.parametrize("person", [AN_ANNOTATOR, A_RESEARCHER])
def test_only_admins_give_roles(store, person):
    with pytest.raises(AccessDeniedError, match="manage people"):
        set_role(store, person.name, "admin", person=person, now=NOW)
    assert role_of(store, person.name) == "annotator"


@pytest.mark.parametrize("role", ["researcher", "annotator", None])
def test_the_last_admin_stays_one(store, account, role):
    with pytest.raises(AccessDeniedError, match="Nobody would be left"):
        set_role(store, account.name, role, person=account, now=NOW)
    assert role_of(store, account.name) == "admin"
    set_role(store, "ann", "admin", person=account, now=NOW)
    set_role(store, account.name, role, person=account, now=NOW)
    assert role_of(store, account.name) == role


def test_whoever_must_sign_in_cannot_leave_the_machines_account_as_the_last_admin(store):
    ada = Person("ada@example.org", "admin", "oidc")
    set_role(store, ada.name, "admin", person=ada, now=NOW)
    with pytest.raises(AccessDeniedError, match="Nobody would be left"):
        set_role(store, ada.name, "annotator", person=ada, now=NOW)


def test_people_are_those_with_a_role_and_those_who_worked(store, account):
    set_role(store, "rita", "researcher", person=account, now=NOW)
    listed = {one.name: (one.role, one.because, one.given_by) for one in list_people(store)}
    assert listed == {
        "rita": ("researcher", "given", account.name),
        account.name: ("admin", "account of this machine", ""),
    }


def test_giving_a_role_stands_in_the_log(store, account):
    set_role(store, "rita", "researcher", person=account, now=NOW)
    row = read_audit(store, AuditFilters(), person=AN_ADMIN).rows[0]
    assert (row.person, row.role, row.action, row.subject) == (
        account.name,
        "admin",
        "manage people",
        "person rita",
    )
    assert row.detail == '{"before":"annotator","after":"researcher"}'
    assert row.at_time == NOW.replace(tzinfo=None)


def test_a_refused_role_leaves_no_trace(store, account):
    with pytest.raises(AccessDeniedError):
        set_role(store, account.name, "annotator", person=account, now=NOW)
    assert read_audit(store, AuditFilters(), person=AN_ADMIN).total == 0


def test_an_address_is_the_same_person_however_it_is_written(store, account):
    set_role(store, "Rita@Example.org", "researcher", person=account, now=NOW)
    assert role_of(store, "rita@example.org") == "researcher"


@pytest.mark.parametrize(
    "typed", ["", "   ", "a\x00b", "a\u202eb", "a\u200bb", "x" * 61, "\ud800", "a\u2028b\u0007"]
)
def test_what_cannot_be_read_is_no_name(typed):
    with pytest.raises(InputError):
        local_name(typed)


@pytest.mark.parametrize(("typed", "kept"), [("Zoë", "Zoë"), ("李 雷", "李 雷"), ("ａｎｎ", "ann")])
def test_names_of_all_scripts_are_names(typed, kept):
    assert local_name(typed) == kept
