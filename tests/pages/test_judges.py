"""The Judges page: what would be asked and saved, what was said, and the ways from and to it."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from tests.judging import FakeModel, FolderContext, item_of, verdict_reply
from tests.scripted_endpoint import serving
from tests.unit.activities.conftest import end_all_runs
from xlam_backend.domain.filters import Filters
from xlam_backend.judges.batch import JudgeBatch, read_part
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.judges.shards import read_job, write_job
from xlam_backend.llm.scripted_behaviour import Behaviour
from xlam_backend.llm.scripted_process import CARD, ServerCard, write_card
from xlam_backend.llm.scripted_server import ScriptedServer
from xlam_backend.store.ratings import write_ratings
from xlam_backend.store.search import find_all_numbers
from xlam_backend.store.trajectories import read_trajectories

HOSTILE = "<img src=x onerror=alert(1)> :red[x] $y$ \u202edetroppus"


@pytest.fixture
def served(demo_data):
    """The scripted server of the data folder; runs that a test starts end with it."""
    server = ScriptedServer(Behaviour())
    with serving(server.app) as address:
        card = ServerCard(os.getpid(), int(address.rpartition(":")[2]), server.identity)
        write_card(demo_data / CARD, card)
        yield server
        end_all_runs(demo_data)


def judge_demo(store, tmp_path, **changes):
    """Rate the demo data without a server; returns the ratings as they came into the store."""
    chosen = JudgeSettings(judges=("argument_hallucination", "step_quality"), endpoint="e", models=("m",))
    context = FolderContext(tmp_path / "run")
    write_job(store, context.folder / "input", find_all_numbers(store, Filters()), chosen)
    said = FakeModel(lambda r: verdict_reply(r, "unsupported" if "argument" in item_of(r) else 2))
    JudgeBatch(context, read_job(context.folder / "input"), said).carry_out()
    rows = [row for path in sorted((context.folder / "output").iterdir()) for row in read_part(path)]
    rows = [replace(row, **changes) for row in rows]
    with store.write() as cursor:
        write_ratings(cursor, store, rows)
    return rows


def test_without_an_endpoint_the_page_says_how_to_set_one(demo_pages):
    assert demo_pages.open("review/judges") == "Judges"
    assert "No model can be asked yet." in demo_pages.words
    assert demo_pages.button("Ask the judges").disabled


def test_what_would_be_asked_is_shown_before_anything_is(demo_pages, served):
    demo_pages.open("review/judges")
    words = demo_pages.words
    assert "277 trajectories · 12 requests" in words
    assert "746 settled by grounding" in words
    assert "458 of 464" in words
    assert "not known yet" in words
    assert not demo_pages.button("Ask about 12 places").disabled
    assert served.bill.requests == 0


def test_filters_of_explore_are_taken_over(demo_pages, served):
    demo_pages.open("review/judges", dataset="help_desk_unified_2", new="run")
    assert "dataset: help_desk_unified_2" in demo_pages.words
    assert " trajectories · 6 requests" in demo_pages.words
    assert "458 of 464" not in demo_pages.words


def test_more_judges_ask_more(demo_pages, served):
    demo_pages.open("review/judges")
    box = next(box for box in demo_pages.app.checkbox if "Step quality" in box.label)
    box.check().run()
    assert not demo_pages.app.exception
    assert demo_pages.button("Ask about 428 places")


def test_a_run_is_started_from_the_page(demo_pages, served):
    demo_pages.open("review/judges")
    demo_pages.button("Ask about 12 places").click().run()
    assert not demo_pages.app.exception
    assert demo_pages.title == "Runs"


def test_what_was_said_is_counted_and_leads_to_explore(demo_store, demo_pages, tmp_path):
    judge_demo(demo_store, tmp_path)
    demo_pages.open("review/judges")
    assert demo_pages.fact("places judged") == 428
    assert demo_pages.fact("flagged") == 428
    assert 'href="explore?judge=argument_hallucination"' in demo_pages.html
    assert "2.00 of 5" in demo_pages.words
    demo_pages.open("explore", judge="argument_hallucination")
    assert "10 of 277 trajectories" in demo_pages.words


def test_scripted_ratings_are_labelled_wherever_they_appear(demo_store, demo_pages, tmp_path):
    rows = judge_demo(demo_store, tmp_path, is_scripted=True)
    demo_pages.open("review/judges")
    assert "not a real judgement" in demo_pages.words
    [stored] = read_trajectories(demo_store, [rows[0].version_no])
    demo_pages.open("trajectory", id=stored.trajectory_id)
    assert demo_pages.words.count("not a real judgement") >= 2


def test_a_hostile_reply_is_shown_and_does_nothing(demo_store, demo_pages, tmp_path):
    changes = {"rationale": HOSTILE, "model": HOSTILE, "raw_reply": HOSTILE, "endpoint": HOSTILE}
    rows = judge_demo(demo_store, tmp_path, **changes)
    [stored] = read_trajectories(demo_store, [rows[0].version_no])
    demo_pages.open("trajectory", id=stored.trajectory_id)
    assert "<img" not in demo_pages.html
    assert "&lt;img src=x" in demo_pages.html
    demo_pages.open("review/judges")
    assert "<img" not in demo_pages.html
    for element in (*demo_pages.app.markdown, *demo_pages.app.expander):
        assert "onerror" not in (getattr(element, "value", "") or getattr(element, "label", ""))


def test_not_judged_is_shown_with_its_reason(demo_store, demo_pages, tmp_path):
    changes = {"state": "not_judged", "verdict": "", "score": None, "is_flagged": False, "rationale": ""}
    judge_demo(demo_store, tmp_path, not_judged_reason="the reply could not be read", **changes)
    demo_pages.open("review/judges")
    assert demo_pages.fact("not judged") == 428
    assert demo_pages.fact("flagged") == 0
    assert "the reply could not be read" in demo_pages.words
