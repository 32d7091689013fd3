"""The client against a real HTTP server that answers well and badly."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.scripted_endpoint import endpoint_at, scripted_endpoint, serving
from xlam_backend.errors import SettingError
from xlam_backend.llm.chat import Budget, ChatRequest, ClientSettings, most_input_tokens
from xlam_backend.llm.client import ask_all
from xlam_backend.prompts.prompt_file import Message

QUICK = ClientSettings(concurrency=4, timeout_seconds=10, most_retries=3, first_wait_seconds=0.001)
MODEL = "scripted-careful"


def a_request(key="a", words=None, **settings):
    settings = {"model": MODEL, "max_tokens": 64, **settings}
    return ChatRequest(key, messages=(Message("user", words or f"Question {key}"),), **settings)


def requests(count, **settings):
    return [a_request(str(number), **settings) for number in range(count)]


def ask(endpoint, folder, asked, settings=QUICK, run_id="run", **others):
    replies = []
    summary = ask_all(
        asked,
        endpoint=endpoint,
        settings=settings,
        cache_folder=folder,
        run_id=run_id,
        on_reply=others.pop("on_reply", replies.append),
        **others,
    )
    return summary, replies


def with_settings(**changed):
    return ClientSettings(**{name: getattr(QUICK, name) for name in QUICK.__struct_fields__} | changed)


def test_every_request_gets_one_reply_and_says_that_it_is_scripted(tmp_path):
    with scripted_endpoint() as (server, endpoint):
        summary, replies = ask(endpoint, tmp_path, requests(30))
    assert sorted(reply.key for reply in replies) == sorted(str(number) for number in range(30))
    assert {(reply.state, reply.is_scripted, reply.attempts) for reply in replies} == {("answered", True, 1)}
    assert server.bill.report()["billed_calls"] == summary.calls == summary.answered == 30
    assert summary.input_tokens == server.bill.input_tokens
    assert summary.cost == pytest.approx((server.bill.input_tokens + 2 * server.bill.output_tokens) / 1e6)


def test_no_more_calls_at_once_than_allowed(tmp_path):
    with scripted_endpoint(latency_seconds=0.02) as (server, endpoint):
        ask(endpoint, tmp_path, requests(40), with_settings(concurrency=5))
    assert server.bill.most_at_once == 5


@pytest.mark.parametrize("fault", ["rate_limit", "error", "hang", "broken", "truncated", "wrong_schema"])
def test_what_goes_wrong_once_is_tried_again(tmp_path, fault):
    behaviour = {"faults": {fault: 1.0}, "most_faults": 1, "retry_after_seconds": 0.01}
    with scripted_endpoint(**behaviour) as (server, endpoint):
        summary, replies = ask(endpoint, tmp_path, requests(3), with_settings(timeout_seconds=0.5))
    assert {(reply.state, reply.attempts) for reply in replies} == {("answered", 2)}
    assert server.bill.faults == {fault: 3}
    assert server.bill.report()["billed_calls"] == summary.calls
    assert server.bill.report()["billed_twice_by_key"] == 0


@pytest.mark.parametrize(
    ("fault", "reason", "calls"),
    [
        ("rate_limit", "The endpoint answered 429", 0),
        ("error", "The endpoint answered 500", 0),
        ("truncated", "not whole JSON", 4),
        ("wrong_schema", "not in the form of a chat completion", 4),
        ("hang", "No answer within the time limit", 1),
    ],
)
def test_what_stays_wrong_fails_with_its_reason_and_its_bill(tmp_path, fault, reason, calls):
    with scripted_endpoint(retry_after_seconds=0.01) as (server, endpoint):
        asked = [a_request(model=f"{MODEL}@{fault}")]
        # A hanging call that is tried again has its answer: here it is not.
        settings = with_settings(timeout_seconds=0.3, most_retries=0) if fault == "hang" else QUICK
        summary, (reply,) = ask(endpoint, tmp_path, asked, settings)
    assert reply.state == "failed"
    assert reason in reply.reason
    assert summary.calls == server.bill.report()["billed_calls"] == calls
    assert (reply.input_tokens > 0) == (calls > 0)


def test_the_answer_of_a_call_that_timed_out_is_had_at_the_same_price(tmp_path):
    with scripted_endpoint() as (server, endpoint):
        asked = [a_request(model=f"{MODEL}@hang")]
        summary, (reply,) = ask(endpoint, tmp_path, asked, with_settings(timeout_seconds=0.3))
    assert (reply.state, reply.attempts, summary.calls) == ("answered", 2, 1)
    assert server.bill.report()["billed_calls"] == 1


def test_without_idempotency_a_call_that_timed_out_counts_as_paid(tmp_path):
    with scripted_endpoint() as (_, endpoint):
        endpoint = endpoint_at(endpoint.base_url, honours_idempotency=False)
        asked = [a_request(model=f"{MODEL}@hang")]
        summary, (reply,) = ask(endpoint, tmp_path, asked, with_settings(timeout_seconds=0.3))
    assert (reply.state, summary.calls) == ("answered", 2)
    assert reply.output_tokens >= 64


def test_a_slow_body_is_waited_for_within_the_limit_and_not_beyond(tmp_path):
    with scripted_endpoint(slow_seconds=0.3) as (_, endpoint):
        asked = [a_request(model=f"{MODEL}@slow")]
        assert ask(endpoint, tmp_path, asked)[1][0].state == "answered"
        hurried = with_settings(timeout_seconds=0.1, most_retries=0)
        reply = ask(endpoint, tmp_path / "other", asked, hurried)[1][0]
    # Every piece came in time; the whole did not.
    assert (reply.state, reply.reason) == ("failed", "No answer within the time limit.")


@pytest.mark.parametrize("fault", ["", "slow"])
def test_a_stream_gives_the_same_text_as_a_body(tmp_path, fault):
    asked = [a_request(model=f"{MODEL}@{fault}", max_tokens=500)]
    with scripted_endpoint(slow_seconds=0.1) as (_, endpoint):
        (_, (streamed,)) = ask(endpoint, tmp_path / "a", asked, with_settings(stream=True), run_id="a")
        (_, (whole,)) = ask(endpoint, tmp_path / "b", asked, run_id="b")
    assert streamed.state == "answered"
    assert (streamed.text, streamed.is_scripted) == (whole.text, True)
    assert (streamed.input_tokens, streamed.output_tokens) == (whole.input_tokens, whole.output_tokens)


@pytest.mark.parametrize("fault", ["truncated", "broken", "wrong_schema"])
def test_a_stream_that_breaks_off_is_no_answer(tmp_path, fault):
    asked = [a_request(model=f"{MODEL}@{fault}")]
    with scripted_endpoint() as (_, endpoint):
        settings = with_settings(stream=True, most_retries=1)
        (_, (reply,)) = ask(endpoint, tmp_path, asked, settings)
    assert (reply.state, reply.attempts, reply.text) == ("failed", 2, "")


def test_an_answer_that_is_cut_off_says_so(tmp_path):
    with scripted_endpoint() as (_, endpoint):
        (_, (reply,)) = ask(endpoint, tmp_path, [a_request(max_tokens=2)])
    assert (reply.state, reply.finish_reason) == ("answered", "length")


def test_what_would_fail_for_every_call_ends_the_run_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("WRONG_KEY", "refused-key")
    with scripted_endpoint() as (server, endpoint):
        endpoint = endpoint_at(endpoint.base_url, key_variable="WRONG_KEY")
        summary, replies = ask(endpoint, tmp_path, requests(200))
    assert len(replies) == 200
    assert summary.not_asked >= 190
    assert server.bill.requests <= 10
    assert summary.ended_because.startswith("The endpoint answered 401")
    assert "Set the key" in summary.way_out
    # The server repeats the key in its message; nobody else does.
    assert not [reply for reply in replies if "refused-key" in reply.reason]
    assert "refused-key" not in summary.ended_because


@pytest.mark.parametrize(
    ("key", "model", "status", "way_out"),
    [
        ("forbidden-key", MODEL, 403, "may not use this model"),
        ("any-key", "gpt-nothing", 404, "Check the model's name"),
    ],
)
def test_refusals_that_hold_for_all_end_the_run(tmp_path, monkeypatch, key, model, status, way_out):
    monkeypatch.setenv("SOME_KEY", key)
    with scripted_endpoint() as (_, endpoint):
        endpoint = endpoint_at(endpoint.base_url, key_variable="SOME_KEY")
        summary, _ = ask(endpoint, tmp_path, requests(50, model=model))
    assert f"answered {status}" in summary.ended_because
    assert way_out in summary.way_out
    assert summary.calls == 0


def test_a_prompt_that_is_too_long_fails_alone(tmp_path):
    with scripted_endpoint(context_tokens=100) as (_, endpoint):
        asked = [a_request("long", "x" * 4000), *requests(5)]
        summary, replies = ask(endpoint, tmp_path, asked)
    failed = [reply for reply in replies if reply.state == "failed"]
    assert [reply.key for reply in failed] == ["long"]
    assert failed[0].attempts == 1
    assert (summary.answered, summary.ended_because) == (5, "")


def test_an_endpoint_that_is_not_there_ends_the_run_after_some_tries(tmp_path):
    with scripted_endpoint() as (_, endpoint):
        pass
    settings = with_settings(most_retries=1, most_failures_in_row=5)
    summary, replies = ask(endpoint, tmp_path, requests(60), settings)
    assert len(replies) == 60
    assert summary.ended_because.startswith("5 calls in a row failed")
    assert (summary.calls, summary.cost) == (0, 0.0)
    assert summary.not_asked > 0


def test_a_server_that_asks_for_a_long_wait_ends_the_run(tmp_path):
    with scripted_endpoint(faults={"rate_limit": 1.0}, retry_after_seconds=3600) as (_, endpoint):
        summary, replies = ask(endpoint, tmp_path, requests(20))
    assert "asks to wait 3600 seconds" in summary.ended_because
    assert {reply.state for reply in replies} <= {"failed", "not_asked"}


def test_retry_after_is_honoured(tmp_path):
    waited = {"faults": {"rate_limit": 1.0}, "most_faults": 1, "retry_after_seconds": 0.4}
    with scripted_endpoint(**waited) as (server, endpoint):
        times = []
        seen = server.bill.add
        server.bill.add = lambda *given, **named: (times.append(1), seen(*given, **named))
        import time

        began = time.monotonic()
        ask(endpoint, tmp_path, [a_request()])
        assert time.monotonic() - began >= 0.4
    assert times == [1]


def test_replies_on_disk_are_shared_by_runs_and_cost_nothing(tmp_path):
    with scripted_endpoint() as (server, endpoint):
        ask(endpoint, tmp_path, requests(10), run_id="first")
        summary, replies = ask(endpoint, tmp_path, requests(12), run_id="second")
    assert server.bill.requests == 12
    assert (summary.from_cache, summary.calls) == (10, 2)
    assert [reply.cost for reply in replies if reply.from_cache] == [0.0] * 10


def test_the_cache_tells_apart_whatever_may_change_the_answer(tmp_path):
    variants = [
        a_request("a"),
        a_request("b", "Question a", temperature=0.5),
        a_request("c", "Question a", max_tokens=63),
        a_request("d", "Question a", seed=1),
        a_request("e", "Question a", sample=1),
        a_request("f", "Question a", model="scripted-noisy"),
        a_request("g", "Question a", response_format={"type": "json_object"}),
    ]
    with scripted_endpoint() as (server, endpoint):
        summary, _ = ask(endpoint, tmp_path, variants)
        assert (summary.from_cache, server.bill.requests) == (0, 7)
        fresh, _ = ask(endpoint, tmp_path, variants, with_settings(use_cache=False), run_id="other")
    assert (fresh.from_cache, fresh.calls) == (0, 7)


def test_the_very_same_question_is_asked_once(tmp_path):
    asked = [a_request(str(number), "the same") for number in range(20)]
    with scripted_endpoint(latency_seconds=0.02) as (server, endpoint):
        summary, replies = ask(endpoint, tmp_path, asked)
    assert (server.bill.requests, summary.answered, summary.calls) == (1, 20, 1)
    assert len({reply.text for reply in replies}) == 1


def test_a_reply_may_lead_to_a_further_question(tmp_path):
    heard = []

    def on_reply(reply):
        heard.append(reply.key)
        return [a_request(reply.key + "-again")] if "again" not in reply.key else None

    with scripted_endpoint() as (_, endpoint):
        summary, _ = ask(endpoint, tmp_path, requests(6), on_reply=on_reply)
    assert summary.requests == 12
    assert len(set(heard)) == 12


@pytest.mark.parametrize("most", [0, 1, 7])
def test_the_budget_of_calls_is_never_exceeded(tmp_path, most):
    settings = with_settings(budget=Budget(calls=most), concurrency=8)
    with scripted_endpoint(faults={"truncated": 0.3, "error": 0.2}) as (server, endpoint):
        summary, replies = ask(endpoint, tmp_path, requests(40), settings)
        assert server.bill.report()["billed_calls"] == summary.calls == most
        again, _ = ask(endpoint, tmp_path, requests(40), settings)
        assert server.bill.report()["billed_calls"] == again.calls == most
    assert len(replies) == 40
    assert "The budget of calls is spent." in {reply.reason for reply in replies}
    assert summary.ended_because == "The budget of calls is spent."


def test_the_budget_of_tokens_holds_and_is_used_well(tmp_path):
    one = most_input_tokens(a_request("11")) + 64
    settings = with_settings(budget=Budget(tokens=5 * one))
    with scripted_endpoint() as (server, endpoint):
        summary, _ = ask(endpoint, tmp_path, requests(40), settings)
    used = server.bill.input_tokens + server.bill.output_tokens
    assert summary.input_tokens + summary.output_tokens == used
    assert 4 * one <= used <= 5 * one  # what a call did not use is room for another


def test_the_budget_of_money_holds(tmp_path):
    settings = with_settings(budget=Budget(money=0.0005))
    with scripted_endpoint() as (_, endpoint):
        summary, _ = ask(endpoint, tmp_path, requests(40), settings)
        no_prices = endpoint_at(endpoint.base_url, price_input=None)
        with pytest.raises(SettingError, match="no prices"):
            ask(no_prices, tmp_path, requests(1), settings)
    assert 0 < summary.cost <= 0.0005
    assert summary.not_asked > 0


def test_a_person_can_stop_and_go_on(tmp_path):
    heard = []
    with scripted_endpoint(latency_seconds=0.05) as (server, endpoint):
        stopped, _ = ask(
            endpoint, tmp_path, requests(60), on_reply=heard.append, should_stop=lambda: len(heard) >= 5
        )
        assert len(heard) == 60
        assert stopped.not_asked > 0
        assert {reply.reason for reply in heard if reply.state == "not_asked"} == {
            "A person stopped the run."
        }
        resumed, replies = ask(endpoint, tmp_path, requests(60))
    assert resumed.answered == len(replies) == 60
    assert server.bill.report()["billed_calls"] == resumed.calls == 60


def test_a_stop_leaves_what_hangs_and_pays_it_once(tmp_path):
    asked = [a_request(model=f"{MODEL}@hang")]
    with scripted_endpoint() as (server, endpoint):
        hurried = with_settings(stop_grace_seconds=0.0)
        stopped, (reply,) = ask(
            endpoint, tmp_path, asked, hurried, should_stop=lambda: server.bill.requests == 1
        )
        assert (reply.state, stopped.calls) == ("not_asked", 1)
        resumed, (reply,) = ask(endpoint, tmp_path, asked)
    assert (reply.state, resumed.calls, server.bill.report()["billed_calls"]) == ("answered", 1, 1)


def test_an_error_of_the_one_who_listens_is_raised(tmp_path):
    def on_reply(reply):
        raise ZeroDivisionError(reply.key)

    with scripted_endpoint() as (_, endpoint), pytest.raises(ZeroDivisionError):
        ask(endpoint, tmp_path, requests(20), on_reply=on_reply)


def test_lone_surrogates_are_sent_and_received_as_replacements(tmp_path):
    async def answer(_request):
        body = b'{"choices": [{"message": {"content": "a\\ud800b"}, "finish_reason": "stop"}]}'
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    with serving(app) as address:
        asked = [a_request(words="half \ud800 a character")]
        summary, (reply,) = ask(endpoint_at(f"{address}/v1"), tmp_path, asked)
    assert reply.text == "a\N{REPLACEMENT CHARACTER}b"
    assert reply.is_scripted is False
    # The endpoint counts no tokens, so the most it can be stands for them.
    assert summary.output_tokens == 64


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"choices": []}, "holds no answer"),
        ({"choices": [{"message": {"content": None}}]}, "holds no text"),
        ({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}, "content filter"),
        ([1, 2], "not in the form"),
        ({"choices": [{"message": {"content": 7}}]}, "not in the form"),
    ],
)
def test_a_body_of_another_form_is_a_reply_that_cannot_be_used(tmp_path, body, reason):
    async def answer(_request):
        return JSONResponse(body)

    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    with serving(app) as address:
        settings = with_settings(most_retries=1)
        summary, (reply,) = ask(endpoint_at(f"{address}/v1"), tmp_path, [a_request()], settings)
    assert reply.state == "failed"
    assert reason in reply.reason
    assert summary.calls == reply.attempts
