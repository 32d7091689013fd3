"""Ratings: written from runs, read by trajectory and by number, counted, and searched by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from xlam_backend.domain.filters import ANY_JUDGE, Filters
from xlam_backend.domain.rating import Rating
from xlam_backend.errors import NotFoundError
from xlam_backend.explore.search import find_trajectories
from xlam_backend.store.connection import Store
from xlam_backend.store.ratings import (
    count_ratings,
    find_ratings,
    read_rating,
    read_version_ratings,
    write_ratings,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RATING = Rating(
    run_id="r",
    judge="argument_hallucination",
    subject="argument",
    version_no=1,
    trajectory_no=1,
    model="m",
    prompt_name="judge_argument",
    prompt_version=1,
    prompt_hash="h1",
    input_hash="i",
    rated_at=NOW,
    step=0,
    call=0,
    pointer="/city",
    verdict="unsupported",
    is_flagged=True,
    scale_low=0.0,
    scale_high=1.0,
    rationale="nobody said it\x00\u202e",
    details={"questions": {"stated": False}},
    settings={"temperature": 0.0},
    raw_reply="…",
    input_tokens=10,
    output_tokens=5,
    cost=0.25,
)


@pytest.fixture
def store(demo_data):
    opened = Store.open(demo_data)
    yield opened
    opened.close()


def write(store, *ratings):
    with store.write() as cursor:
        return write_ratings(cursor, store, ratings)


def found(store, judge):
    return [row.version_no for row in find_trajectories(store, Filters(judge=judge)).rows]


def test_a_rating_comes_back_as_it_was(store):
    assert write(store, RATING) == 1
    [stored] = read_version_ratings(store, 1)
    expected = replace(RATING, rated_at=NOW.replace(tzinfo=None))
    assert stored.rating == expected
    assert read_rating(store, stored.rating_no) == stored


def test_an_unknown_number_is_said_to_be_unknown(store):
    with pytest.raises(NotFoundError):
        read_rating(store, 1)


def test_the_last_judgement_counts_and_a_failed_one_hides_none(store):
    later = replace(RATING, verdict="supported", is_flagged=False)
    failed = replace(later, state="not_judged", verdict="", not_judged_reason="tie")
    write(store, RATING, later, failed)
    assert [one.rating.verdict for one in read_version_ratings(store, 1)] == ["supported"]
    [count] = count_ratings(store)
    assert (count.rating_count, count.flagged_count, count.verdicts) == (1, 0, (("supported", 1),))


def test_models_and_prompts_are_counted_apart(store):
    write(store, RATING, replace(RATING, model="n"), replace(RATING, prompt_hash="h2", prompt_version=2))
    assert sorted((one.model, one.prompt_version) for one in count_ratings(store)) == [
        ("m", 1),
        ("m", 2),
        ("n", 1),
    ]


def test_scores_and_reasons_are_counted(store):
    scored = replace(RATING, judge="step_quality", pointer="", verdict="", score=2.0, scale_high=5.0)
    other = replace(scored, step=1, score=5.0, is_flagged=False)
    failed = replace(
        scored, step=2, score=None, state="not_judged", not_judged_reason="tie", is_flagged=False
    )
    write(store, scored, other, failed)
    [count] = count_ratings(store)
    assert (count.rating_count, count.judged_count, count.not_judged_count) == (3, 2, 1)
    assert (count.mean_score, count.scores, count.reasons) == (3.5, ((2.0, 1), (5.0, 1)), (("tie", 1),))


def test_scores_on_different_scales_are_not_averaged(store):
    scored = replace(RATING, judge="step_quality", verdict="", score=5.0, scale_low=1.0, scale_high=5.0)
    write(store, scored, replace(scored, step=1, score=0.0, scale_low=0.0))
    assert sorted((one.scale_low, one.mean_score, one.scores) for one in count_ratings(store)) == [
        (0.0, 0.0, ((0.0, 1),)),
        (1.0, 5.0, ((5.0, 1),)),
    ]


def test_members_and_candidates_are_not_counted(store):
    write(store, replace(RATING, member="member"), replace(RATING, candidate_no=7))
    assert count_ratings(store) == ()
    assert found(store, ANY_JUDGE) == []
    assert find_ratings(store, Filters()) == ()


def test_explore_finds_what_a_judge_flagged(store):
    fine = replace(RATING, version_no=2, trajectory_no=2, is_flagged=False, verdict="supported")
    write(store, RATING, fine, replace(RATING, version_no=3, trajectory_no=3, judge="final_answer"))
    assert found(store, "argument_hallucination") == [1]
    assert found(store, ANY_JUDGE) == [1, 3]
    assert found(store, "step_quality") == []


def test_ratings_are_found_by_judge_flag_and_filter(store):
    fine = replace(RATING, version_no=2, trajectory_no=2, is_flagged=False, verdict="supported")
    write(store, RATING, fine)
    assert [one.rating.version_no for _, one in find_ratings(store, Filters())] == [2, 1]
    assert [one.rating.version_no for _, one in find_ratings(store, Filters(), is_flagged=True)] == [1]
    assert find_ratings(store, Filters(), judge="step_quality") == ()
    assert find_ratings(store, Filters(dataset="help_desk_unified_2")) == ()
