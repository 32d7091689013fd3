"""Endpoints: where they come from, and that their keys go nowhere else."""

from __future__ import annotations

import pytest

from tests.scripted_endpoint import endpoint_at, scripted_endpoint
from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.llm.endpoint import (
    check_url,
    endpoint_by_name,
    has_key,
    list_endpoints,
    open_client,
    without_key,
)
from xlam_backend.llm.endpoint_check import check_endpoint

SECRET = "sk-very-secret-4711"
TABLES = f"""
[auth]
cookie_secret = "other"

[endpoints.lab]
base_url = "https://lab.example/v1/"
models = ["big", "small"]
api_key = "{SECRET}"
price_input = 0.5
price_output = 1.5
"""


@pytest.fixture(autouse=True)
def no_endpoints(monkeypatch, tmp_path):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL", "XLAM_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XLAM_SECRETS_FILE", str(tmp_path / "secrets.toml"))
    monkeypatch.setenv("XLAM_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def secrets(tmp_path):
    return tmp_path / "secrets.toml"


def test_without_settings_there_is_none():
    assert list_endpoints() == []
    with pytest.raises(UnknownNameError, match="no endpoint called 'lab'"):
        endpoint_by_name("lab")
    with pytest.raises(SettingError, match="not running"):
        endpoint_by_name("scripted")


def test_the_environment_gives_one(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_MODEL", "one")
    (endpoint,) = list_endpoints()
    assert (endpoint.name, endpoint.base_url, endpoint.models) == (
        "environment",
        "http://127.0.0.1:9/v1",
        ("one",),
    )
    assert endpoint.is_local
    assert has_key(endpoint)
    monkeypatch.setenv("XLAM_MODELS", "two, three,")
    assert list_endpoints()[0].models == ("two", "three")


def test_a_key_alone_means_openai(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    (endpoint,) = list_endpoints()
    assert endpoint.base_url == "https://api.openai.com/v1"
    assert not endpoint.is_local


def test_secrets_give_several(secrets):
    secrets.write_text(TABLES, "utf-8")
    endpoint = endpoint_by_name("lab")
    assert (endpoint.base_url, endpoint.models) == ("https://lab.example/v1", ("big", "small"))
    assert endpoint.cost(2_000_000, 1_000_000) == 2.5


def test_the_key_is_in_nothing_but_the_client(secrets):
    secrets.write_text(TABLES, "utf-8")
    endpoint = endpoint_by_name("lab")
    assert SECRET not in repr(endpoint)
    assert open_client(endpoint, timeout_seconds=1).api_key == SECRET
    assert without_key(endpoint, f"wrong key {SECRET}!") == "wrong key [key]!"


@pytest.mark.parametrize(
    "text",
    [
        f'[endpoints.lab]\nbase_url = 7\napi_key = "{SECRET}"',
        f'[endpoints.lab]\napi_key = "{SECRET}"\nbase_url = "https://a/v1',
        f'[endpoints.lab]\nbase_url = "https://a/v1"\napi_keys = "{SECRET}"',
        f'[endpoints.scripted]\nbase_url = "https://a/v1"\napi_key = "{SECRET}"',
        f'[endpoints.lab]\nbase_url = "https://user:{SECRET}@a/v1"',
        f'[endpoints.lab]\nbase_url = "https://a/v1"\nprice_input = -1\napi_key = "{SECRET}"',
    ],
)
def test_secrets_that_cannot_be_read_are_an_error_that_tells_none(secrets, text):
    secrets.write_text(text, "utf-8")
    with pytest.raises(SettingError) as caught:
        list_endpoints()
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a/v1",
        "localhost:8000",
        "http://",
        "https://name:word@host/v1",
        "https://host/v1?key=1",
        "http://host:99999/v1",
        "http://ho st/v1",
        "http://host/v1\n",
        "",
    ],
)
def test_only_plain_http_addresses_are_taken(url):
    with pytest.raises(SettingError, match="address"):
        check_url(url)


def test_an_endpoint_is_tried_for_free():
    with scripted_endpoint() as (server, endpoint):
        check = check_endpoint(endpoint_at(endpoint.base_url, models=("scripted-careful", "other")))
    assert check.is_reachable
    assert "scripted-noisy" in check.models
    assert check.missing == ("other",)
    assert server.bill.report()["billed_calls"] == 0


def test_an_endpoint_that_refuses_or_is_gone_is_explained(monkeypatch):
    monkeypatch.setenv("WRONG_KEY", "refused-key")
    with scripted_endpoint() as (_, endpoint):
        refused = check_endpoint(endpoint_at(endpoint.base_url, key_variable="WRONG_KEY"))
        elsewhere = check_endpoint(endpoint_at(endpoint.base_url.removesuffix("/v1")))
    gone = check_endpoint(endpoint)
    assert not (refused.is_reachable)
    assert not (elsewhere.is_reachable)
    assert not (gone.is_reachable)
    assert "401" in refused.what
    assert "refused-key" not in refused.what
    assert "404" in elsewhere.what
    assert "connection failed" in gone.what
