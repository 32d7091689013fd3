"""Says what an error of the openai package means for the call, for the run, and for the bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Literal

import msgspec
import openai

Remedy = Literal["retry", "this call", "every call"]
Billed = Literal["no", "perhaps", "yes"]

MOST_OF_A_MESSAGE = 300
# Settings that go with every call: when one of them is refused, so is the next call.
SHARED_PARAMETERS = frozenset(
    {
        "model",
        "temperature",
        "seed",
        "response_format",
        "max_tokens",
        "max_completion_tokens",
        "stream",
        "tools",
    }
)
PAYMENT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
LENGTH_CODES = frozenset({"context_length_exceeded", "string_above_max_length"})
LENGTH_WORDS = (
    "context length",
    "context_length",
    "maximum context",
    "too many tokens",
    "prompt is too long",
)


class Failure(msgspec.Struct, frozen=True):
    """Why an attempt gave no usable reply.

    `remedy`: try it again, give up this call, or give up the run because every call would fail the
    same. `billed` says whether the endpoint charged for it, as far as can be known.
    """

    remedy: Remedy
    reason: str
    way_out: str = ""
    billed: Billed = "no"
    wait_seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class ReplyUnusableError(Exception):
    """The endpoint said 200, and what it sent is no usable chat completion.

    `is_final`: asking again would bring the same.
    """

    def __init__(
        self,
        reason: str,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        is_final: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.is_final = is_final


# What one attempt may raise; everything else is a bug and stays as it is.
CALL_ERRORS = (openai.OpenAIError, ReplyUnusableError, TimeoutError)


def failure_of(error: BaseException, *, now: datetime) -> Failure:
    """Return what an error means; `now` is for a Retry-After that names a time."""
    if isinstance(error, ReplyUnusableError):
        return Failure(
            "this call" if error.is_final else "retry",
            error.reason,
            billed="yes",
            input_tokens=error.input_tokens,
            output_tokens=error.output_tokens,
        )
    if isinstance(error, (TimeoutError, openai.APITimeoutError)):
        return Failure(
            "retry",
            "No answer within the time limit.",
            "Raise the time limit of a call.",
            billed="perhaps" if _may_have_arrived(error) else "no",
        )
    if isinstance(error, openai.APIStatusError):
        return _failure_of_status(error, now)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, ReplyUnusableError):  # what was read broke one of our own limits
            return failure_of(error.__cause__, now=now)
        return Failure(
            "retry",
            f"The connection failed: {_cause(error)}",
            "Check the address of the endpoint, and that it is running.",
            billed="perhaps" if _may_have_arrived(error) else "no",
        )
    if isinstance(error, (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError)):
        return Failure("this call", str(error), billed="yes")
    if isinstance(error, openai.APIResponseValidationError):
        return Failure("retry", "The reply is not in the form of a chat completion.", billed="yes")
    if isinstance(error, openai.APIError):  # an error that came as an event of a stream
        return Failure("retry", f"The endpoint broke off: {_shortened(error.message)}", billed="perhaps")
    return Failure(
        "every call", _shortened(str(error) or type(error).__name__), "Check the settings of the endpoint."
    )


def retry_after_seconds(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read how long a server asks to wait: seconds, or a time of day.

    >>> retry_after_seconds({"retry-after": "1.5"}, now=datetime(2026, 1, 1, tzinfo=UTC))
    1.5
    >>> retry_after_seconds({"retry-after-ms": "250"}, now=datetime(2026, 1, 1, tzinfo=UTC))
    0.25
    >>> given = {"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT"}
    >>> retry_after_seconds(given, now=datetime(2026, 1, 1, tzinfo=UTC))
    9.0
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after", "")
    seconds = _number(given)
    if seconds is not None:
        return seconds
    try:
        wanted = parsedate_to_datetime(given)
    except ValueError:
        return None
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=UTC)
    return max(0.0, (wanted - now).total_seconds())


def _failure_of_status(error: openai.APIStatusError, now: datetime) -> Failure:
    said = f"The endpoint answered {error.status_code}: {_said(error)}"
    if error.code in PAYMENT_CODES or error.status_code == HTTPStatus.PAYMENT_REQUIRED:
        return Failure("every call", said, "The account of this key has nothing left to spend; top it up.")
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return _moved(error, said)
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after_seconds(error.response.headers, now=now)
        return Failure("retry", said, "Ask fewer calls at a time.", wait_seconds=wait)
    if error.status_code in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}:
        return Failure("retry", said)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = retry_after_seconds(error.response.headers, now=now)
        # A gateway that gave up waiting says nothing of the server behind it.
        billed: Billed = "perhaps" if error.status_code == HTTPStatus.GATEWAY_TIMEOUT else "no"
        return Failure("retry", said, "Resume the run when the endpoint works.", billed, wait)
    return _refusal(error, said)


def _moved(error: openai.APIStatusError, said: str) -> Failure:
    """Return what it means to be sent elsewhere: nobody has said that records may go there."""
    place = _shortened(error.response.headers.get("location", ""))
    return Failure(
        "every call",
        said,
        f"It points to {place}; if that is the right place, set it as the address."
        if place
        else "Check the address of the endpoint.",
    )


def _refusal(error: openai.APIStatusError, said: str) -> Failure:
    """Return what a 4xx means that no waiting will change."""
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return Failure(
            "every call", said, "Set the key of this endpoint (OPENAI_API_KEY, or api_key in secrets.toml)."
        )
    if error.status_code == HTTPStatus.FORBIDDEN:
        return Failure("every call", said, "This key may not use this model; choose another model or key.")
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Failure(
            "every call",
            said,
            "Check the model's name, and that the address ends as the endpoint wants it (often /v1).",
        )
    if _is_too_long(error):
        return Failure(
            "this call",
            said,
            "The prompt is longer than the model takes; choose a model with a longer context.",
        )
    if error.param in SHARED_PARAMETERS:
        return Failure(
            "every call", said, f"The endpoint does not take the setting {error.param!r} as it is; change it."
        )
    return Failure("this call", said)


def _is_too_long(error: openai.APIStatusError) -> bool:
    if error.code in LENGTH_CODES or error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return True
    return any(words in _said(error).lower() for words in LENGTH_WORDS)


def _said(error: openai.APIStatusError) -> str:
    body: Any = error.body
    message = body.get("message") if isinstance(body, dict) else body
    return _shortened(message if isinstance(message, str) and message else error.message)


def _may_have_arrived(error: BaseException) -> bool:
    """Whether the request may have been read before the connection broke."""
    return type(error.__cause__).__name__ not in {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def _cause(error: openai.APIConnectionError) -> str:
    cause = error.__cause__
    return _shortened(str(cause) or type(cause).__name__) if cause else _shortened(error.message)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_OF_A_MESSAGE else line[:MOST_OF_A_MESSAGE] + "…"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
