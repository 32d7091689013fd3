"""Runs as people start, stop, resume, repeat and delete them: with real processes."""

from tests.unit.activities.conftest import NOW


def test_a_run_does_its_work_and_is_taken_in(runs):
    run_id = runs.start(seed=7, rows=2)
    status = runs.wait(run_id)
    assert (status.state, status.outcome) == ("succeeded", {"items": 3, "attempt": 1})
    assert (status.progress.done, status.progress.total, status.item_count) == (3, 3, 3)
    assert runs.rows() == [0, 0, 1, 1, 2, 2]
    assert status.intake.taken == {f"part-{item:04d}.json": 2 for item in range(3)}
    assert status.intake.is_complete
    assert (status.person, status.created_at) == ("ann", NOW)


def test_stopped_and_resumed_it_ends_with_every_row_once(runs):
    run_id = runs.start(count=5, do="wait", at=3)
    runs.until_waiting(run_id, 3)
    runs.take_in()
    assert runs.rows() == [0, 1, 2]
    runs.stop(run_id)
    runs.until_state(run_id, "stopped")
    runs.resume(run_id)
    status = runs.wait(run_id)
    assert (status.state, status.attempt) == ("succeeded", 2)
    assert runs.rows() == [0, 1, 2, 3, 4]
