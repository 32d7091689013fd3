"""Who is at the browser: nobody sees a page who must sign in and has not; names and roles count at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import AN_ADMIN
from tests.routed_pages import routed_scripts
from xlam_backend.access import set_role
from xlam_backend.settings import person_name

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "0123456789" * 4,
    "client_id": "studio",
    "client_secret": "secret",
    "server_metadata_url": "http://localhost:1/.well-known/openid-configuration",
}
ADA = {"is_logged_in": True, "email": "Ada@Example.org", "email_verified": True}


@pytest.fixture
def guarded(demo_pages):
    """The app with the demo data, where people must sign in."""
    demo_pages.app.secrets = {"auth": AUTH}
    return demo_pages


def test_a_machine_of_ones_own_needs_no_sign_in(demo_pages):
    assert demo_pages.open() == "Overview"
    assert f"{person_name()} admin" in demo_pages.words


def test_before_signing_in_no_page_is_drawn(guarded):
    shown = routed_scripts()
    assert len(shown) > 8
    for script in shown:
        assert guarded.open(script.removesuffix(".py"), id="1", item="1", queue="1") == "Sign in"
        assert [button.label for button in guarded.app.button] == ["Sign in"]
        assert "help_desk" not in guarded.html
        assert not guarded.app.dataframe
        assert not guarded.app.sidebar.button


def test_whoever_signed_in_is_the_verified_address(guarded):
    guarded.app.user = ADA
    assert guarded.open() == "Overview"
    assert "ada@example.org annotator" in guarded.words
    assert guarded.button("Sign out")
    assert not [one for one in guarded.app.text_input if one.key == "typed_name"]


@pytest.mark.parametrize("claims", [{}, {"email_verified": False}, {"email": ""}, {"email_verified": None}])
def test_an_address_that_is_not_proven_opens_nothing(guarded, claims):
    guarded.app.user = {"is_logged_in": True, "email": "ada@example.org", **claims}
    assert guarded.open("explore") == "No access"
    assert "help_desk" not in guarded.html
    assert guarded.button("Sign out")


def test_whoever_was_taken_out_sees_no_page_from_the_next_click(guarded, demo_store):
    guarded.app.user = ADA
    assert guarded.open("explore") == "Explore"
    set_role(demo_store, "ada@example.org", None, person=AN_ADMIN, now=NOW)
    guarded.app.run()
    assert guarded.title == "No access"
    assert "may not work here any more" in guarded.words


def test_first_admins_come_from_the_settings(guarded, monkeypatch):
    monkeypatch.setenv("XLAM_ADMINS", "ada@example.org")
    guarded.app.user = ADA
    guarded.open()
    assert "ada@example.org admin" in guarded.words


def test_signing_out_ends_it(guarded):
    guarded.app.user = ADA
    guarded.open()
    guarded.button("Sign out").click().run()
    assert guarded.title == "Sign in"


@pytest.mark.parametrize(
    "auth",
    [
        {**AUTH, "cookie_secret": "short"},
        {key: value for key, value in AUTH.items() if key != "cookie_secret"},
        "not a section",
    ],
)
def test_unsafe_settings_open_nothing(guarded, auth):
    guarded.app.secrets = {"auth": auth}
    guarded.app.user = ADA
    guarded.app.run()
    assert "help_desk" not in guarded.html
    assert not guarded.app.button
    assert "secrets.toml" in guarded.words


def test_every_provider_has_its_button(guarded):
    one = {name: AUTH[name] for name in ("client_id", "client_secret", "server_metadata_url")}
    guarded.app.secrets = {
        "auth": {"redirect_uri": AUTH["redirect_uri"], "cookie_secret": "x" * 40, "okta": one}
    }
    guarded.app.run()
    assert [button.label for button in guarded.app.button] == ["Sign in with okta"]


def test_a_name_is_chosen_for_this_session_and_given_up(demo_pages):
    demo_pages.open()
    demo_pages.take_name("  Ann   Lee ")
    assert "Ann Lee annotator" in demo_pages.words
    demo_pages.app.button(key="drop_name").click().run()
    assert f"{person_name()} admin" in demo_pages.words


@pytest.mark.parametrize("name", ["", "a\u202eb", "<b>\x00"])
def test_what_is_no_name_is_refused(demo_pages, name):
    demo_pages.open()
    demo_pages.take_name(name)
    assert f"{person_name()} admin" in demo_pages.words
    assert not demo_pages.app.exception


def test_an_annotator_finds_no_button_that_would_be_refused(demo_pages):
    demo_pages.open()
    demo_pages.take_name("Ann")
    assert demo_pages.open("import_data") == "Import"
    assert "this takes the role researcher" in demo_pages.words
    assert not [button for button in demo_pages.app.button if button.key == "start"]
    assert demo_pages.open("explore", check="argument_type") == "Explore"
    assert not [
        button for button in demo_pages.app.button if (button.key or "").startswith(("family", "export"))
    ]
    assert demo_pages.open("rejects") == "Rejects"
    assert not demo_pages.app.get("download_button")


def test_a_role_given_counts_from_the_next_click(demo_pages, demo_store):
    demo_pages.open()
    demo_pages.take_name("Ann")
    set_role(demo_store, "Ann", "researcher", person=AN_ADMIN, now=NOW)
    assert demo_pages.open("import_data") == "Import"
    assert "this takes the role" not in demo_pages.words


def test_every_page_opens_for_an_annotator(demo_pages):
    demo_pages.open()
    demo_pages.take_name("Ann")
    for script in routed_scripts():
        demo_pages.open(script.removesuffix(".py"))
        assert "Ann annotator" in demo_pages.words, script
        assert "xs-error" not in demo_pages.html, script
