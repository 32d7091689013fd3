"""The client against an endpoint that lies, floods, sends elsewhere, or repeats the key."""

from __future__ import annotations

import gzip
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.scripted_endpoint import endpoint_at, serving
from tests.unit.llm.test_client import a_request, ask, requests, with_settings
from xlam_backend.errors import SettingError, StoreError
from xlam_backend.llm.chat import Budget
from xlam_backend.llm.reply_cache import ReplyCache, Usage
from xlam_backend.llm.reply_limit import LARGEST_REPLY
from xlam_backend.runs.failure import describe_error

ANSWER = {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}


@contextmanager
def answering(answer, **settings):
    """An endpoint that answers each call with what `answer(request, number of the call)` returns."""
    asked = []

    async def chat(request):
        asked.append(await request.body())
        return answer(request, len(asked))

    routes = [Route("/{path:path}", chat, methods=["GET", "POST"])]
    with serving(Starlette(routes=routes)) as address:
        yield asked, endpoint_at(f"{address}/v1", **settings)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -1_000_000, "completion_tokens": -1_000_000},
        {"prompt_tokens": 10**30, "completion_tokens": 10**30},
    ],
)
def test_token_counts_that_cannot_be_are_not_believed(tmp_path, usage):
    with answering(lambda *_: JSONResponse({**ANSWER, "usage": usage})) as (asked, endpoint):
        summary, replies = ask(endpoint, tmp_path, requests(20), with_settings(budget=Budget(tokens=2_000)))
    assert summary.answered == len(asked) > 0
    assert summary.not_asked == 20 - summary.answered > 0
    assert 0 < summary.input_tokens + summary.output_tokens <= 2_000
    assert all(reply.input_tokens >= 0 for reply in replies)


def floods(headers, piece):
    async def pieces():
        for _ in range(100_000):
            yield piece

    return StreamingResponse(pieces(), media_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("headers", "piece"),
    [({}, b" " * 65_536), ({"Content-Encoding": "gzip"}, gzip.compress(b" " * 50 * 2**20))],
)
def test_a_reply_without_end_is_left_and_not_kept_in_memory(tmp_path, headers, piece):
    with answering(lambda *_: floods(headers, piece)) as (asked, endpoint):
        _, (reply,) = ask(endpoint, tmp_path, [a_request()], with_settings(most_retries=1))
    assert reply.state == "failed"
    assert f"longer than {LARGEST_REPLY:,} bytes" in reply.reason
    assert len(asked) == 2


@pytest.mark.parametrize("status", [301, 307])
def test_nothing_is_sent_to_another_place_than_the_one_set_up(tmp_path, status):
    with answering(lambda *_: JSONResponse(ANSWER)) as (elsewhere, other):

        def answer(*_):
            return Response(status_code=status, headers={"Location": f"{other.base_url}/chat/completions"})

        with answering(answer) as (asked, endpoint):
            summary, _ = ask(endpoint, tmp_path, requests(50))
    assert elsewhere == []
    assert len(asked) < 10
    assert str(status) in summary.ended_because
    assert other.base_url in summary.way_out


@pytest.mark.parametrize("words", [250, 280, 295])
def test_no_part_of_the_key_stands_in_a_reason(tmp_path, monkeypatch, words):
    key = "sk-" + "0123456789abcdef" * 4
    monkeypatch.setenv("OPENAI_API_KEY", key)

    def answer(*_):
        return JSONResponse({"error": {"message": "x" * words + key}}, status_code=400)

    with answering(answer, key_variable="OPENAI_API_KEY", origin="environment") as (_, endpoint):
        _, (reply,) = ask(endpoint, tmp_path, [a_request()])
    assert reply.reason
    assert key[:6] not in reply.reason


def test_a_key_that_no_header_can_carry_is_explained(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-\N{EN DASH}1234567")
    with (
        answering(lambda *_: JSONResponse(ANSWER), key_variable="OPENAI_API_KEY") as (asked, endpoint),
        pytest.raises(SettingError, match="key") as refused,
    ):
        ask(endpoint, tmp_path, [a_request()])
    assert asked == []
    assert "1234567" not in str(refused.value)


@pytest.mark.parametrize(
    "wait", ["Thu, 01 Jan 2026 00:00:09 +9999999999", "1, 2", "Thu, 99 Foo 2026", "\t", "0x10", "١"]
)
def test_a_wait_that_makes_no_sense_is_no_wait(tmp_path, wait):
    def answer(_request, number):
        if number > 1:
            return JSONResponse(ANSWER)
        response = JSONResponse({"error": {"message": "slowly"}}, status_code=429)
        response.raw_headers.append((b"retry-after", wait.encode()))
        return response

    with answering(answer) as (_, endpoint):
        _, (reply,) = ask(endpoint, tmp_path, [a_request()], with_settings(longest_wait_seconds=30))
    assert (reply.state, reply.attempts) == ("answered", 2)


@pytest.mark.parametrize("money", [float("nan"), float("inf"), -1.0])
def test_a_budget_that_limits_nothing_by_mistake_is_refused(money):
    with pytest.raises(SettingError):
        Budget(money=money)


def test_a_call_that_may_have_been_billed_is_not_free_because_it_is_refused_later(tmp_path):
    """The answer was made and lost; asked again, the endpoint is too busy, to the end."""

    def answer(_request, number):
        if number == 1:
            return StreamingResponse(iter([b"{"]), headers={"Content-Length": "500"})
        return JSONResponse({"error": {"message": "slowly"}}, status_code=429)

    with answering(answer) as (_, endpoint):
        summary, (reply,) = ask(endpoint, tmp_path, [a_request()])
    assert reply.state == "failed"
    assert summary.calls == 1


def test_pieces_of_a_stream_that_are_no_text_are_no_answer(tmp_path):
    def answer(*_):
        piece = b'data: {"choices": [{"index": 0, "delta": {"content": [7]}, "finish_reason": "stop"}]}\n\n'
        return Response(piece + b"data: [DONE]\n\n", media_type="text/event-stream")

    with answering(answer) as (_, endpoint):
        _, (reply,) = ask(endpoint, tmp_path, [a_request()], with_settings(stream=True, most_retries=0))
    assert reply.state == "failed"
    assert "not in the form" in reply.reason


def test_a_disk_that_fills_up_is_said_to_be_full(tmp_path):
    cache = ReplyCache(tmp_path)
    cache._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreError) as full:
        all(cache.begin("run", f"{number:0500}", Usage(1)) for number in range(1_000))
    cache.close()
    assert describe_error(full.value).failure_class == "disk"
