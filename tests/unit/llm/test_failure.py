"""Every exception of the openai package, and what it means for the call, the run and the bill."""

from __future__ import annotations

from datetime import UTC, datetime

import openai
import openai._exceptions as exceptions
import pytest

from xlam_backend.llm.failure import CALL_ERRORS, ReplyUnusableError, failure_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_response(status, headers=None):
    client = openai.DefaultHttpxClient()
    request = client.build_request("POST", "http://localhost/v1")
    # The response class is that of the HTTP package openai stands on, whichever that is.
    import importlib

    package = importlib.import_module(type(request).__module__.partition(".")[0])
    return package.Response(status, headers=headers or {}, request=request)


def of_status(kind, status, body=None, headers=None):
    return kind("said", response=a_response(status, headers), body=body)


REQUEST = a_response(200).request

# Every exception class the package defines: one example, and what is done about it.
KNOWN = {
    "OpenAIError": (openai.OpenAIError("no key"), "every call", "no"),
    "SubjectTokenProviderError": (exceptions.SubjectTokenProviderError("no token"), "every call", "no"),
    "APIError": (openai.APIError("broke off", REQUEST, body=None), "retry", "perhaps"),
    "APIResponseValidationError": (
        openai.APIResponseValidationError(a_response(200), None),
        "retry",
        "yes",
    ),
    "APIStatusError": (of_status(openai.APIStatusError, 418), "this call", "no"),
    "APIConnectionError": (openai.APIConnectionError(request=REQUEST), "retry", "perhaps"),
    "APITimeoutError": (openai.APITimeoutError(REQUEST), "retry", "perhaps"),
    "BadRequestError": (of_status(openai.BadRequestError, 400), "this call", "no"),
    "AuthenticationError": (of_status(openai.AuthenticationError, 401), "every call", "no"),
    "OAuthError": (exceptions.OAuthError(response=a_response(401), body=None), "every call", "no"),
    "PermissionDeniedError": (of_status(openai.PermissionDeniedError, 403), "every call", "no"),
    "NotFoundError": (of_status(openai.NotFoundError, 404), "every call", "no"),
    "ConflictError": (of_status(openai.ConflictError, 409), "retry", "no"),
    "UnprocessableEntityError": (of_status(openai.UnprocessableEntityError, 422), "this call", "no"),
    "RateLimitError": (of_status(openai.RateLimitError, 429), "retry", "no"),
    "InternalServerError": (of_status(openai.InternalServerError, 500), "retry", "no"),
    "LengthFinishReasonError": (
        openai.LengthFinishReasonError(
            completion=openai.types.chat.ChatCompletion.model_construct(usage=None)
        ),
        "this call",
        "yes",
    ),
    "ContentFilterFinishReasonError": (openai.ContentFilterFinishReasonError(), "this call", "yes"),
    "WebSocketConnectionClosedError": (
        exceptions.WebSocketConnectionClosedError("closed", unsent_messages=[]),
        "every call",
        "no",
    ),
    "WebSocketQueueFullError": (exceptions.WebSocketQueueFullError(), "every call", "no"),
}
# Not raised by calls: it belongs to receiving webhooks, and is no OpenAIError.
ELSEWHERE = {"InvalidWebhookSignatureError"}


def test_every_exception_of_the_package_is_known():
    defined = {
        name
        for name, value in vars(exceptions).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__.partition(".")[0] == "openai"
    }
    assert defined == set(KNOWN) | ELSEWHERE


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_each_has_its_remedy_and_its_bill(name):
    error, remedy, billed = KNOWN[name]
    assert type(error).__name__ == name
    assert isinstance(error, CALL_ERRORS)
    failure = failure_of(error, now=NOW)
    assert (failure.remedy, failure.billed) == (remedy, billed)
    assert failure.reason


@pytest.mark.parametrize(
    ("status", "kind", "body", "remedy", "words"),
    [
        (429, openai.RateLimitError, {"code": "insufficient_quota"}, "every call", "top it up"),
        (402, openai.APIStatusError, None, "every call", "top it up"),
        (400, openai.BadRequestError, {"code": "context_length_exceeded"}, "this call", "longer context"),
        (400, openai.BadRequestError, {"message": "maximum context length is 8192"}, "this call", "longer"),
        (413, openai.APIStatusError, None, "this call", "longer context"),
        (400, openai.BadRequestError, {"param": "temperature"}, "every call", "temperature"),
        (400, openai.BadRequestError, {"param": "messages[1]"}, "this call", ""),
        (503, openai.InternalServerError, None, "retry", "Resume"),
    ],
)
def test_the_body_of_an_error_tells_more(status, kind, body, remedy, words):
    failure = failure_of(of_status(kind, status, body), now=NOW)
    assert failure.remedy == remedy
    assert words in failure.way_out


def test_a_gateway_that_gave_up_may_have_cost_something():
    assert failure_of(of_status(openai.InternalServerError, 504), now=NOW).billed == "perhaps"


def test_a_connection_that_never_stood_cost_nothing():
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = type("ConnectError", (Exception,), {})("refused")
    assert failure_of(error, now=NOW).billed == "no"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "120", "retry-after": "7"}, 0.12),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT"}, 60.0),
        ({"retry-after": "Wed, 31 Dec 2025 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_read_in_every_form(headers, seconds):
    failure = failure_of(of_status(openai.RateLimitError, 429, headers=headers), now=NOW)
    assert failure.wait_seconds == seconds


def test_a_reply_that_cannot_be_used_was_paid():
    failure = failure_of(ReplyUnusableError("no", input_tokens=3, output_tokens=4), now=NOW)
    assert (failure.remedy, failure.billed, failure.input_tokens, failure.output_tokens) == (
        "retry",
        "yes",
        3,
        4,
    )


def test_long_messages_of_a_server_are_shortened_to_one_line():
    failure = failure_of(of_status(openai.BadRequestError, 400, {"message": "a\n" * 5000}), now=NOW)
    assert len(failure.reason) < 400
    assert "\n" not in failure.reason
