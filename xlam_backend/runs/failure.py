"""Why a run failed, in classes a person can act on."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from typing import cast

from xlam_backend.errors import ExternalError, InputError, RunError, StoreError, XlamError
from xlam_backend.runs.base import FailureClass
from xlam_backend.runs.folder import WorkerEnd
from xlam_backend.runs.secrets import redact

EXIT_DISK = 74  # how a worker ends that could not even write why: EX_IOERR of sysexits.h

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

# Of libraries that write files of their own and raise errors of their own: safetensors, torch.save.
_FULL_DISK_WORDS = (
    os.strerror(errno.ENOSPC),
    "PytorchStreamWriter failed writing file",
    ". unexpected pos ",
)

WAY_OUT: dict[FailureClass, str] = {
    "": "",
    "out of memory": "Close other programs or make the run smaller, then resume it: finished parts are kept.",
    "data": "Put the input right, then repeat the run.",
    "disk": "Free some space on the disk, then resume the run: finished parts are kept.",
    "interrupted": "Resume it: finished parts are kept.",
    "service": "Check that the service can be reached, then resume the run: what was answered is kept.",
    "bug": "This is a mistake in the program. The end of the log says where; please report it.",
}


def describe_error(error: BaseException) -> WorkerEnd:
    """Say what an error in a worker means."""
    failure = class_of_error(error)
    what = (
        error.what if isinstance(error, XlamError) else f"{type(error).__name__}: {redact(str(error))[:500]}"
    )
    said = error.way_out if isinstance(error, XlamError) else ""
    return WorkerEnd("failed", failure, _WHAT.get(failure, "") or what, said or WAY_OUT[failure])


def class_of_error(error: BaseException) -> FailureClass:
    """Return the class of an error.

    >>> class_of_error(MemoryError()), class_of_error(OSError(28, "No space left on device"))
    ('out of memory', 'disk')
    >>> class_of_error(RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 20"))
    'disk'
    """
    if isinstance(error, RunError) and error.failure_class:
        return cast(FailureClass, error.failure_class)  # it was told of by another process
    if isinstance(error, MemoryError) or _is_lack_of_device_memory(error):
        return "out of memory"
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        return "disk"
    if any(words in str(error) for words in _FULL_DISK_WORDS):
        return "disk"
    if isinstance(error.__cause__, sqlite3.Error) and "is full" in str(error.__cause__):
        return "disk"  # SQLite's own words: "database or disk is full"
    if isinstance(error, InputError | StoreError):
        return "data"
    if isinstance(error, ExternalError | ConnectionError | TimeoutError):
        return "service"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "bug"


def _is_lack_of_device_memory(error: BaseException) -> bool:
    """Recognise torch's own error, without loading torch."""
    if type(error).__name__ == "OutOfMemoryError" and type(error).__module__.startswith("torch"):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate memory" in str(error)


_WHAT: dict[FailureClass, str] = {
    "out of memory": "The run needed more memory than there was.",
    "disk": "The disk is full.",
}


def describe_exit(code: int, *, kernel_killed: bool) -> WorkerEnd:
    """Say what it means that a worker ended without a word.

    Args:
        code: its exit status, negative for a signal.
        kernel_killed: the kernel has ended processes for lack of memory meanwhile.
    """
    if code == EXIT_DISK:
        return _failed("disk", _WHAT["disk"])
    if code >= 0:
        return _failed("bug", f"The worker process ended with status {code} and said nothing.")
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    if -code == signal.SIGKILL and kernel_killed:
        return _failed("out of memory", "The system ended the run: the memory was used up.")
    if -code in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        return _failed("interrupted", f"The worker process was ended from outside ({name}).")
    return _failed("bug", f"The worker process crashed ({name}).")


def _failed(failure: FailureClass, what: str) -> WorkerEnd:
    return WorkerEnd("failed", failure, what, WAY_OUT[failure])
