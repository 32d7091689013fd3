"""A client killed at any moment and started again: nothing is lost, nothing is paid twice."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from tests.processes import ROOT, environment
from tests.scripted_endpoint import scripted_endpoint
from tests.unit.llm.test_client import QUICK, ask, requests
from xlam_backend.llm.reply_cache import ReplyCache

COUNT = 60
CLIENT = """
import sys
from pathlib import Path
import msgspec
from tests.unit.llm.test_client import ask, requests
from xlam_backend.llm.chat import ClientSettings
from xlam_backend.llm.endpoint import Endpoint

folder, endpoint, settings = sys.argv[1:]
ask(
    msgspec.json.decode(endpoint, type=Endpoint),
    Path(folder),
    requests(60),
    msgspec.json.decode(settings, type=ClientSettings),
    on_reply=lambda reply: print(reply.key, flush=True),
)
"""


def killed_after(replies, folder, endpoint, settings):
    """Start a client in a process of its own, and kill it after some replies."""
    given = [str(folder), msgspec.json.encode(endpoint).decode(), msgspec.json.encode(settings).decode()]
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, *given],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        heard = [process.stdout.readline().strip() for _ in range(replies)]
        process.kill()
    return heard


@pytest.mark.parametrize("faults", [{}, {"truncated": 0.2, "error": 0.1, "hang": 0.1}])
def test_a_killed_client_goes_on_and_pays_nothing_twice(tmp_path, faults):
    settings = msgspec.structs.replace(QUICK, timeout_seconds=2.0, most_retries=8)
    with scripted_endpoint(latency_seconds=0.05, faults=faults, most_faults=2) as (server, endpoint):
        heard = killed_after(3, tmp_path, endpoint, settings)
        heard += killed_after(20, tmp_path, endpoint, settings)
        summary, replies = ask(endpoint, tmp_path, requests(COUNT), settings)
        report = server.bill.report()
    assert len(heard) == 23
    assert {reply.state for reply in replies} == {"answered"}
    assert len(replies) == COUNT
    assert report["billed_twice_by_key"] == 0
    assert report["answered_twice"] == 0
    assert report["billed_calls"] == summary.calls
    assert server.bill.input_tokens <= summary.input_tokens


def test_calls_under_way_at_a_kill_stay_in_the_budget(tmp_path):
    settings = msgspec.structs.replace(QUICK, budget=msgspec.structs.replace(QUICK.budget, calls=COUNT))
    with scripted_endpoint(latency_seconds=0.2) as (_, endpoint):
        killed_after(2, tmp_path, endpoint, settings)
        cache = ReplyCache(tmp_path)
        used, past = cache.used("run"), cache.past("run")
        cache.close()
        lost = [one for one in past.values() if one.lost]
        assert lost  # the kill came while calls were under way
        assert used.calls == len(past)
        unknown = msgspec.structs.replace(endpoint, honours_idempotency=False)
        summary, _ = ask(unknown, tmp_path, requests(COUNT), settings)
        # An endpoint that may bill again is given no more than the budget leaves.
        assert summary.calls == COUNT
        assert summary.not_asked == len(lost)


def test_lost_answers_can_be_left_alone(tmp_path):
    with scripted_endpoint(latency_seconds=0.2) as (server, endpoint):
        killed_after(2, tmp_path, endpoint, QUICK)
        asked_before = server.bill.requests
        careful = msgspec.structs.replace(QUICK, lost_answers="not judged")
        summary, replies = ask(endpoint, tmp_path, requests(COUNT), careful)
        assert server.bill.requests <= COUNT
    lost = [reply for reply in replies if reply.state == "failed"]
    assert 0 < len(lost) <= asked_before
    assert all("killed before the answer came" in reply.reason for reply in lost)
    assert all(reply.input_tokens > 0 for reply in lost)
    assert summary.answered + summary.failed == COUNT
