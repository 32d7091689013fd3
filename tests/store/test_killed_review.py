"""kill -9 while many people review: nothing acknowledged is lost, nothing is stored twice."""

from __future__ import annotations

from tests.review_load import examine, run_with_a_kill
from tests.review_queues import make_queue
from xlam_backend.store.connection import Store


def test_reviewers_go_on_where_a_killed_process_left_them(tmp_path):
    folder, journals = tmp_path / "store", tmp_path / "journals"
    store = Store.open(folder)
    queue_no = make_queue(store, 100, overlap=2)
    store.close()
    run_with_a_kill(folder, journals, queue_no, 10, kill_after=70)
    store = Store.open(folder)
    outcome = examine(store, journals, queue_no, 2)
    store.close()
    assert (outcome.item_count, outcome.verdict_count, outcome.acknowledged_count) == (100, 200, 200)
    assert set(outcome.wrong.values()) == {0}, outcome.wrong
