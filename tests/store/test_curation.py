"""Licences, evaluation sets and categories in the store: corrections, findings that follow, undoing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.builders import AN_ADMIN, AN_ANNOTATOR, a_trajectory
from xlam_backend.curation import categories, evaluation_sets, licences
from xlam_backend.domain.category import CategorySettings, NewCategory
from xlam_backend.domain.contamination import METHODS, ContaminationSettings
from xlam_backend.domain.trajectory import Step, Trajectory
from xlam_backend.errors import AccessDeniedError, InputError, NotFoundError, UnknownNameError
from xlam_backend.store.audit import AuditFilters, read_audit
from xlam_backend.store.categories import read_categories, write_scheme
from xlam_backend.store.contamination import NewSearch, contaminated, write_searches
from xlam_backend.store.licences import read_licences, sync_licence_findings
from xlam_backend.store.mixture_rows import read_marks
from xlam_backend.store.removal import remove_dataset

WHO = {"person": AN_ADMIN}


def talk(query, **extra):
    return Trajectory(query=query, steps=(Step(thought="Yes."),), tools_stated=False, extra=extra)


@pytest.fixture
def talks(fill):
    """Dataset 1: conversations 1 to 3, the third under a licence of its own; dataset 2: a call, number 4."""
    fill("talks", [talk("One?"), talk("Two?"), talk("Three?", license="CC BY-NC 4.0")])
    fill("calls", [a_trajectory()])


def findings(store, check):
    with store.cursor() as cursor:
        return cursor.execute(
            "SELECT version_no, level FROM current_finding WHERE check_name = ? ORDER BY ALL", [check]
        ).fetchall()


def finding_numbers(store):
    with store.cursor() as cursor:
        return dict(cursor.execute("SELECT version_no, finding_no FROM finding").fetchall())


def standings(store):
    with store.cursor() as cursor:
        return {row["trajectory_no"]: row["commercial"] for row in read_licences(cursor).to_pylist()}


@pytest.mark.usefixtures("talks")
def test_only_general_instruction_data_is_flagged_for_its_licence(store):
    with store.write() as cursor:
        assert sync_licence_findings(cursor, store) == 3
    assert findings(store, "licence") == [(1, "warn"), (2, "warn"), (3, "reject")]
    assert standings(store) == {1: "unknown", 2: "unknown", 3: "no", 4: "unknown"}


@pytest.mark.usefixtures("talks")
def test_corrections_of_source_record_and_table_move_the_findings(store, now):
    assert licences.set_source_licence(store, "talks", "Apache 2.0", **WHO, now=now) == 1  # the third
    assert findings(store, "licence") == [(3, "reject")]
    kept = finding_numbers(store)
    licences.say_of_licence(store, "apache-2.0", "unknown", "our lawyers ask", **WHO, now=now)
    assert findings(store, "licence") == [(1, "warn"), (2, "warn"), (3, "reject")]
    assert finding_numbers(store)[3] == kept[3]  # what still holds keeps its number
    licences.say_of_licence(store, "Apache License, Version 2.0", "yes", **WHO, now=now)
    with store.cursor() as cursor:
        [(third,)] = cursor.execute("SELECT trajectory_id FROM trajectory WHERE version_no = 3").fetchall()
    licences.set_record_licence(store, third, "MIT", **WHO, now=now)
    assert findings(store, "licence") == []
    assert standings(store)[3] == "yes"
    logged = read_audit(store, AuditFilters(action="curate"), first=0, count=10)
    assert [row.subject for row in logged.rows] == [
        f"trajectory {third}", "licence apache-2.0", "licence apache-2.0", "dataset talks",
    ]  # fmt: skip


@pytest.mark.usefixtures("talks")
def test_what_cannot_be_a_licence_is_refused(store, now):
    with pytest.raises(InputError, match="No licence"):
        licences.say_of_licence(store, " - ", "yes", **WHO, now=now)
    with pytest.raises(InputError, match="characters"):
        licences.set_source_licence(store, "talks", "x" * 1_000_000, **WHO, now=now)
    with pytest.raises(UnknownNameError):
        licences.set_source_licence(store, "walks", "MIT", **WHO, now=now)
    with pytest.raises(NotFoundError):
        licences.set_record_licence(store, "f" * 32, "MIT", **WHO, now=now)
    with pytest.raises(AccessDeniedError):
        licences.set_source_licence(store, "talks", "MIT", person=AN_ANNOTATOR, now=now)


@pytest.fixture
def searched(store, talks, fill, now):
    """Dataset 3, an evaluation set of number 5, which conversation 1 matches by words and by meaning."""
    fill("quiz", [talk("One, please?")])
    evaluation_sets.mark(store, 3, is_evaluation=True, **WHO, now=now)
    found = pa.table(
        {"trajectory_no": [1], "evaluation_trajectory_no": [5], "score": [0.75], "shared": ["one"]}
    )
    with store.write() as cursor:
        write_searches(
            cursor, store, "run-1", [NewSearch(3, "n-gram", 1, found), NewSearch(3, "embedding", 1, found)],
            ContaminationSettings(), trajectory_count=4, highest_version_no=5, **WHO, now=now,
        )  # fmt: skip


def left_out(store):
    with store.cursor() as cursor:
        rows = contaminated(cursor)
    return list(zip(rows.trajectory_no.tolist(), rows.method.tolist()))


@pytest.mark.usefixtures("searched")
def test_matches_are_findings_and_gate(store):
    assert findings(store, "contamination") == [(1, "reject"), (1, "reject")]
    assert left_out(store) == [(1, "embedding"), (1, "n-gram")]
    [pair] = evaluation_sets.find_matches(store, method="n-gram").rows
    assert (pair.query, pair.evaluation_query, pair.score) == ("One?", "One, please?", 0.75)


@pytest.mark.usefixtures("searched")
def test_a_search_is_taken_back_with_its_findings_and_the_one_before_counts_again(store, now):
    by_method = {each.method: each for each in evaluation_sets.read_results(store)}
    nothing = pa.table({"trajectory_no": [], "evaluation_trajectory_no": [], "score": [], "shared": []})
    with store.write() as cursor:
        write_searches(
            cursor, store, "run-2", [NewSearch(3, "n-gram", 1, nothing)], ContaminationSettings(),
            trajectory_count=4, highest_version_no=5, **WHO, now=now,
        )  # fmt: skip
    assert left_out(store) == [(1, "embedding")]
    newest = next(each for each in evaluation_sets.read_results(store) if each.run_id == "run-2")
    assert evaluation_sets.undo(store, newest.search_no, **WHO, now=now) == "quiz"
    assert left_out(store) == [(1, "embedding"), (1, "n-gram")]
    for each in by_method.values():
        evaluation_sets.undo(store, each.search_no, **WHO, now=now)
    assert (left_out(store), findings(store, "contamination")) == ([], [])
    with pytest.raises(NotFoundError):
        evaluation_sets.undo(store, newest.search_no, **WHO, now=now)
    with pytest.raises(AccessDeniedError):
        evaluation_sets.undo(store, 1, person=AN_ANNOTATOR, now=now)


@pytest.mark.usefixtures("searched")
def test_a_mark_taken_back_takes_the_findings_and_comes_with_them(store, now):
    evaluation_sets.mark(store, 3, is_evaluation=False, **WHO, now=now)
    assert (left_out(store), findings(store, "contamination")) == ([], [])
    evaluation_sets.mark(store, 3, is_evaluation=True, **WHO, now=now)
    assert len(findings(store, "contamination")) == 2


@pytest.mark.usefixtures("searched")
def test_an_evaluation_set_that_is_removed_leaves_nothing(store, now):
    remove_dataset(store, 3, **WHO, now=now)
    assert (left_out(store), findings(store, "contamination")) == ([], [])
    assert evaluation_sets.read_results(store) == []


@pytest.mark.usefixtures("searched")
def test_what_came_since_a_search_is_counted(store, fill):
    assert {each.newer_count for each in evaluation_sets.read_results(store)} == {0}
    fill("more", [talk("Six?")])
    assert {each.newer_count for each in evaluation_sets.read_results(store)} == {1}


@pytest.mark.usefixtures("searched")
def test_a_search_in_one_dataset_says_nothing_about_the_others(store, now):
    nothing = pa.table({"trajectory_no": [], "evaluation_trajectory_no": [], "score": [], "shared": []})

    def search(run_id, **chosen):
        with store.write() as cursor:
            write_searches(
                cursor, store, run_id, [NewSearch(3, method, 1, nothing) for method in METHODS],
                ContaminationSettings(**chosen), trajectory_count=1, highest_version_no=9, **WHO, now=now,
            )  # fmt: skip

    search("run-2", dataset="calls")
    assert left_out(store) == [(1, "embedding"), (1, "n-gram")]
    assert read_marks(store).compared_up_to == 5
    assert len(evaluation_sets.read_results(store)) == 4
    search("run-3")
    assert (left_out(store), len(evaluation_sets.read_results(store))) == ([], 2)
    assert read_marks(store).compared_up_to == 9


@pytest.mark.usefixtures("searched")
def test_rows_are_not_compared_once_an_evaluation_set_grew_or_was_one_no_more(store, fill, now):
    assert read_marks(store).compared_up_to == 5
    fill("quiz", [talk("Six?")])
    assert read_marks(store).compared_up_to is None
    evaluation_sets.mark(store, 1, is_evaluation=True, **WHO, now=now)
    numbers = pa.table({"trajectory_no": [], "evaluation_trajectory_no": [], "score": [], "shared": []})
    with store.write() as cursor:
        write_searches(
            cursor, store, "run-2", [NewSearch(1, "n-gram", 3, numbers), NewSearch(3, "n-gram", 2, numbers)],
            ContaminationSettings(), trajectory_count=1, highest_version_no=6, **WHO, now=now,
        )  # fmt: skip
    assert read_marks(store).compared_up_to == 6
    evaluation_sets.mark(store, 1, is_evaluation=False, **WHO, now=now)  # never held against the quiz
    assert read_marks(store).compared_up_to is None


@pytest.fixture
def sorted_talks(store, talks, now):
    """Categories 1 and 2 of conversations 1 and 2, and 3."""
    members = pa.table(
        {
            "trajectory_no": pa.array([1, 2, 3]),
            "category_no": pa.array([1, 1, 2], pa.int32()),
            "similarity": [0.9, 0.8, 1.0],
        }
    )
    made = [NewCategory(1, "one, two", ("one", "two")), NewCategory(2, "three", ("three",))]
    with store.write() as cursor:
        write_scheme(cursor, store, "run", "", CategorySettings(), made, members, **WHO, now=now)


def named(store):
    with store.cursor() as cursor:
        return read_categories(cursor, [1, 2, 3, 4])


@pytest.mark.usefixtures("sorted_talks")
def test_names_and_borders_can_be_changed_and_changed_back(store, now):
    assert named(store) == {1: "one, two", 2: "one, two", 3: "three"}
    categories.rename(store, 1, "  Small \n numbers ", **WHO, now=now)
    categories.merge(store, 2, 1, **WHO, now=now)
    assert set(named(store).values()) == {"Small numbers"}
    [only] = categories.read_scheme(store).categories
    assert (only.count, only.merged) == (3, (2,))
    categories.merge(store, 2, 2, **WHO, now=now)
    assert named(store) == {1: "Small numbers", 2: "Small numbers", 3: "three"}


@pytest.mark.usefixtures("sorted_talks")
def test_what_cannot_be_renamed_or_merged_is_refused(store, now):
    for name in (" ", "x" * 81):
        with pytest.raises(InputError):
            categories.rename(store, 1, name, **WHO, now=now)
    with pytest.raises(NotFoundError):
        categories.rename(store, 9, "nine", **WHO, now=now)
    with pytest.raises(NotFoundError):
        categories.merge(store, 1, 9, **WHO, now=now)
    categories.merge(store, 2, 1, **WHO, now=now)
    with pytest.raises(InputError, match="part of"):
        categories.merge(store, 1, 2, **WHO, now=now)
    with pytest.raises(AccessDeniedError):
        categories.merge(store, 2, 2, person=AN_ANNOTATOR, now=now)
