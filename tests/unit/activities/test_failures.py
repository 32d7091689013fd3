"""What is said of a run whose worker fails, by the way it fails."""

import pytest

from tests.unit.activities.conftest import until
from xlam_backend.runs import tree
from xlam_backend.runs.failure import describe_exit
from xlam_backend.runs.log import log_tail


@pytest.mark.parametrize(
    ("do", "failure_class", "what"),
    [
        ("memory", "out of memory", "more memory than there was"),
        ("disk", "disk", "The disk is full"),
        ("data", "data", "The input is torn"),
        ("service", "service", "does not answer"),
        ("bug", "bug", "ValueError: a bug"),
        ("kill", "interrupted", "ended from outside (SIGKILL)"),
        ("segfault", "bug", "crashed (SIGSEGV)"),
        ("exit", "bug", "status 3"),
    ],
)
def test_a_failed_run_says_why_and_goes_on_from_there(runs, do, failure_class, what):
    run_id = runs.start(do=do, at=1)
    status = runs.until_state(run_id, "failed")
    assert status.failure_class == failure_class
    assert what in status.what
    assert status.way_out
    assert "at item 1" in log_tail(runs.folder(run_id) / "attempt-1" / "log.txt")
    runs.resume(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert runs.rows() == [0, 1, 2]


def test_a_kill_by_the_kernel_is_a_lack_of_memory():
    assert describe_exit(-9, kernel_killed=True).failure_class == "out of memory"


def test_what_a_worker_leaves_behind_is_ended_with_it(runs):
    run_id = runs.start(do="children", at=1)
    folder = runs.folder(run_id)
    until((folder / "children").exists)
    supervisor = runs.pids(run_id).supervisor_pid
    assert len(tree.descendants(supervisor)) == 2  # the worker, and the sleeper that became an orphan
    runs.let_go(run_id)
    assert runs.wait(run_id).state == "succeeded"
    assert tree.marked_processes(folder) == []
