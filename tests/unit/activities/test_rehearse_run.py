"""Labelled sets and the rehearsal of a prompt on them, with real processes and a real server."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.activities.conftest import ANN, NOW
from xlam_backend.activities import manager
from xlam_backend.activities.rehearse_run import start_rehearsal
from xlam_backend.domain.labelled import LabelledPlace, RehearsedItem, RehearsedVerdict
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, NotFoundError, SettingError
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.llm.chat import Budget
from xlam_backend.prompts.prompt_file import load_prompt
from xlam_backend.prompts.rehearsal import list_rehearsals, report_rehearsal
from xlam_backend.prompts.versions import promote, save_draft
from xlam_backend.review.labelled_sets import count_labels, freeze_set, list_sets
from xlam_backend.store.labelled_sets import read_places

JUDGE, PROMPT = "argument_hallucination", "judge_argument"
SETTINGS = JudgeSettings(endpoint="scripted", models=("scripted-noisy",), most_retries=8)


@pytest.fixture
def server(served):
    """The scripted server, failing now and then."""
    return served(faults={"error": 0.05, "truncated": 0.05, "malformed": 0.1, "prose": 0.1}, most_faults=2)


def freeze(store, size=40, **others):
    return freeze_set(store, "Planted", JUDGE, size=size, person=ANN, now=NOW, **others)


def a_draft(store):
    text = load_prompt(PROMPT).text.replace("# User", "When in doubt, say unsupported.\n\n# User")
    return save_draft(store, PROMPT, text, person=ANN, now=NOW).version


def test_the_demo_data_offers_places_whose_answer_is_known(demo):
    planted = next(one for one in count_labels(demo, JUDGE) if one.origin == "planted")
    assert planted.bad >= 10
    assert planted.good >= 50
    assert [one for one in count_labels(demo, "step_quality") if one.good or one.bad] == []


def test_a_set_is_frozen_balanced_and_the_same_for_the_same_seed(demo):
    first, second, other = freeze(demo, size=20), freeze(demo, size=20), freeze(demo, size=20, seed=1)
    sets = {one.set_no: one for one in list_sets(demo, JUDGE)}
    assert (sets[first].good_count, sets[first].bad_count) == (10, 10)
    assert sets[first].content_hash == sets[second].content_hash != sets[other].content_hash
    assert len({(one.version_no, one.step, one.call, one.pointer) for one in read_places(demo, first)}) == 20


def test_a_set_that_cannot_be_made_is_refused(demo):
    with pytest.raises(SettingError, match="Nothing is labelled"):
        freeze_set(demo, "None", "step_quality", person=ANN, now=NOW)
    with pytest.raises(SettingError, match="Nothing is labelled"):
        freeze(demo, origins=("gold",))
    with pytest.raises(SettingError, match="needs a name"):
        freeze_set(demo, " ", JUDGE, person=ANN, now=NOW)
    with pytest.raises(SettingError, match="1 to 5,000"):
        freeze(demo, size=0)
    with pytest.raises(AccessDeniedError):
        freeze_set(demo, "Mine", JUDGE, person=Person("al", "annotator"), now=NOW)


def test_a_rehearsal_shows_both_versions_place_by_place(demo, server):
    set_no, version = freeze(demo), a_draft(demo)
    run_id = start_rehearsal(demo, set_no, version, SETTINGS, person=ANN, now=NOW)
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "succeeded", status.what
    (stored,) = list_rehearsals(demo, PROMPT)
    done = stored.rehearsal
    assert (done.set_no, done.draft_version, done.current_version) == (set_no, version, 1)
    assert (done.model, done.is_scripted, done.run_id) == ("scripted-noisy", True, run_id)
    assert [item.labelled for item in done.items] == read_places(demo, set_no)
    report = report_rehearsal(done.items)
    assert report.compared + report.draft.not_judged + report.current.not_judged >= 40
    # The noisy model slips now and then, elsewhere under other words: there is something to compare.
    assert report.gains
    assert report.losses
    assert report.test.only_second == len(report.gains)
    assert report.draft.cost == 0.0
    assert report.draft.input_tokens > 0
    assert status.outcome["gains"] == len(report.gains)
    assert server.bill.report()["billed_twice_by_key"] == 0


def test_what_cannot_be_rehearsed_is_said_before_anything_is_asked(demo, server):
    set_no, version = freeze(demo), a_draft(demo)
    with pytest.raises(NotFoundError, match="no labelled set 99"):
        start_rehearsal(demo, 99, version, SETTINGS, person=ANN, now=NOW)
    with pytest.raises(NotFoundError, match="no version 9"):
        start_rehearsal(demo, set_no, 9, SETTINGS, person=ANN, now=NOW)
    nobody = msgspec.structs.replace(SETTINGS, models=())
    with pytest.raises(SettingError, match="No model"):
        start_rehearsal(demo, set_no, version, nobody, person=ANN, now=NOW)
    promote(demo, PROMPT, version, because="try", person=ANN, now=NOW)
    with pytest.raises(SettingError, match="counts already"):
        start_rehearsal(demo, set_no, version, SETTINGS, person=ANN, now=NOW)
    assert server.bill.requests == 0


def test_a_spent_budget_fails_the_run_and_a_larger_one_ends_it(demo, server):
    set_no, version = freeze(demo, size=10), a_draft(demo)
    tight = msgspec.structs.replace(SETTINGS, budget=Budget(calls=6))
    run_id = start_rehearsal(demo, set_no, version, tight, person=ANN, now=NOW)
    status = manager.wait_for_run(demo, run_id)
    assert status.state == "failed"
    assert "budget of calls is spent" in status.what
    assert server.bill.report()["billed_calls"] == 6
    manager.resume_run(demo, run_id, person=ANN, now=NOW, changes={"budget": 1000})
    status = manager.wait_for_run(demo, run_id)
    assert (status.state, status.failure_class) == ("failed", "data")
    assert '{"calls": 1000}' in status.way_out
    manager.resume_run(demo, run_id, person=ANN, now=NOW, changes={"budget": {"calls": 1000}})
    assert manager.wait_for_run(demo, run_id).state == "succeeded"
    assert server.bill.report()["answered_twice"] == 0
    assert len(list_rehearsals(demo, PROMPT)) == 1


def an_item(number, *, is_bad, current, draft):
    labelled = LabelledPlace(number, number, 0, 0, "/city", is_bad, "gold")
    verdicts = [RehearsedVerdict(flag, input_tokens=10, cost=0.5) for flag in (current, draft)]
    return RehearsedItem(number, labelled, *verdicts)


def test_the_report_counts_what_was_not_judged_apart():
    items = [
        an_item(1, is_bad=True, current=False, draft=True),
        an_item(2, is_bad=True, current=True, draft=None),
        an_item(3, is_bad=False, current=True, draft=False),
        an_item(4, is_bad=False, current=False, draft=True),
        an_item(5, is_bad=False, current=False, draft=False),
    ]
    report = report_rehearsal(items)
    assert [item.place for item in report.gains] == [1, 3]
    assert [item.place for item in report.losses] == [4]
    assert report.compared == 4
    assert (report.draft.precision.hits, report.draft.precision.total) == (1, 2)
    assert (report.draft.recall.hits, report.draft.recall.total) == (1, 2)
    assert (report.draft.right.hits, report.draft.right.total) == (3, 4)
    assert (report.draft.not_judged, report.current.not_judged) == (1, 0)
    assert (report.current.cost, report.current.input_tokens) == (2.5, 50)
    # Two against one: the exact test of 3 changed answers gives 1.
    assert report.test.exact_p == pytest.approx(1.0)
