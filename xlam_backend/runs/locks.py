"""Locks on files: held as long as a process holds the file open, gone with it, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

from xlam_backend.errors import RunError

# Whoever only looks whether a lock is held takes it for an instant: so the first try may fail.
_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 0.01


def try_lock(path: Path, *, patient: bool = False) -> int | None:
    """Return the descriptor of the locked file, made if missing; None when another process has it.

    `patient` tries for a moment, past those who only look.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_up_at = time.monotonic() + (_LOOK_SECONDS if patient else 0.0)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up_at:
                os.close(descriptor)
                return None
            time.sleep(_RETRY_SECONDS)
        except OSError as error:
            os.close(descriptor)
            raise _no_locks(path, error) from error
        else:
            return descriptor


def wait_for_lock(path: Path) -> int:
    """Return the descriptor of the locked file, made if missing; waits until it is free."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def is_locked(path: Path) -> bool:
    """Tell whether a process holds the lock; a file that is missing is not locked."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _no_locks(path: Path, error: OSError) -> RunError:
    if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP):
        return RunError(
            f"{path.parent} lies on a file system without file locks.",
            "Set XLAM_DATA_DIR to a folder on a local disk.",
        )
    return RunError(f"{path} cannot be locked: {error.strerror}.", "Check the folder's permissions.")
