"""The OpenAI-compatible endpoints that can be asked, and how to reach them; keys never leave this file.

An endpoint comes from one of three places, and the first that has a name counts:

* the environment: OPENAI_BASE_URL, OPENAI_API_KEY, and OPENAI_MODEL or XLAM_MODELS (names with commas
  between them); its name is "environment"
* a table `[endpoints.NAME]` of .streamlit/secrets.toml: base_url, models, api_key (or key_variable, the
  name of an environment variable that holds it), price_input and price_output (money per million tokens)
* the scripted local server while it runs; its name is "scripted"
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import msgspec

from xlam_backend.errors import SettingError, UnknownNameError
from xlam_backend.llm.scripted_process import SCRIPTED_MODELS, running_scripted_server
from xlam_backend.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Origin = Literal["environment", "secrets.toml", "scripted server"]

TokenLimitField = Literal["max_tokens", "max_completion_tokens"]

SCRIPTED = "scripted"
ENVIRONMENT = "environment"
OPENAI_URL = "https://api.openai.com/v1"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,59}")
NO_KEY = "none"  # local servers ask for no key, and the openai package insists on one
SHORTEST_SECRET = 6  # shorter "keys" are placeholders such as "none", which may well stand in a message


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place that answers chat requests. It says where its key is, and never holds it.

    `price_input` and `price_output` are money per million tokens. `honours_idempotency`: a call that
    comes a second time with the same idempotency key is not billed again.
    """

    name: str
    base_url: str
    models: tuple[str, ...]
    origin: Origin
    key_variable: str = ""
    price_input: float | None = None
    price_output: float | None = None
    honours_idempotency: bool = False
    token_limit_field: TokenLimitField = "max_tokens"  # noqa: S105 - tokens of text

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return _is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def is_scripted(self) -> bool:
        """Whether it is the scripted local server, which is for trying out."""
        return self.origin == "scripted server"

    @property
    def has_prices(self) -> bool:
        """Whether money can be counted."""
        return self.price_input is not None and self.price_output is not None

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what tokens cost here; None without prices."""
        if self.price_input is None or self.price_output is None:
            return None
        return (input_tokens * self.price_input + output_tokens * self.price_output) / 1_000_000


class _Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table `[endpoints.NAME]` of secrets.toml."""

    base_url: str
    models: tuple[str, ...] = ()
    api_key: str = ""
    key_variable: str = ""
    price_input: float | None = None
    price_output: float | None = None
    honours_idempotency: bool = False
    token_limit_field: TokenLimitField = "max_tokens"  # noqa: S105 - tokens of text

    def __repr__(self) -> str:
        return f"_Secrets(base_url={self.base_url!r})"


def list_endpoints(folder: Path | None = None) -> list[Endpoint]:
    """Return every endpoint that is set up or running; `folder` is the data folder.

    Raises:
        SettingError: an address or a table of secrets.toml cannot be used.
    """
    found = [*_from_environment(), *_from_secrets(), *_from_scripted_server(folder)]
    return list({endpoint.name: endpoint for endpoint in reversed(found)}.values())[::-1]


def endpoint_by_name(name: str, folder: Path | None = None) -> Endpoint:
    """Return the endpoint with this name."""
    endpoints = list_endpoints(folder)
    for endpoint in endpoints:
        if endpoint.name == name:
            return endpoint
    if name == SCRIPTED:
        raise SettingError(
            "The scripted local server is not running.",
            "Start it: python -m xlam_backend endpoint start-scripted",
        )
    raise UnknownNameError("endpoint", name, known=(endpoint.name for endpoint in endpoints))


def open_client(endpoint: Endpoint, *, timeout_seconds: float) -> AsyncOpenAI:
    """Return the openai package's client for an endpoint; its own retries are off.

    Raises:
        SettingError: the key holds characters that no header can carry.
    """
    import openai

    from xlam_backend.llm.reply_limit import limit_reply

    http_client = openai.DefaultAsyncHttpxClient(
        trust_env=not endpoint.is_local,  # loopback is reached directly, whatever proxy is named
        timeout=timeout_seconds,
        follow_redirects=False,  # records go to the place that was set up, and to no other
        event_hooks={"response": [limit_reply]},
    )
    return openai.AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=_sendable_key(endpoint),
        max_retries=0,
        timeout=timeout_seconds,
        default_headers={"Accept-Encoding": "identity"},
        http_client=http_client,
    )


def _sendable_key(endpoint: Endpoint) -> str:
    key = _key_of(endpoint) or NO_KEY
    if not key.isascii() or not key.isprintable():
        raise SettingError(
            f"The key of the endpoint {endpoint.name} holds characters that cannot be sent.",
            "Copy it anew: a dash or a quotation mark may have been changed on the way.",
        )
    return key


def without_key(endpoint: Endpoint, text: str) -> str:
    """Return a text in which the key of an endpoint is struck out, wherever a server repeats it."""
    key = _key_of(endpoint)
    if len(key) < SHORTEST_SECRET:
        return text
    text = text.replace(key, "[key]")
    begin = text.removesuffix("…")
    for length in range(len(key) - 1, SHORTEST_SECRET - 1, -1):
        if begin.endswith(key[:length]):  # a message that was shortened in the middle of the key
            return f"{begin[:-length]}[key]…"
    return text


def has_key(endpoint: Endpoint) -> bool:
    """Whether a key is set for an endpoint."""
    return bool(_key_of(endpoint))


def check_url(url: str) -> str:
    """Return the address of an endpoint without a slash at its end.

    Raises:
        SettingError: it is not an http or https address, or carries a name and password.

    >>> check_url("http://localhost:8000/v1/")
    'http://localhost:8000/v1'
    """
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_usable = False
    # The address itself is not repeated where it may carry a password.
    if not is_usable or not url.isprintable() or " " in url:
        raise SettingError(
            "The address of the endpoint is no http or https address.",
            "Write it like https://api.example.com/v1 or http://localhost:8000/v1.",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingError(
            "The address of the endpoint carries more than host and path.",
            "Leave out name, password, ? and #; a key belongs into OPENAI_API_KEY or api_key.",
        )
    return url.rstrip("/")


def _from_environment() -> list[Endpoint]:
    url = os.environ.get("OPENAI_BASE_URL", "").strip()
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not url and not key:
        return []
    named = os.environ.get("XLAM_MODELS", "") or os.environ.get("OPENAI_MODEL", "")
    models = tuple(name.strip() for name in named.split(",") if name.strip())
    return [
        Endpoint(
            name=ENVIRONMENT,
            base_url=check_url(url or OPENAI_URL),
            models=models,
            origin="environment",
            key_variable="OPENAI_API_KEY" if key else "",
            price_input=_price("XLAM_PRICE_INPUT"),
            price_output=_price("XLAM_PRICE_OUTPUT"),
        )
    ]


def _price(variable: str) -> float | None:
    given = os.environ.get(variable, "").strip()
    try:
        price = float(given) if given else None
    except ValueError:
        price = -1.0
    return _checked_price(price, variable)


def _checked_price(price: float | None, where: str) -> float | None:
    if price is not None and not 0 <= price < float("inf"):
        raise SettingError(f"The price {where} is no amount.", "Give money per million tokens, such as 0.15.")
    return price


def secrets_file() -> Path:
    """Return where secrets are kept: .streamlit/secrets.toml, or `XLAM_SECRETS_FILE`."""
    given = os.environ.get("XLAM_SECRETS_FILE", "")
    return Path(given).expanduser() if given else PROJECT_ROOT / ".streamlit" / "secrets.toml"


def _tables() -> dict[str, _Secrets]:
    file = secrets_file()
    try:
        everything: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return msgspec.convert(everything.get("endpoints", {}), dict[str, _Secrets])
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        # Only the place of the trouble: a line of this file may be a key.
        place = str(error).partition(" - at ")[2] if isinstance(error, msgspec.ValidationError) else ""
        raise SettingError(
            f"{file} cannot be read{f' at {place}' if place else ''}.",
            "Each endpoint is a table [endpoints.NAME] with base_url, models = [...] and api_key.",
        ) from None


def _from_secrets() -> list[Endpoint]:
    return [_endpoint_of(name, table) for name, table in _tables().items()]


def _endpoint_of(name: str, table: _Secrets) -> Endpoint:
    if not NAME.fullmatch(name) or name == SCRIPTED:
        raise SettingError(
            "secrets.toml names an endpoint in a way that cannot be used.",
            "Use letters, digits, dots and dashes; 'scripted' is taken.",
        )
    return Endpoint(
        name=name,
        base_url=check_url(table.base_url),
        models=table.models,
        origin="secrets.toml",
        key_variable=table.key_variable,
        price_input=_checked_price(table.price_input, f"price_input of {name}"),
        price_output=_checked_price(table.price_output, f"price_output of {name}"),
        honours_idempotency=table.honours_idempotency,
        token_limit_field=table.token_limit_field,
    )


def _from_scripted_server(folder: Path | None) -> list[Endpoint]:
    running = running_scripted_server(folder)
    if running is None:
        return []
    return [
        Endpoint(
            name=SCRIPTED,
            base_url=running.base_url,
            models=SCRIPTED_MODELS,
            origin="scripted server",
            price_input=0.0,
            price_output=0.0,
            honours_idempotency=True,
        )
    ]


def _key_of(endpoint: Endpoint) -> str:
    if endpoint.key_variable:
        return os.environ.get(endpoint.key_variable, "").strip()
    if endpoint.origin == "secrets.toml":
        table = _tables().get(endpoint.name)
        return table.api_key.strip() if table else ""
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
