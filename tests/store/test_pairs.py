"""Candidates and pairs: read back as written, counted by model, no pair twice, none of an old version."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from tests.builders import a_call, a_trajectory
from xlam_backend.domain.candidate import Candidate
from xlam_backend.domain.finding import Finding, NotChecked
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.errors import NotFoundError
from xlam_backend.store.candidates import count_becauses, count_by_model, read_candidate, write_candidates
from xlam_backend.store.pairs import (
    PairFilters,
    count_reasons,
    find_pairs,
    read_pair,
    read_pair_row,
    read_pairs,
    without_known,
    write_pairs,
)

AT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 the store gives moments back without a zone
FLAG = Finding("argument_type", 1, "fix", "IAT", "A text.", 0, 0, "f", "/a", evidence={"huge": 10**30})


def a_candidate(**fields):
    told = {
        "run_id": "r1", "version_no": 1, "trajectory_no": 1, "step": 0, "model": "small", "endpoint": "here",
        "attempt": 0, "prompt_name": "respond_next_step", "prompt_version": 1, "prompt_hash": "ab",
        "state": "parsed", "classification": "rejected", "classified_because": "the rules",
        "generated_at": AT, **fields,
    }  # fmt: skip
    return Candidate(**told)


def a_pair(candidate_no=0, reason="wrong value", rejected="Bergen", **fields):
    sides = PairSide("I look.", (a_call(city="Oslo"),)), PairSide("", (a_call(city=rejected),))
    pair = Pair(0, 1, 1, 0, candidate_no, "generated", *sides, reason, False, None, AT)
    return replace(pair, **fields)


@pytest.fixture
def one(fill):
    """A store with trajectory 1."""
    fill("weather", [a_trajectory(query="Oslo?")])


def save(store, candidates=(), pairs=()):
    with store.write() as cursor:
        first = write_candidates(cursor, store, candidates)
        write_pairs(cursor, store, pairs)
    return first


def test_a_candidate_comes_back_as_it_was(store):
    written = a_candidate(
        thought="nul \x00, \U0001f600", tool_calls=(a_call(a=[1, 2.5, None]),), findings=(FLAG,), score=2.0,
        not_checked=(NotChecked("c", 1, "why"),), own_score=4.5, difference="wrong value", cost=0.5,
    )  # fmt: skip
    number = save(store, [a_candidate(), written])
    assert read_candidate(store, number + 1) == replace(written, candidate_no=number + 1)
    with pytest.raises(NotFoundError):
        read_candidate(store, number + 2)


def test_a_pair_comes_back_as_it_was_in_the_order_asked_for(store):
    save(store, pairs=[a_pair(), a_pair(rejected="Rome", margin=1.5)])
    later, first = read_pairs(store, [2, 1])
    assert later == a_pair(rejected="Rome", margin=1.5, pair_no=2)
    assert first == read_pair(store, 1) == a_pair(pair_no=1)
    with pytest.raises(NotFoundError):
        read_pair(store, 3)


def test_models_are_counted_by_how_far_their_candidates_came(store):
    save(
        store,
        [
            a_candidate(findings=(FLAG,), score=1.0, input_tokens=10, output_tokens=5, cost=0.25),
            a_candidate(classification="same", findings=(replace(FLAG, level="warn"),)),
            a_candidate(state="unreadable", classification="unusable"),
            a_candidate(state="not_generated", classification="unusable", model="tiny", is_scripted=True),
            a_candidate(run_id="r2"),
        ],
        [a_pair(1)],
    )
    small, tiny = count_by_model(store, "r1")
    assert (small.asked_count, small.generated_count, small.parsed_count) == (3, 3, 2)
    assert (small.flagged_count, small.rated_count, small.pair_count) == (1, 1, 1)
    assert (small.tokens, small.cost, tiny.cost) == (15, 0.25, None)
    assert small.classified == {"same": 1, "rejected": 1, "unclear": 0, "unusable": 1}
    assert (tiny.is_scripted, small.is_scripted, tiny.generated_count) == (True, False, 0)
    assert [row.asked_count for row in count_by_model(store)] == [4, 1]
    assert sum(row.count for row in count_becauses(store, "r1")) == 4


def test_pairs_are_found_by_run_model_and_reason(store, one):
    numbers = save(store, [a_candidate(), a_candidate(model="tiny", run_id="r2", score=1.0, own_score=4.0)])
    save(store, pairs=[a_pair(numbers), a_pair(numbers + 1, "wrong tool", "Rome"), a_pair(is_equal=True)])
    everything = find_pairs(store, PairFilters())
    assert (everything.total, [row.pair.pair_no for row in everything.rows]) == (2, [2, 1])
    assert [row.model for row in find_pairs(store, PairFilters(reason="wrong tool")).rows] == ["tiny"]
    assert find_pairs(store, PairFilters(run_id="r2", model="small")).total == 0
    assert [row.pair.pair_no for row in find_pairs(store, PairFilters(), first=1, count=1).rows] == [1]
    assert count_reasons(store, PairFilters()) == {("small", "wrong value"): 1, ("tiny", "wrong tool"): 1}
    row = read_pair_row(store, 2)
    assert (row.query, row.run_id, row.score, row.own_score) == ("Oslo?", "r2", 1.0, 4.0)


def test_a_pair_of_an_old_version_does_not_count(store, one):
    save(store, pairs=[a_pair()])
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO trajectory SELECT * REPLACE (99 AS version_no, 1 AS version) FROM trajectory"
        )
        cursor.execute("INSERT INTO head_change VALUES (1, 1, 1, 99, '', '', '')")
    assert find_pairs(store, PairFilters()).total == 0
    assert read_pair(store, 1).pair_no == 1


def test_equal_rejected_calls_are_a_pair_once(store):
    save(store, pairs=[a_pair()])
    again = [a_pair(rejected="Rome"), a_pair(), a_pair(rejected="Rome"), a_pair(step=1), a_pair(version_no=2)]
    with store.cursor() as cursor:
        new = without_known(cursor, again)
    assert [(one.version_no, one.step, one.rejected.tool_calls[0].arguments["city"]) for one in new] == [
        (1, 0, "Rome"),
        (1, 1, "Bergen"),
        (2, 0, "Bergen"),
    ]
