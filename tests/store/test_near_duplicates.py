"""Near-duplicates in the store: clusters at a threshold, decisions that drop and are taken back, removal."""

from __future__ import annotations

import pytest

from tests.builders import A_RESEARCHER, AN_ADMIN, AN_ANNOTATOR, a_call, a_trajectory
from tests.near_duplicates import search_store
from xlam_backend.dedupe.clusters import (
    count_classes,
    list_clusters,
    list_pairs,
    map_points,
    read_cluster,
    threshold_curve,
)
from xlam_backend.dedupe.decisions import decide, decide_all, list_decisions, undo
from xlam_backend.domain.near_duplicate import ClusterQuery, SearchSettings
from xlam_backend.errors import AccessDeniedError, NotFoundError, ReviewRefusedError, SettingError
from xlam_backend.review.dispositions import count_dispositions, read_disposition
from xlam_backend.store.mixture_rows import read_marks
from xlam_backend.store.removal import remove_dataset

OSLO = [a_call(city="Oslo")]
WORDS = "what will the weather be like in the city of Oslo tomorrow"
ROWS = [
    a_trajectory(OSLO, query=WORDS + " morning"),
    a_trajectory(OSLO, query=WORDS + " evening"),
    a_trajectory(OSLO, query=WORDS + " please"),
    a_trajectory([a_call(city="Rome")], query=WORDS),
    a_trajectory(OSLO, query="rain in Oslo"),
    a_trajectory(OSLO, query="  "),
]
THRESHOLD = 0.8


@pytest.fixture
def searched(store, fill, tmp_path, now):
    """A search over two datasets, of which "test" is an evaluation set with one row of the cluster."""
    fill("train", ROWS)
    fill("test", [a_trajectory(OSLO, query=WORDS.upper())])
    chosen = SearchSettings(evaluation_sets=("test",), threshold=THRESHOLD)
    return search_store(store, tmp_path / "input", now=now, settings=chosen)


def clusters(store, search_no, **query):
    return list_clusters(store, search_no, ClusterQuery(THRESHOLD, **query))


def only_cluster(store, search_no):
    (line,) = clusters(store, search_no).clusters
    return read_cluster(store, search_no, line.number, threshold=THRESHOLD)


def states(store):
    return count_dispositions(store)


def test_a_cluster_holds_what_is_worded_alike_and_calls_the_same(store, searched):
    found = only_cluster(store, searched)
    assert [member.dataset for member in found.members] == ["test", "train", "train", "train"]
    assert all(member.calls == tuple(OSLO) for member in found.members)
    assert found.keeper_reason == "of an evaluation set"
    page = clusters(store, searched)
    assert (page.total, page.row_count, page.going_count) == (1, 4, 3)


def test_what_is_no_duplicate_is_shown_as_what_it_is(store, searched):
    other = list_pairs(store, searched, "same_query_other_arguments", threshold=THRESHOLD)
    assert (
        other.total == count_classes(store, searched, threshold=THRESHOLD)["same_query_other_arguments"] > 0
    )
    for pair in other.pairs:
        assert {call.arguments["city"] for side in (pair.left, pair.right) for call in side.calls} == {
            "Oslo",
            "Rome",
        }


def test_the_curve_says_what_the_clusters_say(store, searched):
    for point in threshold_curve(store, searched)[::7]:
        page = list_clusters(store, searched, ClusterQuery(point.threshold))
        assert (point.going_count, point.cluster_count) == (page.going_count, page.total)


def test_clusters_are_found_by_what_is_in_them(store, searched):
    assert clusters(store, searched, text="EVENING").total == 1
    assert clusters(store, searched, text="nowhere").total == 0
    assert clusters(store, searched, spans_datasets=True).total == 1
    assert clusters(store, searched, evaluation_only=True).total == 1
    assert clusters(store, searched, dataset="train").total == 1
    assert clusters(store, searched, state="decided").total == 0


def test_every_row_is_on_the_map_once(store, searched):
    view = map_points(store, searched, threshold=THRESHOLD)
    assert (view.total, len(view.points)) == (6, 6)
    assert sum(point.cluster > 0 for point in view.points) == 4
    few = map_points(store, searched, threshold=THRESHOLD, most=4, seed=3)
    assert [point.cluster > 0 for point in few.points] == [True] * 4


def test_keeping_one_drops_the_others_until_it_is_taken_back(store, searched, now):
    cluster = only_cluster(store, searched)
    made = decide(
        store, searched, cluster.number, "keep one", threshold=THRESHOLD, person=A_RESEARCHER, now=now
    )
    assert (made.kept_count, made.dropped_count) == (1, 3)
    assert states(store) == {"drop": 3}
    gone = cluster.members[1]
    disposition = read_disposition(store, gone.trajectory_no)
    assert disposition.state == "drop"
    assert disposition.near_duplicate.kept_id == cluster.members[0].trajectory_id
    assert clusters(store, searched, state="undecided").total == 0
    undo(store, made.decision_no, person=A_RESEARCHER, now=now)
    assert states(store) == {}
    assert read_disposition(store, gone.trajectory_no).state == ""
    assert clusters(store, searched, state="undecided").total == 1
    with pytest.raises(ReviewRefusedError, match="already"):
        undo(store, made.decision_no, person=A_RESEARCHER, now=now)
    assert [each.choice for each in list_decisions(store)] == ["undo", "keep one"]


def test_a_later_decision_counts_and_undoing_it_brings_the_earlier_back(store, searched, now):
    cluster = only_cluster(store, searched)
    for choice, left in (("keep one", {"drop": 3}), ("keep all", {})):
        made = decide(store, searched, cluster.number, choice, threshold=THRESHOLD, person=AN_ADMIN, now=now)
        assert states(store) == left
    undo(store, made.decision_no, person=AN_ADMIN, now=now)
    assert states(store) == {"drop": 3}


def test_the_person_chooses_who_stays_but_never_drops_an_evaluation_row(store, searched, now):
    cluster = only_cluster(store, searched)
    first, second = (member.trajectory_no for member in cluster.members[1:3])
    decide(
        store,
        searched,
        cluster.number,
        "keep both",
        threshold=THRESHOLD,
        keep=(first, second),
        person=AN_ADMIN,
        now=now,
    )
    kept = {m.trajectory_no for m in only_cluster(store, searched).members if m.disposition == "keep"}
    assert kept == {cluster.members[0].trajectory_no, first, second}


def test_what_makes_no_sense_is_refused_and_nothing_is_written(store, searched, now):
    cluster = only_cluster(store, searched)
    common = {"threshold": THRESHOLD, "person": AN_ADMIN, "now": now}
    with pytest.raises(NotFoundError, match="no cluster"):
        decide(store, searched, 999, "keep one", **common)
    with pytest.raises(SettingError, match="not in this cluster"):
        decide(store, searched, cluster.number, "keep one", keep=(12345,), **common)
    numbers = tuple(member.trajectory_no for member in cluster.members[:2])
    with pytest.raises(SettingError, match="keeps 1, but 2"):
        decide(store, searched, cluster.number, "keep one", keep=numbers, **common)
    with pytest.raises(AccessDeniedError):
        decide(store, searched, cluster.number, "keep one", threshold=THRESHOLD, person=AN_ANNOTATOR, now=now)
    with pytest.raises(NotFoundError, match="no decision"):
        undo(store, 77, person=AN_ADMIN, now=now)
    assert list_decisions(store) == []


def test_all_that_is_undecided_is_decided_at_once_and_taken_back_at_once(store, searched, now):
    made = decide_all(store, searched, ClusterQuery(THRESHOLD), person=AN_ADMIN, now=now)
    assert (made.cluster_count, made.dropped_count) == (1, 3)
    with pytest.raises(SettingError, match="left to decide"):
        decide_all(store, searched, ClusterQuery(THRESHOLD), person=AN_ADMIN, now=now)
    undo(store, made.decision_no, person=AN_ADMIN, now=now)
    assert states(store) == {}


def test_what_people_decide_one_by_one_says_how_often_a_threshold_is_right(store, searched, now):
    def judged():
        return {(point.judged_count, point.right_count) for point in threshold_curve(store, searched)}

    assert judged() == {(0, 0)}
    cluster = only_cluster(store, searched)
    common = {"threshold": THRESHOLD, "person": AN_ADMIN, "now": now}
    decide(store, searched, cluster.number, "keep one", **common)
    assert max(judged()) == (3, 3)
    made = decide(store, searched, cluster.number, "keep all", **common)
    assert max(judged()) == (3, 0)
    undo(store, made.decision_no, person=AN_ADMIN, now=now)
    assert max(judged()) == (3, 3)


def test_rows_of_a_removed_dataset_leave_their_clusters_and_their_decisions(store, searched, count, now):
    decide_all(store, searched, ClusterQuery(THRESHOLD), person=AN_ADMIN, now=now)
    remove_dataset(store, 1, person=AN_ADMIN, now=now)
    assert clusters(store, searched).total == 0
    assert count("near_decision_row", "disposition = 'drop'") == 0
    assert list_pairs(store, searched, "duplicate", threshold=THRESHOLD).total == 0
    assert threshold_curve(store, searched)[-1].going_count == 0


def test_what_went_for_a_row_whose_dataset_is_removed_is_open_again(store, searched, count, now):
    decide_all(store, searched, ClusterQuery(THRESHOLD), person=AN_ADMIN, now=now)
    assert states(store) == {"drop": 3}  # for the row of the evaluation set
    remove_dataset(store, 2, person=AN_ADMIN, now=now)
    assert states(store) == {}
    assert count("near_decision_row") == 0
    assert clusters(store, searched, state="undecided").total == 1


def test_what_went_for_a_row_that_review_drops_is_open_again(store, searched, now):
    decide_all(store, searched, ClusterQuery(THRESHOLD), person=AN_ADMIN, now=now)
    keeper, *others = (member.trajectory_no for member in only_cluster(store, searched).members)
    with store.write() as cursor:
        cursor.execute(
            "INSERT INTO review_item VALUES (1, 1, 0, 'finding', ?, ?, 0, 0, 0, 'argument_type', 0, 0, '', "
            "'', 1, true, '', 0, false)",
            [keeper, keeper],
        )
        cursor.execute(
            "INSERT INTO adjudication VALUES (1, 1, 1, 'ann', '', 'drop', NULL, '', 'slip', '', false, ?)",
            [now.replace(tzinfo=None)],
        )
    assert states(store) == {"drop": 1}
    assert {read_disposition(store, number).state for number in others} == {""}
    assert read_marks(store).near_duplicates.tolist() == []


def test_settings_that_mean_nothing_are_refused(store, fill, tmp_path, now):
    fill("train", ROWS)
    for chosen, words in (
        (SearchSettings(threshold=1.5), "similarity"),
        (SearchSettings(threshold=0.4), "below what is searched"),
        (SearchSettings(evaluation_sets=("nothing",)), "no dataset"),
    ):
        with pytest.raises(SettingError, match=words):
            search_store(store, tmp_path / "refused", now=now, settings=chosen)


def test_the_seed_decides_among_equals_and_the_same_seed_decides_the_same(store, fill, tmp_path, now):
    fill("train", [a_trajectory(OSLO, query=WORDS + "!" * more) for more in range(6)])

    def keeper(seed, name):
        number = search_store(store, tmp_path / name, now=now, settings=SearchSettings(seed=seed))
        return only_cluster(store, number).members[0].trajectory_id

    kept = [keeper(seed, f"s{seed}") for seed in range(6)]
    assert len(set(kept)) > 1
    assert keeper(3, "again") == kept[3]
