"""What an identity provider says about a person: taken as a name only where it is proven."""

from __future__ import annotations

from collections.abc import Mapping

from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.settings import takes_unproven_email

SHORTEST_SECRET = 32  # the cookie that says who is there is signed with it; a short one can be guessed


def email_of(claims: Mapping[str, object]) -> str:
    """Return the email address a provider vouches for, in small letters.

    Raises:
        AccessDeniedError: there is none, or the provider does not say that it was verified.

    >>> email_of({"email": "Ada@Example.org", "email_verified": True})
    'ada@example.org'
    """
    email = str(claims.get("email") or "").strip().lower()
    if "@" not in email:
        raise AccessDeniedError(
            "The sign-in came without an email address.", "Ask the provider for the scope 'email'."
        )
    proven = claims.get("email_verified")
    # Some providers write the word instead of the value.
    if proven in (True, "true") or (proven is None and takes_unproven_email()):
        return email
    raise AccessDeniedError(
        f"The provider does not say that {email} was verified.",
        "Verify it there; docs/people.md says what to do with a provider that never says so.",
    )


def check_sign_in_settings(cookie_secret: str, trusted_headers: object) -> None:
    """Refuse settings under which anybody could sign in as somebody else.

    Raises:
        SettingError: the secret that signs the cookies is short, or request headers are taken for a
            person's identity: whoever reaches the app past the proxy writes them at will.
    """
    if len(cookie_secret) < SHORTEST_SECRET:
        raise SettingError(
            f"cookie_secret in .streamlit/secrets.toml has fewer than {SHORTEST_SECRET} characters.",
            "Make one: python -c 'import secrets; print(secrets.token_hex(32))'",
        )
    if trusted_headers:
        raise SettingError(
            "server.trustedUserHeaders is set: a header can be made up by whoever reaches the app directly.",
            "Take it out of .streamlit/config.toml; people sign in with the provider itself.",
        )
