"""A run of the judges: each place exactly once, whatever replies come and wherever it is killed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.judging import FakeModel, FolderContext, Killed, item_of, verdict_reply
from xlam_backend.domain.filters import Filters
from xlam_backend.errors import JudgeUnavailableError, StoppedError
from xlam_backend.judges.batch import JudgeBatch, read_part
from xlam_backend.judges.outcome import ANSWERED_BY
from xlam_backend.judges.settings import JudgeSettings
from xlam_backend.judges.shards import read_job, write_job
from xlam_backend.llm.chat import Reply
from xlam_backend.store.connection import Store
from xlam_backend.store.ratings import count_ratings, write_ratings
from xlam_backend.store.search import find_all_numbers


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    opened.close()


@pytest.fixture
def context(tmp_path):
    return FolderContext(tmp_path / "runs" / "run-1")


def settings(*judges, models=("m",), **more):
    return JudgeSettings(judges=judges or ("argument_hallucination",), endpoint="e", models=models, **more)


def prepare(store, context, chosen):
    write_job(store, context.folder / "input", find_all_numbers(store, Filters()), chosen)


def carry_out(context, model):
    batch = JudgeBatch(context, read_job(context.folder / "input"), model)
    batch.carry_out()
    return batch


def ratings(context):
    paths = sorted((context.folder / "output").iterdir())
    return [row for path in paths for row in read_part(path)]


def place(row):
    return (row.judge, row.version_no, row.step, row.call, row.pointer)


def says(word):
    return FakeModel(lambda request: verdict_reply(request, word))


def test_every_place_is_judged_once(store, context):
    prepare(store, context, settings("step_quality"))
    carry_out(context, says(4))
    rows = ratings(context)
    assert len(rows) == 416
    assert max(Counter(map(place, rows)).values()) == 1
    assert {(row.state, row.score, row.is_flagged, row.member) for row in rows} == {
        ("judged", 4.0, False, "single")
    }
    assert {len(list(read_part(path))) for path in (context.folder / "output").iterdir()} == {200, 16}
    assert context.outcome["asked"] == context.outcome["judged"] == 416
    assert context.told[-1][:2] == (416, 416)


def test_planted_errors_are_what_is_asked_about(store, context):
    prepare(store, context, settings())
    model = says("unsupported")
    carry_out(context, model)
    values = Counter(item_of(request)["argument"] for request in model.asked)
    # Six planted values and two copied examples (three calls each); all else is settled by grounding.
    assert sum(values.values()) == len(ratings(context)) == 12
    assert all(row.is_flagged and row.verdict == "unsupported" for row in ratings(context))
    assert context.outcome["left out"]["argument_hallucination"]["settled by grounding"] == 746


def test_no_request_holds_a_label_of_the_source(store, context):
    prepare(store, context, settings("step_quality", "trajectory_quality", "argument_hallucination"))
    model = says(3)
    model.answer = lambda request: "no"
    carry_out(context, model)
    assert not [one for one in model.asked if any("planted" in message.content for message in one.messages)]


def test_a_request_holds_one_item_only(store, context):
    prepare(store, context, settings("argument_hallucination", everything=("argument_hallucination",)))
    model = says("supported")
    carry_out(context, model)
    ids = Counter(item_of(request)["id"] for request in model.asked)
    contents = {item_of(request)["id"]: request.messages for request in model.asked}
    assert len(contents) == len(ids)
    for request in model.asked[:50]:
        others = set(ids) - {item_of(request)["id"]}
        assert not [one for one in others if one in request.messages[-1].content]


def test_an_unreadable_reply_is_asked_for_once_more(store, context):
    prepare(store, context, settings())
    model = FakeModel(
        lambda request: "Hm." if len(request.messages) == 2 else verdict_reply(request, "supported")
    )
    carry_out(context, model)
    assert {row.state for row in ratings(context)} == {"judged"}
    assert all(row.details == {"repaired": True} and row.input_tokens == 20 for row in ratings(context))
    again = [request for request in model.asked if len(request.messages) == 4]
    assert len(again) == 12
    assert "there is no JSON object" in again[0].messages[-1].content


def test_a_second_unreadable_reply_is_not_judged(store, context):
    prepare(store, context, settings())
    model = FakeModel(lambda request: "Hm.")
    carry_out(context, model)
    assert len(model.asked) == 24
    assert {(row.state, row.verdict, row.score) for row in ratings(context)} == {("not_judged", "", None)}
    assert list(context.outcome["not judged"].values()) == [12]


def test_half_a_surrogate_pair_in_a_reply_is_stored_as_a_replacement(store, context):
    prepare(store, context, settings())
    half = '"So it is \\ud800."'
    carry_out(context, FakeModel(lambda r: verdict_reply(r, "supported").replace('"So it is."', half)))
    assert {row.rationale for row in ratings(context)} == {"So it is \ufffd."}


def test_a_reply_that_was_cut_off_is_not_read(store, context):
    prepare(store, context, settings())

    def cut_off(request):
        return Reply("", "answered", verdict_reply(request, "supported"), finish_reason="length")

    carry_out(context, FakeModel(cut_off))
    assert {row.state for row in ratings(context)} == {"not_judged"}


@pytest.mark.parametrize(("answering", "noted"), [("m", None), ("", None), ("m-2026-01", "m-2026-01")])
@pytest.mark.parametrize("word", ["supported", "perhaps"])
def test_another_model_than_the_one_asked_for_is_noted(store, context, answering, noted, word):
    prepare(store, context, settings())
    carry_out(context, FakeModel(lambda r: Reply("", "answered", verdict_reply(r, word), model=answering)))
    assert {(row.model, row.details.get(ANSWERED_BY)) for row in ratings(context)} == {("m", noted)}


@pytest.mark.parametrize("killed_after", [0, 1, 150, 199, 200, 250, 415])
def test_a_killed_run_goes_on_and_pays_nothing_twice(store, context, killed_after):
    prepare(store, context, settings("step_quality"))
    model = says(4)
    model.kill_after = killed_after
    with pytest.raises(Killed):
        carry_out(context, model)
    model.kill_after = None
    carry_out(context, model)
    assert len(model.asked) == 416
    assert Counter(map(place, ratings(context))) == Counter(set(map(place, ratings(context))))
    assert len(ratings(context)) == 416


def test_a_stopped_run_keeps_whole_parts_only(store, context):
    prepare(store, context, settings("step_quality"))
    model = FakeModel(None)

    def answer(request):
        context.is_stopped = len(model.asked) > 250
        if context.is_stopped:
            return Reply("", "not_asked", reason="A person stopped the run.")
        return verdict_reply(request, 4)

    model.answer = answer
    with pytest.raises(StoppedError):
        carry_out(context, model)
    assert len(ratings(context)) == 200
    context.is_stopped = False
    carry_out(context, says(4))
    assert len(ratings(context)) == 416


def test_an_endpoint_out_of_order_fails_the_run(store, context):
    prepare(store, context, settings())
    with pytest.raises(JudgeUnavailableError):
        carry_out(context, FakeModel(lambda _: Reply("", "not_asked", reason="The endpoint answered 401")))
    assert ratings(context) == []


def test_what_the_budget_left_out_is_not_judged(store, context):
    prepare(store, context, settings())
    spent = Reply("", "not_asked", reason="The budget of calls is spent.")
    carry_out(context, FakeModel(lambda _: spent))
    assert context.outcome["not judged"] == {"The budget of calls is spent.": 12}


def test_the_majority_of_a_committee_counts(store, context):
    prepare(store, context, settings(models=("a", "b", "c")))
    votes = {"a": "supported", "b": "unsupported", "c": "unsupported"}
    carry_out(context, FakeModel(lambda request: verdict_reply(request, votes[request.model])))
    rows = ratings(context)
    assert Counter(row.member for row in rows) == {"member": 36, "committee": 12}
    verdicts = [row for row in rows if row.member == "committee"]
    assert {(row.verdict, row.is_flagged, row.model) for row in verdicts} == {
        ("unsupported", True, "a + b + c")
    }
    assert verdicts[0].details == {"votes": votes}


def test_a_tie_is_not_judged(store, context):
    prepare(store, context, settings(models=("a", "b")))
    votes = {"a": "supported", "b": "unsupported"}
    carry_out(context, FakeModel(lambda request: verdict_reply(request, votes[request.model])))
    verdicts = [row for row in ratings(context) if row.member == "committee"]
    assert {(row.state, row.not_judged_reason, row.verdict) for row in verdicts} == {
        ("not_judged", "tie", "")
    }
    assert context.outcome["not judged"] == {"tie": 12}


def test_members_that_did_not_judge_have_no_vote(store, context):
    prepare(store, context, settings("trajectory_quality", models=("a", "b", "c")))
    scores = {"a": 1, "b": 2}
    model = FakeModel(
        lambda request: verdict_reply(request, scores[request.model]) if request.model in scores else "?"
    )
    carry_out(context, model)
    verdict = next(row for row in ratings(context) if row.member == "committee")
    assert (verdict.score, verdict.is_flagged, verdict.details["votes"]["c"]) == (1.0, True, None)


def test_ratings_come_into_the_store_and_are_not_asked_about_again(store, context, tmp_path):
    chosen = settings("argument_hallucination", "trajectory_quality")
    prepare(store, context, chosen)
    carry_out(context, FakeModel(lambda r: verdict_reply(r, "supported" if "argument" in item_of(r) else 5)))
    with store.write() as cursor:
        assert write_ratings(cursor, store, ratings(context)) == 250
    counts = {count.judge: count for count in count_ratings(store)}
    assert counts["argument_hallucination"].verdicts == (("supported", 12),)
    assert counts["trajectory_quality"].scores == ((5.0, 238),)
    again = FolderContext(tmp_path / "runs" / "run-2", run_id="run-2")
    prepare(store, again, chosen)
    model = says("supported")
    carry_out(again, model)
    assert model.asked == []
    assert again.outcome["left out"]["trajectory_quality"]["judged before"] == 238
    other = FolderContext(tmp_path / "runs" / "run-3", run_id="run-3")
    prepare(store, other, settings("trajectory_quality", scale="0-5"))
    assert carry_out(other, says(0)).part_places == 200
    assert {(row.score, row.scale_low) for row in ratings(other)} == {(0.0, 0.0)}


def test_a_failed_second_try_hides_no_earlier_judgement(store, context):
    prepare(store, context, settings())
    carry_out(context, says("unsupported"))
    good = ratings(context)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with store.write() as cursor:
        write_ratings(cursor, store, good)
    not_judged = {"state": "not_judged", "verdict": "", "is_flagged": False, "rated_at": now}
    bad = [replace(row, **not_judged) for row in good]
    with store.write() as cursor:
        write_ratings(cursor, store, bad)
    assert count_ratings(store)[0].flagged_count == 12
