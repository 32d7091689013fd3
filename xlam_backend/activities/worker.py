"""The process that does the work of a run: `python -m xlam_backend.activities.worker FOLDER ATTEMPT`."""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from pathlib import Path

from xlam_backend.errors import RunError, StoppedError
from xlam_backend.runs import tree
from xlam_backend.runs.base import Registry
from xlam_backend.runs.context import WorkerContext
from xlam_backend.runs.failure import EXIT_DISK, class_of_error, describe_error
from xlam_backend.runs.folder import (
    STATUS,
    WORKER_END,
    Status,
    WorkerEnd,
    attempt_folder,
    read_manifest,
    read_record,
    write_record,
)
from xlam_backend.runs.without_pandas import keep_pandas_out

EXIT_FAILED = 1


def carry_out(registry: Registry, folder: Path, attempt: int) -> int:
    """Do the work of a run; returns the exit status, and leaves word of how it ended."""
    end = _work(registry, folder, attempt)
    try:
        write_record(attempt_folder(folder, attempt) / WORKER_END, end)
    except OSError as error:
        if class_of_error(error) != "disk":
            raise
        return EXIT_DISK  # not even this can be written: the supervisor is told in another way
    return EXIT_FAILED if end.end == "failed" else 0


def _work(registry: Registry, folder: Path, attempt: int) -> WorkerEnd:
    try:
        manifest = read_manifest(folder)
        status = read_record(folder / STATUS, Status)
        if manifest is None or status is None:
            return describe_error(
                RunError("The folder of this run cannot be read.", f"See {folder}, or delete the run.")
            )
        context = WorkerContext(folder, {**manifest.params, **status.changes}, attempt)
        context.listen_for_stop()
        kind = registry.kind(manifest.kind)
        if kind.lane != "gpu":  # a trainer's libraries may hand over what they read with pandas
            keep_pandas_out()
        kind.work(context)
        context.finish_progress()
    except StoppedError:
        return WorkerEnd("stopped")
    except BaseException as error:  # noqa: BLE001 - the border: whatever ended the work is said on the run
        end = describe_error(error)
        traceback.print_exc()
        gc.collect()  # after a lack of memory there is some again to write this with
        return end
    return WorkerEnd("stopped" if context.saw_stop else "done")


def main(registry: Registry) -> None:
    """Carry out the attempt that the command line names, for as long as its supervisor lives."""
    tree.die_with_supervisor()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder, attempt = sys.argv[1:3]
    sys.exit(carry_out(registry, Path(folder), int(attempt)))


if __name__ == "__main__":
    from xlam_backend.activities.kinds import REGISTRY

    main(REGISTRY)
