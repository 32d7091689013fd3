"""Starts the learning: in this process, or through torchrun in several, which it watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from xlam_backend.errors import RunError
from xlam_backend.runs.folder import STATE, WorkerEnd, read_record
from xlam_backend.training.devices import Machine, Placement, count_gpus, look_at_machine, place
from xlam_backend.training.job import TrainingJob
from xlam_backend.training.quiet import be_quiet
from xlam_backend.training.teller import HALT, TOLD, Teller, read_told
from xlam_backend.training.tied import PARENT_MARK
from xlam_backend.training.trainer import TrainingResult, learn, read_result

_LOOK_SECONDS = 0.2
_RANK_ENDS = "rank-*-end.json"


class RankFailedError(RunError):
    """One of the processes of a training on several devices failed; it said how."""

    def __init__(self, end: WorkerEnd) -> None:
        super().__init__(end.what, end.way_out)
        self.failure_class = end.failure_class


def choose_devices(job: TrainingJob) -> Placement:
    """Return how a job runs on this machine; asked before anything is made, for it may be refused.

    Raises:
        SettingError: it asks for devices that are not there.
    """
    be_quiet()
    if job.plan.devices == 1:  # a trainer in one process would try to use all GPUs that it sees
        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        os.environ["CUDA_VISIBLE_DEVICES"] = seen
    placement = place(job.plan, Machine(count_gpus(), has_bf16=True))
    # What a GPU can is asked by the process that uses it: to ask takes memory on it.
    return placement if placement.process_count > 1 else place(job.plan, look_at_machine())


def train(run_folder: Path, placement: Placement, teller: Teller, *, attempt: int) -> TrainingResult | None:
    """Learn on the devices that were chosen; None when the run was stopped before its end.

    Raises:
        RankFailedError: a process of several failed.
    """
    if placement.process_count == 1:
        return learn(run_folder, placement, teller, attempt=attempt)
    _learn_in_several(run_folder, placement, teller, attempt=attempt)
    return read_result(run_folder)


def torchrun_words(run_folder: Path, attempt: int, process_count: int) -> list[str]:
    """Return the command that starts the processes of a training on several devices of one machine."""
    return [
        sys.executable,
        "-m",
        "xlam_backend.training.several",
        "--standalone",
        f"--nproc-per-node={process_count}",
        "-m",
        "xlam_backend.training.rank",
        str(run_folder),
        str(attempt),
    ]


def _learn_in_several(run_folder: Path, placement: Placement, teller: Teller, *, attempt: int) -> None:
    state = run_folder / STATE
    for path in (state / HALT, state / TOLD, *state.glob(_RANK_ENDS)):
        path.unlink(missing_ok=True)
    environment = {**os.environ, PARENT_MARK: str(os.getpid())}
    if placement.kind == "cpu":
        cores = os.cpu_count() or 1
        environment["OMP_NUM_THREADS"] = str(max(1, cores // placement.process_count))
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
        torchrun_words(run_folder, attempt, placement.process_count), env=environment
    )
    told = None
    while process.poll() is None:
        if teller.should_stop():
            (state / HALT).touch()
        latest = read_told(run_folder)
        if latest is not None and latest != told:
            told = latest
            teller.progress(told.done, told.total, told.words, **told.numbers)
        time.sleep(_LOOK_SECONDS)
    if process.returncode:
        raise _failure(state, process.returncode)


def _failure(state: Path, code: int) -> RunError:
    """Say which process failed first, and why; one that was killed has left no word."""
    ends = sorted(state.glob(_RANK_ENDS), key=lambda path: path.stat().st_mtime)
    for path in ends:
        end = read_record(path, WorkerEnd)
        if end is not None:
            return RankFailedError(end)
    return RankFailedError(
        WorkerEnd(
            "failed",
            "interrupted",
            f"A process of the training was ended from outside (torchrun: {_named(code)}).",
            "Resume the run: it goes on from its last checkpoint.",
        )
    )


def _named(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"status {code}"
