"""Who is at this browser: signed in with a provider where one is set up, else under a local name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages.parts.guard import show_error
from pages.parts.kept_name import choose_name, chosen_name, keep_chosen_name
from pages.parts.page_head import draw_head, draw_note
from pages.parts.safe_text import text_html
from pages.parts.store_cache import read_cached
from xlam_backend.access import check_sign_in_settings, email_of, local_name, person_of
from xlam_backend.access.people import LONGEST_NAME
from xlam_backend.domain.person import NEEDED_ROLE, Action, Person, may
from xlam_backend.errors import AccessDeniedError, InputError, SettingError
from xlam_backend.settings import person_name

_TYPED_NAME = "typed_name"
_NAME_REFUSED = "name_refused"


def current_person() -> Person:
    """Return the person at this browser, with the role that counts now.

    Raises:
        AccessDeniedError: nobody is signed in, the email is not proven, or an admin took them out.
        SettingError: the sign-in is set up so that anybody could pass for somebody else.
    """
    auth = _sign_in_settings()
    if auth is None:
        return read_cached("person", person_of, chosen_name() or person_name(), "local")
    if not st.user.get("is_logged_in"):
        raise AccessDeniedError("Nobody is signed in.", "Sign in first.")
    return read_cached("person", person_of, email_of(st.user), "oidc")


def may_or_say(action: Action) -> bool:
    """Tell whether the person may do this; if not, say which role it takes."""
    person = current_person()
    if may(person, action):
        return True
    draw_note(
        f"You work here as {person.role}; this takes the role {NEEDED_ROLE[action]}. "
        "An admin gives roles on the People page."
    )
    return False


def may_see_pages() -> bool:
    """Tell whether any page may be drawn: where a provider is set up, only for whom it has signed in."""
    try:
        return _sign_in_settings() is None or bool(st.user.get("is_logged_in"))
    except SettingError:  # `admit` says so
        return False


def admit() -> bool:
    """Let in whoever may work here and say in the sidebar who it is; else draw the way in or out."""
    if not may_see_pages():
        _draw_sign_in()
        return False
    try:
        person = current_person()
    except AccessDeniedError as error:
        draw_head("No access", "You are signed in, but may not work here.")
        show_error(error)
        _draw_way_out()
        return False
    with st.sidebar, st.container(key="signed_in"):
        _draw_person(person)
    return True


def _sign_in_settings() -> Mapping[str, object] | None:
    """Return the section [auth] of secrets.toml; None where there is none, so that nobody signs in.

    Raises:
        SettingError: a secrets file cannot be read (it may be the one that asks people to sign in), or
            its settings would let anybody pass for somebody else.
    """
    try:
        auth = st.secrets.to_dict().get("auth")
    except FileNotFoundError as error:  # no file, or one that is no TOML: only the first is no sign-in
        if any(Path(path).exists() for path in st.get_option("secrets.files")):
            raise SettingError(
                "The file .streamlit/secrets.toml cannot be read, so nobody can sign in.",
                "Correct it and start the app again; the log says what is wrong.",
            ) from error
        return None
    if auth is None:
        return None
    if not isinstance(auth, Mapping):
        raise SettingError("[auth] in .streamlit/secrets.toml is no section.", "See docs/people.md.")
    check_sign_in_settings(str(auth.get("cookie_secret", "")), st.get_option("server.trustedUserHeaders"))
    return auth


def _draw_sign_in() -> None:
    draw_head("Sign in", "xLAM Studio keeps a record of who did what, so it asks who you are.")
    auth = _sign_in_settings() or {}
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and name != "client_kwargs"]
    providers = ([""] if "client_id" in auth else []) + named
    for provider in providers:
        st.button(
            f"Sign in with {provider}" if provider.isalnum() else "Sign in",
            type="primary",
            icon=":material/login:",
            key=f"sign_in_{provider}",
            on_click=st.login,
            args=(provider,) if provider else (),
        )


def _draw_person(person: Person) -> None:
    st.html(
        f'<p class="xs-person"><b>{text_html(person.name, LONGEST_NAME)}</b> '
        f'<span class="xs-note">{person.role}</span></p>'
    )
    if person.signed_in_by == "oidc":
        _draw_way_out()
    else:
        _draw_name_choice()


def _draw_way_out() -> None:
    if _sign_in_settings() is not None:
        st.button("Sign out", icon=":material/logout:", type="tertiary", key="sign_out", on_click=st.logout)


def _draw_name_choice() -> None:
    keep_chosen_name()
    with st.popover("Change name", icon=":material/switch_account:", type="tertiary"):
        draw_note(
            "For people who share this machine: what you do in this browser is recorded under this name."
        )
        st.text_input("Your name", key=_TYPED_NAME, max_chars=LONGEST_NAME)
        st.button("Use this name", key="use_name", type="primary", on_click=_take_name)
        if refused := st.session_state.get(_NAME_REFUSED):
            draw_note(str(refused))
        if chosen_name():
            st.button("Back to the name of this machine", key="drop_name", on_click=_drop_name)


def _take_name() -> None:
    try:
        choose_name(local_name(str(st.session_state.get(_TYPED_NAME, ""))))
        st.session_state.pop(_NAME_REFUSED, None)
    except InputError as error:
        st.session_state[_NAME_REFUSED] = str(error)


def _drop_name() -> None:
    choose_name("")
