"""The scripted server as a detached process: started once, found, stopped; and its commands."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.processes import command_line
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError
from xlam_backend.llm.endpoint import endpoint_by_name, list_endpoints
from xlam_backend.llm.endpoint_check import check_endpoint
from xlam_backend.llm.scripted_behaviour import FAULTS, Behaviour
from xlam_backend.llm.scripted_process import (
    CARD,
    ServerCard,
    running_scripted_server,
    start_scripted_server,
    stop_scripted_server,
    write_card,
)

ROSA = Person("rosa", "researcher")


@pytest.fixture
def folder(data_folder, monkeypatch):
    """The data folder; a server that runs for it ends with the test."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XLAM_SECRETS_FILE", str(data_folder / "none.toml"))
    yield data_folder
    stop_scripted_server(data_folder, person=ROSA)


def test_it_starts_once_however_often_it_is_asked_and_stops(folder):
    assert running_scripted_server(folder) is None
    with ThreadPoolExecutor(3) as threads:
        cards = set(threads.map(lambda _: start_scripted_server(folder, person=ROSA), range(3)))
    assert cards == {running_scripted_server(folder)}
    endpoint = endpoint_by_name("scripted", folder)
    assert endpoint.is_scripted
    assert endpoint.honours_idempotency
    assert check_endpoint(endpoint).models == tuple(sorted(endpoint.models))
    assert stop_scripted_server(folder, person=ROSA)
    assert running_scripted_server(folder) is None
    assert not stop_scripted_server(folder, person=ROSA)
    with pytest.raises(SettingError, match="not running"):
        endpoint_by_name("scripted", folder)


def test_a_card_of_a_server_that_is_gone_or_of_another_program_is_no_server(folder):
    write_card(folder / CARD, ServerCard(1, 9, "gone"))
    assert list_endpoints(folder) == []
    (folder / CARD).write_text("{", "utf-8")
    assert running_scripted_server(folder) is None
    card = start_scripted_server(folder, person=ROSA)
    write_card(folder / CARD, ServerCard(card.pid, card.port, "another"))
    assert running_scripted_server(folder) is None
    write_card(folder / CARD, card)
    assert running_scripted_server(folder) == card


def test_annotators_neither_start_nor_stop_it(folder):
    ann = Person("ann", "annotator")
    with pytest.raises(AccessDeniedError):
        start_scripted_server(folder, person=ann)
    with pytest.raises(AccessDeniedError):
        stop_scripted_server(folder, person=ann)


def test_the_commands_start_list_test_and_stop_it(folder):
    none = command_line(folder, "endpoint", "list")
    assert "No endpoint is set." in none.stdout
    started = json.loads(command_line(folder, "endpoint", "start-scripted", "--json").stdout)
    with urllib.request.urlopen(f"http://127.0.0.1:{started['port']}/stats", timeout=10) as answer:
        assert json.loads(answer.read())["requests"] == 0
    listed = json.loads(command_line(folder, "endpoint", "list", "--json").stdout)
    assert [one["name"] for one in listed] == ["scripted"]
    assert "It answers" in command_line(folder, "endpoint", "test", "scripted").stdout
    assert "Stopped." in command_line(folder, "endpoint", "stop-scripted").stdout
    assert "not running" in command_line(folder, "endpoint", "stop-scripted").stdout
    missing = command_line(folder, "endpoint", "test", "scripted")
    assert missing.returncode == 1
    assert "start-scripted" in missing.stderr


def test_faults_come_in_their_shares_and_the_same_for_the_same_seed():
    behaviour = Behaviour(seed=3, faults={"error": 0.25, "slow": 0.25})
    drawn = [behaviour.fault(str(number), 1) for number in range(2000)]
    assert drawn == [behaviour.fault(str(number), 1) for number in range(2000)]
    assert 400 < drawn.count("error") < 600
    assert 400 < drawn.count("slow") < 600
    assert drawn != [behaviour.fault(str(number), 2) for number in range(2000)]


@pytest.mark.parametrize("faults", [{"error": 1.1}, {"error": -0.1}, dict.fromkeys(FAULTS, 0.2)])
def test_shares_that_cannot_be_are_refused(faults):
    with pytest.raises(SettingError, match="shares"):
        Behaviour(faults=faults)


@pytest.mark.parametrize("fault", ["error", "error=much", "nothing=0.1"])
def test_a_mistyped_fault_is_explained(folder, fault):
    told = command_line(folder, "endpoint", "serve-scripted", "--fault", fault)
    assert told.returncode == 1
    assert "Error:" in told.stderr
