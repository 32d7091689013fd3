"""What a training run works on, as files: the store's owner writes them, the worker reads them.

A release is read where it lies, for it never changes (its hashes are looked at once more before it is
learnt); pairs stand as JSON Lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.domain.training_row import TrainingRow
from xlam_backend.errors import SettingError
from xlam_backend.preference.rows import read_rows as read_pair_rows
from xlam_backend.releases.comparing import trajectory_ids
from xlam_backend.releases.reading import Release, find_release
from xlam_backend.releases.reading import read_rows as read_release_rows
from xlam_backend.runs.folder import INPUT, STATE, read_record, write_record
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_scripted_ids
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.start import Start, find_start

_JOB = "job.json"
_PAIRS = "pairs.jsonl"
# What a resume may change: how the run is watched and kept, nothing of what it learns.
_MAY_CHANGE = frozenset(
    {"log_steps", "save_steps", "keep_checkpoints", "sample_count", "sample_tokens", "report_to", "note"}
)


class TrainingJob(msgspec.Struct, frozen=True, kw_only=True):
    """What is learnt, and with which weights it begins.

    row_count    rows of the release, or pairs
    is_scripted  whether something in it was written by the scripted model for trying out
    """

    plan: TrainingPlan
    start: Start
    data_folder: str
    row_count: int
    release_id: str = ""
    release_name: str = ""
    is_scripted: bool = False


def write_job(store: Store, folder: Path, plan: TrainingPlan) -> TrainingJob:
    """Write the input of a training run.

    Raises:
        NotFoundError: there is no such release or model.
        SettingError: nothing is there to be learnt.
    """
    start = find_start(store.folder, plan)
    job = _sft_job(store, plan, start) if plan.method == "sft" else _dpo_job(store, folder, plan, start)
    if not job.row_count:
        raise SettingError(
            "There is nothing to learn." if plan.method == "sft" else "No preference pair counts.",
            "Choose another release." if plan.method == "sft" else "See the Preference pairs page.",
        )
    (folder / _JOB).write_bytes(msgspec.json.encode(job))
    return job


def read_job(folder: Path) -> TrainingJob:
    """Return what a run is to do."""
    return msgspec.json.decode((folder / _JOB).read_bytes(), type=TrainingJob)


def job_of_run(run_folder: Path) -> TrainingJob:
    """Return what a run is to do now: a resume may have changed how it is watched and kept."""
    changed = read_record(run_folder / STATE / _JOB, TrainingJob)
    return changed or read_job(run_folder / INPUT)


def change_job(run_folder: Path, plan: TrainingPlan) -> TrainingJob:
    """Take over what a resume has changed in the plan; returns the job as it is now.

    Raises:
        SettingError: a setting was changed that decides what is learnt.
    """
    job = read_job(run_folder / INPUT)
    if plan == job.plan:
        return job
    for name in TrainingPlan.__struct_fields__:
        if name not in _MAY_CHANGE and getattr(plan, name) != getattr(job.plan, name):
            raise SettingError(
                f"{name} cannot be changed in the middle of a training.",
                "Start a new run from these weights with other settings.",
            )
    changed = msgspec.structs.replace(job, plan=plan)
    write_record(run_folder / STATE / _JOB, changed)
    return changed


def training_rows(job: TrainingJob) -> Iterator[TrainingRow]:
    """Yield the rows of the release that is learnt, as many as are wanted."""
    release = find_release(Path(job.data_folder), job.release_id)
    for number, row in enumerate(read_release_rows(release.folder)):
        if job.plan.most_rows and number >= job.plan.most_rows:
            return
        yield row


def preference_rows(folder: Path, job: TrainingJob) -> Iterator[PreferenceRow]:
    """Yield the pairs that are learnt, as many as are wanted."""
    with (folder / _PAIRS).open("rb") as lines:
        for number, line in enumerate(lines):
            if job.plan.most_rows and number >= job.plan.most_rows:
                return
            yield msgspec.json.decode(line, type=PreferenceRow)


def _sft_job(store: Store, plan: TrainingPlan, start: Start) -> TrainingJob:
    if not plan.release:
        raise SettingError("No release is named.", "Choose the release that is to be learnt.")
    release = find_release(store.folder, plan.release)
    return TrainingJob(
        plan=plan,
        start=start,
        data_folder=str(store.folder),
        row_count=release.manifest.row_count,
        release_id=release.release_id,
        release_name=release.manifest.name,
        is_scripted=start.is_scripted or _has_scripted_rows(store, release),
    )


def _has_scripted_rows(store: Store, release: Release) -> bool:
    """Whether a row of a release was written by the scripted model, as far as this store knows its rows."""
    scripted = read_scripted_ids(store)
    return bool(scripted) and not scripted.isdisjoint(trajectory_ids(release))


def _dpo_job(store: Store, folder: Path, plan: TrainingPlan, start: Start) -> TrainingJob:
    count, is_scripted = 0, start.is_scripted
    with (folder / _PAIRS).open("wb") as file:
        for row in read_pair_rows(store, plan.pairs):
            file.write(msgspec.json.encode(row) + b"\n")
            count += 1
            is_scripted = is_scripted or row.is_scripted
    return TrainingJob(
        plan=plan,
        start=start,
        data_folder=str(store.folder),
        row_count=count,
        release_id="",
        is_scripted=is_scripted,
    )
