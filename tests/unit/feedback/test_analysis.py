"""From failed questions to the rows of a release, held against a plain look at every row."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.failing import (
    NOW,
    SET,
    WRONG_TYPE,
    all_numbers,
    fail_as_known,
    write_a_model,
    write_answers,
    write_release,
)
from xlam_backend.bfcl.question_files import find_question_set
from xlam_backend.domain.filters import Filters, split_ids
from xlam_backend.errors import AccessDeniedError, NotFoundError, SettingError, UnknownNameError
from xlam_backend.explore.search import find_trajectories
from xlam_backend.feedback.analysis import analyse_slice, choose_release, release_of
from xlam_backend.feedback.comparing import compare_models
from xlam_backend.feedback.failures import Slice, count_failures, find_evaluation, list_failures
from xlam_backend.feedback.lack import needed_tools
from xlam_backend.feedback.release_index import index_folder, open_index
from xlam_backend.feedback.requests import (
    plan_review,
    send_to_review,
    suggest_requests,
    write_data_request,
)
from xlam_backend.feedback.signatures import signature_of
from xlam_backend.feedback.trained_on import find_trained_on
from xlam_backend.releases.reading import find_release, read_rows
from xlam_backend.review.queues import open_queue, preview_queue
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import read_evaluation


@pytest.fixture(scope="module")
def failed(demo_template, tmp_path_factory):
    """The demo data with a release of it and an evaluated model that learnt it."""
    folder = tmp_path_factory.mktemp("failed") / "store"
    shutil.copytree(demo_template, folder)
    store = Store.open(folder)
    release_id, number = fail_as_known(store)
    yield store, release_id, number
    store.close()


@pytest.fixture(scope="module")
def rows(failed):
    """Every row of the release."""
    store, release_id, _ = failed
    return list(read_rows(find_release(store.folder, release_id).folder))


def called(row):
    return {call.name for step in row.trajectory.steps for call in step.tool_calls}


def test_failures_are_counted_by_category_error_and_pattern(failed):
    store, _, number = failed
    found = count_failures(store, number)
    assert (found.wrong.hits, found.wrong.total, found.not_answered_count) == (14, 102, 2)
    assert found.count(category="simple_python", code="IAV") == 5
    assert found.count(category="simple_python", code="IAT") == 3
    assert found.count(code="IFE") == found.count(category="multiple") == 2
    assert found.count(error_type="irrelevance_error:decoder_success") == found.count(code="other") == 4
    lines = {line.category: line for line in found.categories}
    assert lines["parallel"].not_answered_count == 2
    assert lines["parallel"].wrong.hits == 0, "what was not answered is no failure"


def test_a_slice_is_listed_page_by_page(failed):
    store, _, number = failed
    page = list_failures(store, number, Slice(category="simple_python"), page=2, page_size=5)
    assert page.total == 8
    assert [one.item.item_id for one in page.failures] == [f"simple_python_{at}" for at in (5, 6, 7)]
    assert {one.code for one in page.failures} == {"IAT"}


def test_an_evaluation_is_found_by_number_or_model(failed):
    store, _, number = failed
    assert find_evaluation(store, str(number)).evaluation_no == number
    assert find_evaluation(store, "trained-model").evaluation_no == number
    with pytest.raises(UnknownNameError, match="trained-model"):
        find_evaluation(store, "trained-modle")


def test_the_index_says_of_each_tool_which_rows_call_and_offer_it(failed, rows):
    store, release_id, _ = failed
    index = open_index(store.folder, find_release(store.folder, release_id))
    assert len(index) == len(rows)
    for number, signature in enumerate(index.signatures):
        offering = [
            at
            for at, row in enumerate(rows)
            if signature in {signature_of(one) for one in row.trajectory.tools}
        ]
        assert index.offering(number).tolist() == offering
        assert {at for at in offering if signature.name in called(rows[at])} <= {*index.calling(number)}
    assert [one.row_id for one in index.rows(index.of_shape("no_call"))] == [
        row.row_id for row in rows if row.trajectory.tools and not called(row)
    ]
    with_list = {
        at
        for at, row in enumerate(rows)
        for step in row.trajectory.steps
        for call in step.tool_calls
        if any(isinstance(value, list) for value in call.arguments.values())
    }
    assert {*index.with_argument_kind("array")} == with_list
    assert with_list


def test_an_index_is_made_once_and_again_where_it_was_removed(failed):
    store, release_id, _ = failed
    release = find_release(store.folder, release_id)
    before = open_index(store.folder, release)
    folder = index_folder(store.folder, release_id)
    stamp = (folder / "rows.parquet").stat().st_mtime_ns
    open_index(store.folder, release)
    assert (folder / "rows.parquet").stat().st_mtime_ns == stamp
    shutil.rmtree(folder)
    assert open_index(store.folder, release).keys() == before.keys()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_the_nearest_rows_call_the_tools_that_the_failed_questions_need(failed):
    store, release_id, number = failed
    found = analyse_slice(store, number, Slice(category="simple_python", code="IAV"))
    assert found.release_id == release_id
    asked = find_question_set(store.folder, SET).by_id()
    needed = {tool.name for at in range(5) for tool in needed_tools(asked[f"simple_python_{at}"])}
    best = found.samples[0]
    assert best.needed in needed
    assert best.likeness == max(one.likeness for one in found.samples)
    assert [one.score for one in found.samples] == sorted((one.score for one in found.samples), reverse=True)
    assert len({one.row.row_id for one in found.samples}) == len(found.samples) == 25
    assert {one.needed for one in found.samples} <= needed


def test_findings_of_the_kind_the_model_makes_bring_a_row_nearer(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(code="IAV"), most=100)
    same = [one for one in found.samples if one.has_same_code]
    assert same
    for one in same:
        assert "IAV" in {finding.code for finding in one.known.findings}
    alike = {}
    for one in found.samples:
        alike.setdefault((one.likeness, one.is_called, one.has_same_shape), {}).setdefault(
            one.has_same_code, one.score
        )
    pairs = [scores for scores in alike.values() if len(scores) == 2]
    assert pairs
    assert all(scores[True] > scores[False] for scores in pairs)


def test_an_irrelevant_question_needs_rows_that_make_no_call(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(category="irrelevance"))
    assert found.lack.shapes == {"no_call": 4}
    assert found.coverage.shapes[0].rows.hits == sum(
        bool(row.trajectory.tools) and not called(row)
        for row in read_rows(find_release(store.folder, found.release_id).folder)
    )


def test_coverage_counts_rows_that_call_the_very_same_tool(failed, rows):
    store, _, number = failed
    found = analyse_slice(store, number, Slice())
    assert found.coverage.row_count == len(rows)
    for tool in found.coverage.tools:
        same = [
            row
            for row in rows
            if tool.name in called(row)
            and any(
                (one.name, one.parameters) == (tool.name, tool.parameters)
                for one in map(signature_of, row.trajectory.tools)
            )
        ]
        assert same
        # Names that differ in case alone, which are calls of tools not on offer, count as the same tool.
        assert len(same) <= tool.same_rows <= len(same) + 5
    counts = found.coverage
    assert counts.same_count + counts.near_count + counts.missing_count == len(counts.tools)


def test_a_row_whose_record_was_changed_or_removed_says_so(failed):
    store, _, number = failed
    known = analyse_slice(store, number, Slice(), most=200).samples
    assert all(one.known is not None and one.known.is_current for one in known)


def test_requests_name_their_samples_one_by_one(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(), most=60)
    by_kind = {one.kind: one for one in found.requests}
    flagged = {one.row.trajectory_id[:16] for one in found.samples if one.is_flagged}
    assert {*split_ids(by_kind["review"].filters.ids)} == flagged
    assert by_kind["augment"].count == len(found.samples) - len(flagged)
    for request in found.requests:
        assert find_trajectories(store, request.filters).total == request.count


def test_samples_that_no_check_flags_can_be_reviewed_too(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(), most=60)
    sound = tuple(one for one in found.samples if not one.is_flagged)
    review, augment = suggest_requests(sound)
    assert (review.kind, augment.kind) == ("review", "augment")
    assert review.filters == augment.filters
    plan = plan_review(found.evaluation, Slice(), sound, found.lack)
    assert preview_queue(store, plan).item_count >= len(sound)  # what is only warned of counts place by place


def test_a_slice_is_sent_to_review(failed):
    store, _, number = failed
    wanted = Slice(code="IAT")
    found = analyse_slice(store, number, wanted, most=30)
    plan = plan_review(found.evaluation, wanted, found.samples, found.lack)
    preview = preview_queue(store, plan)
    assert preview.item_count
    with pytest.raises(AccessDeniedError):
        send_to_review(store, plan, person=AN_ANNOTATOR, now=NOW)
    queue_no = send_to_review(store, plan, person=A_RESEARCHER, now=NOW)
    queue = open_queue(store, queue_no, person=A_RESEARCHER, now=NOW)
    assert queue.plan.name == "Failures of trained-model: IAT"
    assert "incorrect argument type" in queue.plan.guideline
    again = analyse_slice(store, number, wanted, most=30)
    assert {one.known.is_queued for one in again.samples if one.is_flagged} == {True}


def test_a_data_request_holds_no_question(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(category="simple_python"))
    text = msgspec.json.encode(
        write_data_request(found.evaluation, found.wanted, found.lack, found.coverage, found.release_id)
    ).decode()
    asked = find_question_set(store.folder, SET).by_id()
    assert found.lack.tools[0].signature.name in text
    for question in asked.values():
        assert question.turns[0][-1]["content"] not in text
        assert question.id not in text


def test_the_release_is_that_of_the_model_or_of_the_one_it_went_on_from(failed):
    store, release_id, number = failed
    write_a_model(store, "went-on", parent="trained-model", method="dpo")
    later = write_answers(store, {}, model="went-on", kept_model="went-on", days=1)
    assert release_of(store, read_evaluation(store, later)) == release_id
    other = write_answers(store, {"multiple_0": WRONG_TYPE}, model="somebody else's")
    with pytest.raises(SettingError, match="not known which release"):
        analyse_slice(store, other, Slice())
    assert analyse_slice(store, other, Slice(), release_name=release_id[:8]).lack.failure_count == 1
    with pytest.raises(NotFoundError):
        choose_release(store, read_evaluation(store, number), "ffffff")
    with pytest.raises(UnknownNameError):
        analyse_slice(store, number, Slice(item="simple_python_39"))


def test_questions_that_are_not_at_hand_are_said_to_be_unknown(failed):
    store, release_id, _ = failed
    lost = write_answers(
        store, {"multiple_0": WRONG_TYPE}, model="lost", kept_model="trained-model", question_set="gone"
    )
    found = analyse_slice(store, lost, Slice(), release_name=release_id)
    assert "not on this machine" in found.question_words
    assert (found.lack.unknown_count, found.samples) == (1, ())
    changed = write_answers(store, {}, model="changed", set_hash="0" * 64)
    with_release = analyse_slice(store, changed, Slice(), release_name=release_id)
    assert "changed since" in with_release.question_words


def test_two_models_are_compared_on_what_both_answered(failed):
    store, _, number = failed
    second = write_answers(
        store,
        {"simple_python_0": WRONG_TYPE, "multiple_9": WRONG_TYPE},
        model="better",
        not_answered=("multiple_0",),
    )
    found = compare_models(store, number, second)
    assert found.overall.counts == {"lost": 1, "won": 12, "both wrong": 1, "both right": 87}
    assert (found.only_first_count, found.only_second_count) == (1, 2)
    assert (found.overall.test.only_first, found.overall.test.only_second) == (1, 12)
    assert found.overall.test.exact_p == pytest.approx(0.00341796875)
    (lost,) = found.of(outcome="lost")
    assert lost.first.item_id == "multiple_9"
    assert sum(len(found.of(category=one.category)) for one in found.categories) == len(found.items)
    turned = compare_models(store, second, number)
    assert turned.overall.counts["won"] == 1


def test_forward_from_a_trajectory_to_releases_models_and_scores(failed, rows):
    store, release_id, _ = failed
    row = rows[7]
    before = find_trained_on(store, row.trajectory_id)
    assert [(one.release_id, one.how, one.is_current) for one in before.releases] == [
        (release_id, "itself", True)
    ]
    assert before.releases[0].first_number == 7
    assert before.releases[0].row_ids == (row.row_id,)
    some = write_release(store, all_numbers(store)[20:30], made_in="run-2", name="some")
    assert find_trained_on(store, row.trajectory_id).releases == before.releases
    inside = find_trained_on(store, rows[25].trajectory_id).releases
    assert {one.release_id for one in inside} == {release_id, some}


def test_filters_of_requests_fit_into_an_address(failed):
    store, _, number = failed
    found = analyse_slice(store, number, Slice(), most=200)
    assert all(len(one.filters.ids) < 4_000 for one in found.requests)
    assert Filters(ids=found.requests[0].filters.ids).is_empty is False
