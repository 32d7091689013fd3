"""Official files: written out, read back the same, faults named, and nothing read in twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.evaluation import Evaluation
from xlam_backend.domain.person import Person
from xlam_backend.errors import AccessDeniedError, SettingError, UnknownNameError
from xlam_backend.evaluation.answers import Answer
from xlam_backend.evaluation.item_view import read_item_view
from xlam_backend.evaluation.overview import list_scored, read_view
from xlam_backend.evaluation.plan import EvaluationPlan, told_settings
from xlam_backend.evaluation.reading_in import HowToRead, read_in
from xlam_backend.evaluation.removing import remove_evaluation
from xlam_backend.evaluation.scored import NEEDS_NETWORK, scored_items
from xlam_backend.evaluation.writing_out import write_official
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import (
    read_evaluation,
    read_items,
    read_tallies,
    write_evaluation,
    write_items,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SET = "questions_demo"
PLAN = EvaluationPlan(question_set=SET, kept_model="tiny", asked_as="xlam_fc_r")
ANSWER = json.dumps({"tool_calls": [{"name": "forecast", "arguments": {"city": "Oslo"}}]})
MALFORMED = '{"tool_calls": [{"name": "forecast", "argum'


@pytest.fixture
def store(data_folder):
    opened = Store.open(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def own(store):
    """An evaluation of our own: every question answered alike, one malformed, one not answered."""
    questions = find_question_set(store.folder, SET)
    asked = [*questions.questions["simple_python"][:5], *questions.questions["irrelevance"][:3]]
    answers = {one.id: Answer(item_id=one.id, state="answered", output=ANSWER, seconds=0.5) for one in asked}
    answers["irrelevance_1"] = Answer(item_id="irrelevance_1", state="answered", output=MALFORMED)
    answers["irrelevance_2"] = Answer(item_id="irrelevance_2", state="not answered", reason="It was down.")
    items = list(scored_items(asked, answers, PLAN, {one.id: at for at, one in enumerate(asked)}))
    evaluation = Evaluation(
        evaluation_no=0,
        model="tiny",
        kept_model="tiny",
        question_set=SET,
        set_hash=questions.hash,
        version="v4",
        mode="prompt",
        settings=told_settings(PLAN),
        source="own",
        made_at=NOW,
    )
    with store.write() as cursor:
        number = write_evaluation(cursor, store, evaluation)
        write_items(cursor, number, items)
    return number


def read(store, place, **how):
    return read_in(store, place, SET, HowToRead(**how), person=A_RESEARCHER, now=NOW)


def write(store, number, place, person=A_RESEARCHER):
    return write_official(store, number, place, person=person, now=NOW)


def test_what_is_written_out_reads_back_with_the_same_verdicts(store, own, tmp_path):
    written = write(store, own, tmp_path)
    assert (written.answer_count, written.left_out, len(written.files)) == (7, 1, 4)
    with pytest.raises(SettingError, match="is there already"):
        write(store, own, tmp_path)
    with pytest.raises(AccessDeniedError):
        write(store, own, tmp_path / "other", Person("bo", "annotator"))
    (back,) = read(store, tmp_path)
    assert back.decoder == "native"
    assert back.fault_counts["missing"] == back.not_answered_count
    ours = {item.item_id: item for item in read_items(store, own).items}
    for item in read_items(store, back.evaluation_no).items:
        mine = ours.get(item.item_id)
        if mine is not None and mine.is_valid is not None:
            assert (item.is_valid, item.error_type) == (mine.is_valid, mine.error_type)


def test_an_evaluation_without_answers_is_not_written_out(store, own, tmp_path):
    asked = find_question_set(store.folder, SET).questions["simple_python"][:2]
    lost = msgspec.structs.replace(read_evaluation(store, own), model="lost")
    with store.write() as cursor:
        number = write_evaluation(cursor, store, lost)
        write_items(cursor, number, list(scored_items(asked, {}, PLAN, {one.id: 0 for one in asked})))
    with pytest.raises(SettingError, match="has no answers"):
        write(store, number, tmp_path)


def test_every_fault_is_named_and_what_is_no_answer_is_not_scored(store, own, tmp_path):
    write(store, own, tmp_path)
    file = next(tmp_path.glob("result/tiny/*/BFCL_v4_simple_python_result.json"))
    lines = file.read_text("utf-8").splitlines()
    lines[0] = json.dumps({"id": "simple_python_0", "result": "Error during inference: 503"})
    lines[1] = json.dumps({"id": "simple_python_1", "result": "Traceback (most recent call last):\n  File x"})
    file.write_text("\n".join([*lines, lines[3], '{"id": "irrelevance_0", "result": ""}', "{"]), "utf-8")
    (back,) = read(store, tmp_path)
    expected = {
        "infrastructure error": 1,
        "traceback": 1,
        "doubled id": 1,
        "wrong category": 1,
        "unreadable line": 1,
    }
    assert {kind: back.fault_counts[kind] for kind in expected} == expected
    tally = read_tallies(store, back.evaluation_no)["simple_python"]
    assert (tally.total, tally.not_answered) == (3, 37)


def test_the_same_answers_are_not_read_in_twice_unless_they_were_removed(store, own, tmp_path):
    write(store, own, tmp_path)
    (first,) = read(store, tmp_path)
    (again,) = read(store, tmp_path)
    assert (again.evaluation_no, again.refused) == (
        0,
        f"These answers are here already, as evaluation {first.evaluation_no}.",
    )
    (otherwise,) = read(store, tmp_path, decoder="json_calls")
    assert otherwise.evaluation_no
    remove_evaluation(store, first.evaluation_no, person=A_RESEARCHER, now=NOW)
    (back,) = read(store, tmp_path)
    assert back.evaluation_no > first.evaluation_no


def test_the_same_answers_of_another_model_are_read_in(store, own, tmp_path):
    write(store, own, tmp_path)
    (first,) = read(store, tmp_path)
    (tmp_path / "result" / "tiny").rename(tmp_path / "result" / "tinier")
    (other,) = read(store, tmp_path)
    assert (other.model, other.refused) == ("tinier", "")
    assert other.evaluation_no > first.evaluation_no


def test_what_is_refused_says_what_is_wrong_with_its_files(store, tmp_path):
    (tmp_path / "BFCL_v4_simple_python_result.json").write_bytes(b'{"id": "\xff"}')
    (found,) = read(store, tmp_path)
    assert found.refused == "None of its answers can be scored."
    assert found.fault_counts["unreadable line"] == 1
    assert "no UTF-8" in found.faults[0].words


def test_an_executable_question_that_takes_a_network_is_not_scored_and_the_others_are(
    store, tmp_path, monkeypatch
):
    asked = tmp_path / "sets" / "executed"
    (asked / "possible_answer").mkdir(parents=True)
    monkeypatch.setenv("XLAM_QUESTION_SETS", str(asked.parent))
    right = ["math_gcd(a=12, b=18)", "get_stock_price_by_stock_name(stock_name='X')"]
    lines = [
        {"id": f"exec_simple_{at}", "question": "What is it?", "function": [], "ground_truth": [call]}
        for at, call in enumerate(right)
    ]
    name = "BFCL_v2_exec_simple{}.json"
    (asked / name.format("")).write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (asked / "possible_answer" / name.format("")).write_text("\n".join(map(json.dumps, lines)), "utf-8")
    place = tmp_path / "result" / "other"
    place.mkdir(parents=True)
    answers = [{"id": line["id"], "result": f"[{call}]"} for line, call in zip(lines, right, strict=True)]
    (place / name.format("_result")).write_text("\n".join(map(json.dumps, answers)), "utf-8")
    (made,) = read_in(store, tmp_path / "result", "executed", HowToRead(), person=A_RESEARCHER, now=NOW)
    items = {item.item_id: item for item in read_items(store, made.evaluation_no).items}
    assert items["exec_simple_0"].is_valid
    assert (items["exec_simple_1"].state, items["exec_simple_1"].reason) == ("not answered", NEEDS_NETWORK)


@pytest.mark.parametrize(
    "answer",
    [
        '[forecast(city="\\ud800")]',
        "[forecast(**city)]",
        "[forecast(city=2j)]",
        "[forecast(city={None: 1})]",
        f"[forecast(city=0x{'f' * 5_000})]",
        f"[forecast(city=-0x{'f' * 5_000})]",
        [{"forecast": '{"city": "\\ud800", "\\ud800": 1e999}'}],
        [{"forecast": "[" * 100_000}],
    ],
    ids=["half a pair", "no name", "complex", "odd key", "long", "long negative", "native", "deep"],
)
def test_no_answer_of_a_model_can_cost_the_others(store, tmp_path, answer):
    lines = [{"id": "simple_python_0", "result": answer}, {"id": "simple_python_1", "result": "none"}]
    file = tmp_path / "BFCL_v4_simple_python_result.json"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (found,) = read(store, tmp_path)
    items = read_items(store, found.evaluation_no).items
    assert [item.is_valid for item in items[:2]] == [False, False]
    read_item_view(store, found.evaluation_no, "simple_python_0")


def test_the_decoder_is_the_one_that_reads_most(store, tmp_path):
    place = tmp_path / "result" / "other" / "non_live"
    place.mkdir(parents=True)
    call = '[{"name": "forecast", "arguments": {"city": "Oslo"}}]'
    lines = [json.dumps({"id": f"simple_python_{at}", "result": call}) for at in range(4)]
    (place / "BFCL_v4_simple_python_result.json").write_text("\n".join(lines), "utf-8")
    (found,) = read(store, tmp_path)
    assert found.decoder == "json_calls"
    with pytest.raises(SettingError, match="no decoder 'jsn'"):
        read(store, tmp_path, decoder="jsn")
    with pytest.raises(SettingError, match="It has those of: other"):
        read(store, tmp_path, only=("nobody",))
    with pytest.raises(UnknownNameError):
        read_in(store, tmp_path, "nothing", HowToRead(), person=A_RESEARCHER, now=NOW)
    with pytest.raises(AccessDeniedError):
        read_in(store, tmp_path, SET, HowToRead(), person=Person("bo", "annotator"), now=NOW)


def test_stricter_readings_stand_beside_the_score(store, own):
    view = read_view(store, own)
    assert view.malformed == 1
    by_name = {one.category.name: one for one in view.categories}
    assert (by_name["irrelevance"].right.hits, by_name["irrelevance"].malformed) == (1, 1)
    assert by_name["irrelevance"].not_answered == 1
    assert (by_name["irrelevance"].floor.correct, by_name["simple_python"].floor.correct) == (2, 0)
    assert view.strict.columns["irrelevance"].correct == 0
    assert view.overall.value is None
    assert view.reasons == (("It was down.", 1),)
    assert [one.overall.mean_of_run for one in list_scored(store)] == [view.overall.mean_of_run]


def test_an_item_says_what_was_asked_and_what_sets_it_apart(store, own):
    wrong = read_item_view(store, own, "simple_python_1")
    assert wrong.differences
    assert {one.name for one in wrong.differences} == {"forecast"}
    assert "forecast" in wrong.asked.messages[0].content
    assert (wrong.before, wrong.after) == ("simple_python_0", "simple_python_2")
    malformed = read_item_view(store, own, "irrelevance_1")
    assert (malformed.item.is_valid, malformed.is_malformed, malformed.is_floor) == (True, True, True)


def test_a_changed_question_set_is_said_and_not_trusted(store, own):
    with store.write() as cursor:
        cursor.execute("UPDATE evaluation SET set_hash = 'other'")
    view = read_view(store, own)
    assert "has changed since" in view.set_words
    assert (view.strict, view.malformed) == (None, None)
    item = read_item_view(store, own, "simple_python_1")
    assert (item.question, item.asked, item.differences) == (None, None, ())
