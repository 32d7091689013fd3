"""What a provider says is a name only where it is proven, and only under safe settings."""

from __future__ import annotations

import pytest

from xlam_backend.access import check_sign_in_settings, email_of
from xlam_backend.errors import AccessDeniedError, SettingError

EMAIL = "ada@example.org"


@pytest.mark.parametrize("proven", [True, "true"])
def test_a_verified_address_is_the_name(proven):
    assert email_of({"email": "Ada@Example.org", "email_verified": proven}) == EMAIL


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": ""},
        {"email": None, "email_verified": True},
        {"email": "ada", "email_verified": True},
        {"email": EMAIL},
        {"email": EMAIL, "email_verified": False},
        {"email": EMAIL, "email_verified": "false"},
        {"email": EMAIL, "email_verified": 0},
        {"name": EMAIL, "preferred_username": EMAIL, "email_verified": True},
    ],
)
def test_anything_else_is_refused(claims):
    with pytest.raises(AccessDeniedError):
        email_of(claims)


def test_a_provider_that_never_says_so_is_believed_when_told_to(monkeypatch):
    monkeypatch.setenv("XLAM_UNPROVEN_EMAIL", "yes")
    assert email_of({"email": EMAIL}) == EMAIL
    with pytest.raises(AccessDeniedError):
        email_of({"email": EMAIL, "email_verified": False})


def test_a_short_secret_and_trusted_headers_are_refused():
    check_sign_in_settings("x" * 32, {})
    with pytest.raises(SettingError, match="cookie_secret"):
        check_sign_in_settings("x" * 31, {})
    with pytest.raises(SettingError, match="trustedUserHeaders"):
        check_sign_in_settings("x" * 32, {"X-User": "email"})
