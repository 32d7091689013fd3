"""What is asked of a model, under which limits, and what comes of each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

import msgspec

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.domain.whole_text import without_surrogates
from xlam_backend.errors import SettingError
from xlam_backend.prompts.prompt_file import Message

ReplyState = Literal["answered", "failed", "not_asked"]
LostAnswers = Literal["ask again", "not judged"]
LOST_ANSWERS: tuple[LostAnswers, ...] = get_args(LostAnswers)

_BUDGET_SPENT = "The budget of {limit} is spent."

# What templates of chat models put around each message and the whole, in tokens; generous.
MESSAGE_OVERHEAD = 16
CHAT_OVERHEAD = 32


class ChatRequest(msgspec.Struct, frozen=True):
    """One question to a model.

    `key` is the asker's own name for it and comes back with the reply. `sample` tells apart several
    answers wanted to the very same question. `response_format` is passed on as it is. `tools` are
    functions ({name, description, parameters as JSON Schema}) that the model may call through the
    interface itself; None: it is not told of any.
    """

    key: str
    model: str
    messages: tuple[Message, ...]
    temperature: float | None = 0.0
    max_tokens: int = 512
    seed: int | None = None
    response_format: dict[str, Any] | None = None
    sample: int = 0
    tools: tuple[dict[str, Any], ...] | None = None


class CalledTool(msgspec.Struct, frozen=True, array_like=True):
    """A call as a model sent it through the interface: `arguments` is the JSON text it wrote."""

    name: str
    arguments: str


class Reply(msgspec.Struct, frozen=True):
    """What came of one request; there is exactly one for each.

    answered   `text` is the reply; `finish_reason` "length" says that it was cut off
    failed     it was asked, and no usable reply came: `reason` says why
    not_asked  it was not asked, because the budget was spent, a person stopped the run, or every
               further call would have failed the same: `reason` says which

    Tokens and `cost` are those of every attempt that was or may have been billed for this request
    in this run; a reply `from_cache` costs nothing. `cost` is None where the endpoint has no prices.
    `tool_calls` are those of a request with tools. `seconds` is how long the call took that brought
    the answer, None where there is none or nobody measured.
    """

    key: str
    state: ReplyState
    text: str = ""
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    is_scripted: bool = False
    from_cache: bool = False
    attempts: int = 0
    finish_reason: str = ""
    model: str = ""
    tool_calls: tuple[CalledTool, ...] = ()
    seconds: float | None = None


# Takes a reply; what it returns is asked next, such as a question that depends on the answer.
OnReply = Callable[[Reply], Iterable[ChatRequest] | None]


class Budget(msgspec.Struct, frozen=True):
    """The most that a run may use, resumes included; None: no limit.

    `calls` counts what the endpoint bills or may have billed, not what it refused. `money` is in the
    currency of the endpoint's prices.
    """

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that would limit nothing, such as "nan"."""
        given = (self.calls, self.tokens, self.money)
        if not all(limit is None or 0 <= limit < float("inf") for limit in given):
            raise SettingError("A limit of the budget is no amount.", "Give 0 or more, or leave it out.")


class ClientSettings(msgspec.Struct, frozen=True):
    """How the endpoint is asked.

    `lost_answers` says what becomes of calls that were under way when the process was killed: asked
    again (with the same idempotency key), or left as they are, which can never pay twice.
    `most_failures_in_row` requests that fail one after another end the whole run.
    """

    concurrency: int = 8
    timeout_seconds: float = 60.0
    most_retries: int = 5
    budget: Budget = Budget()
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    most_failures_in_row: int = 20
    stop_grace_seconds: float = 5.0
    lost_answers: LostAnswers = "ask again"
    use_cache: bool = True
    stream: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.concurrency < 1 or self.most_retries < 0 or self.timeout_seconds <= 0:
            raise SettingError(
                "Calls at a time must be 1 or more, retries 0 or more, and the time limit above 0.",
                "Change these settings.",
            )


class AskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of the client that whoever has models asked may change; see `ClientSettings`."""

    concurrency: int = 8
    timeout_seconds: float = 60.0
    most_retries: int = 5
    lost_answers: LostAnswers = "ask again"
    budget: Budget = Budget()

    @property
    def client_settings(self) -> ClientSettings:
        """How the endpoint is asked."""
        return ClientSettings(
            concurrency=self.concurrency,
            timeout_seconds=self.timeout_seconds,
            most_retries=self.most_retries,
            lost_answers=self.lost_answers,
            budget=self.budget,
        )


class AskSummary(msgspec.Struct, frozen=True):
    """What came of all requests together.

    `calls`, tokens and `cost` are what this run has used so far, resumes included. `ended_because`
    is "" when every request was asked; else it says why the rest was not, and `way_out` what to do.
    """

    requests: int
    answered: int
    failed: int
    not_asked: int
    from_cache: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    ended_because: str = ""
    way_out: str = ""


def spent_reason(limit: str) -> str:
    """Say that a request was not asked because a limit of the budget left no room for it.

    >>> spent_reason("tokens")
    'The budget of tokens is spent.'
    """
    return _BUDGET_SPENT.format(limit=limit)


def is_spent(reason: str) -> bool:
    """Tell whether a request was not asked because the budget had no room for it.

    >>> is_spent(spent_reason("calls")), is_spent("A person stopped the run.")
    (True, False)
    """
    return reason.startswith(_BUDGET_SPENT.partition("{")[0])


def request_hash(base_url: str, request: ChatRequest) -> str:
    """Return the hash of everything that may change the answer."""
    asked: tuple[Any, ...] = (
        base_url,
        request.model,
        request.temperature,
        request.max_tokens,
        request.seed,
        request.response_format,
        request.messages,
        request.sample,
    )
    if request.tools is not None:  # requests without any keep the hash that their paid replies have
        asked = (*asked, request.tools)
    return content_hash(msgspec.json.encode(asked, order="sorted"))


def most_input_tokens(request: ChatRequest) -> int:
    """Return more tokens than a prompt can have: no tokenizer needs more than one for each byte."""
    texts = sum(len(message.content.encode()) + MESSAGE_OVERHEAD for message in request.messages)
    beside = [part for part in (request.response_format, request.tools) if part]
    form = sum(len(msgspec.json.encode(part)) for part in beside)
    return texts + form + CHAT_OVERHEAD


def sendable(request: ChatRequest) -> ChatRequest:
    """Return a request whose text can be sent: lone surrogates become replacement characters."""
    texts = [message.content for message in request.messages]
    if all(text.isascii() or without_surrogates(text) == text for text in texts):
        return request
    messages = tuple(
        Message(message.role, without_surrogates(message.content)) for message in request.messages
    )
    return msgspec.structs.replace(request, messages=messages)
