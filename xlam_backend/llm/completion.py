"""Reads what an endpoint sent: one chat completion, whole or as a stream, strictly."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from xlam_backend.domain.whole_text import without_surrogates
from xlam_backend.llm.chat import CalledTool
from xlam_backend.llm.failure import ReplyUnusableError

SCRIPTED_FINGERPRINT = "scripted-local-server"
MOST_TOKENS = 10**9  # of one call; an endpoint that says more, or less than none, is not believed


class Completion(msgspec.Struct, frozen=True):
    """One answer; token counts are None where the endpoint gives none."""

    text: str
    finish_reason: str
    model: str
    is_scripted: bool
    input_tokens: int | None
    output_tokens: int | None
    tool_calls: tuple[CalledTool, ...] = ()


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: Any = None
    completion_tokens: Any = None

    @property
    def input_tokens(self) -> int | None:
        return _believable(self.prompt_tokens)

    @property
    def output_tokens(self) -> int | None:
        return _believable(self.completion_tokens)


class _Function(msgspec.Struct, frozen=True):
    name: str
    arguments: str | dict[str, Any] | None = None


class _ToolCall(msgspec.Struct, frozen=True):
    function: _Function


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    tool_calls: tuple[_ToolCall, ...] | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message
    finish_reason: str | None = None


class _Body(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]
    model: str | None = None
    system_fingerprint: str | None = None
    usage: _Usage | None = None


class _UsageOnly(msgspec.Struct, frozen=True):
    usage: _Usage | None = None


def read_completion(content: bytes, *, has_tools: bool = False) -> Completion:
    """Read the body of a reply; one to a request with tools may hold calls instead of text, or neither.

    Raises:
        ReplyUnusableError: it is cut off, of another form, or holds no text.
    """
    body = _decoded(content)
    used = body.usage or _Usage()
    if not body.choices:
        raise _unusable("The reply holds no answer (choices is empty).", used)
    choice = body.choices[0]
    calls = tuple(map(_called, choice.message.tool_calls or ()))
    return _checked(
        Completion(
            "" if choice.message.content is None else choice.message.content,
            choice.finish_reason or "",
            body.model or "",
            body.system_fingerprint == SCRIPTED_FINGERPRINT,
            used.input_tokens,
            used.output_tokens,
            calls,
        ),
        has_text=choice.message.content is not None or has_tools,
    )


async def read_stream(chunks: AsyncIterator[Any]) -> Completion:
    """Put the chunks of a stream together.

    Raises:
        ReplyUnusableError: it ended before its end, or a piece of it is of another form.
    """
    texts: list[str] = []
    finish_reason = model = fingerprint = ""
    used = _Usage()
    try:
        async for chunk in chunks:
            model = chunk.model or model
            fingerprint = chunk.system_fingerprint or fingerprint
            if chunk.usage is not None:
                used = _Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in chunk.choices[:1]:
                texts.append(choice.delta.content or "")
                finish_reason = choice.finish_reason or finish_reason
        text = "".join(texts)  # the package takes pieces as they are, and they may be of any type
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise _unusable("A piece of the stream is not in the form of a chat completion.", used) from error
    if not finish_reason:
        raise _unusable("The stream ended before the answer did.", used)
    return _checked(
        Completion(
            text,
            str(finish_reason),
            str(model),
            fingerprint == SCRIPTED_FINGERPRINT,
            used.input_tokens,
            used.output_tokens,
        ),
        has_text=bool(texts),
    )


def _decoded(content: bytes) -> _Body:
    try:
        # The standard reader takes lone surrogates, which some servers send; they are replaced below.
        return msgspec.convert(json.loads(content), _Body)
    except msgspec.ValidationError as error:
        raise _unusable(
            f"The reply is not in the form of a chat completion: {error}.", _usage(content)
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReplyUnusableError("The reply is not whole JSON.") from error


def _called(call: _ToolCall) -> CalledTool:
    arguments = call.function.arguments
    # Some servers send the object itself, which is to be text.
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    return CalledTool(without_surrogates(call.function.name), without_surrogates(text))


def _usage(content: bytes) -> _Usage:
    try:
        return msgspec.convert(json.loads(content), _UsageOnly).usage or _Usage()
    except msgspec.ValidationError:
        return _Usage()


def _checked(completion: Completion, *, has_text: bool) -> Completion:
    used = _Usage(completion.input_tokens, completion.output_tokens)
    if completion.finish_reason == "content_filter":
        raise _unusable("The endpoint's content filter withheld the answer.", used, is_final=True)
    if not has_text:
        raise _unusable("The reply holds no text.", used)
    return msgspec.structs.replace(completion, text=without_surrogates(completion.text))


def _unusable(reason: str, used: _Usage, *, is_final: bool = False) -> ReplyUnusableError:
    return ReplyUnusableError(
        reason, input_tokens=used.input_tokens, output_tokens=used.output_tokens, is_final=is_final
    )


def _believable(count: Any) -> int | None:
    return count if type(count) is int and 0 <= count <= MOST_TOKENS else None
