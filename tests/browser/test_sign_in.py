"""People sign in with a real OpenID Connect provider (a small one, on this machine), and out again."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import expect

from tests.browser.conftest import free_port, serve

pytestmark = pytest.mark.browser


class Provider(ThreadingHTTPServer):
    """Signs everybody in as `claims` says, at once."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.claims = {}
        self.asked = {}

    @property
    def issuer(self):
        return f"http://localhost:{self.server_address[1]}"

    def token(self, code):
        """A signed word about who has just signed in."""
        asked = self.asked[code]
        now = int(time.time())
        said = {"iss": self.issuer, "aud": asked["client_id"], "sub": "1", "iat": now, "exp": now + 600}
        return jwt.encode(
            {"alg": "RS256", "kid": "one"}, {**said, "nonce": asked["nonce"], **self.claims}, self.key
        )


class Answers(BaseHTTPRequestHandler):
    """The four addresses of a provider."""

    def do_GET(self):
        parts = urlsplit(self.path)
        provider = self.server
        if parts.path == "/.well-known/openid-configuration":
            self.say(
                {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif parts.path == "/keys":
            self.say({"keys": [provider.key.as_dict(private=False)]})
        else:
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = hashlib.sha256(parts.query.encode()).hexdigest()
            provider.asked[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()

    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        token = self.server.token(body["code"][0])
        self.say({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def say(self, content):
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def provider():
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def guarded_studio(root, provider, demo_template, tmp_path_factory):
    """An app where people must sign in; its address."""
    folder = tmp_path_factory.mktemp("guarded")
    port = free_port()
    secrets = folder / "secrets.toml"
    settings = {
        "redirect_uri": f"http://localhost:{port}/oauth2callback",
        "cookie_secret": base64.b64encode(b"s" * 40).decode(),
        "client_id": "studio",
        "client_secret": "secret",
        "server_metadata_url": f"{provider.issuer}/.well-known/openid-configuration",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    secrets.write_text("\n".join(["[auth]", *lines]), encoding="utf-8")
    store = folder / "store"
    shutil.copytree(demo_template, store)
    more = ("--secrets.files", str(secrets))
    with serve(root, store, port=port, more=more, XLAM_ADMINS="ada@example.org") as address:
        yield address


def sign_in(window, provider, **claims):
    provider.claims = claims
    window.page.goto(window.address)
    window.wait_for("Sign in")
    window.page.get_by_role("button", name="Sign in").click()


def test_a_deep_link_shows_nothing_before_signing_in(guarded_studio, screen):
    window = screen(guarded_studio)
    for path in ("/explore", "/trajectory?id=x", "/desk?queue=1", "/people"):
        window.open(path, "Sign in")
        assert window.page.get_by_test_id("stSidebarNavLink").count() == 0
        assert "city" not in window.text()


def test_whoever_signs_in_has_their_address_and_role_and_disturbs_nobody(guarded_studio, provider, screen):
    ada, bob = screen(guarded_studio), screen(guarded_studio)
    sign_in(ada, provider, email="Ada@Example.org", email_verified=True)
    ada.wait_for("Overview")
    expect(ada.page.locator(".xs-person")).to_contain_text("ada@example.org admin")
    sign_in(bob, provider, email="bob@example.org", email_verified=True)
    bob.wait_for("Overview")
    expect(bob.page.locator(".xs-person")).to_contain_text("bob@example.org annotator")
    ada.open("/people", "People")
    expect(ada.page.locator(".xs-person")).to_contain_text("ada@example.org admin")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.wait_for("Sign in")
    ada.open("/people", "Sign in")


def test_an_address_that_is_not_verified_is_let_out_again(guarded_studio, provider, screen):
    window = screen(guarded_studio)
    sign_in(window, provider, email="ada@example.org", email_verified=False)
    window.wait_for("No access")
    window.open("/explore", "No access")
    window.page.get_by_role("button", name="Sign out").click()
    window.wait_for("Sign in")
