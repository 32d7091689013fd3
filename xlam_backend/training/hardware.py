"""What this machine has to train on, asked without loading torch: GPUs by nvidia-smi, cores, memory, disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

_ASK = ("--query-gpu=name,memory.total,memory.free,utilization.gpu", "--format=csv,noheader,nounits")
_MOST_SECONDS = 10
_MIB = 1024 * 1024
_CGROUP_MEMORY = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class Gpu(msgspec.Struct, frozen=True):
    """One GPU: its name, its memory in bytes, and how busy it is (a share; None where it does not say)."""

    name: str
    memory_bytes: int
    free_bytes: int
    busy_share: float | None = None


class Hardware(msgspec.Struct, frozen=True):
    """What there is; memory in bytes."""

    gpus: tuple[Gpu, ...]
    cores: int
    memory_bytes: int
    free_memory_bytes: int


def read_hardware() -> Hardware:
    """Return what this machine has now."""
    total, free = _memory()
    return Hardware(_read_gpus(), usable_cores(), total, free)


def free_disk(folder: Path) -> int:
    """Return how many bytes are free where a folder lies, or is to lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Return the GPUs that nvidia-smi lists; a line that cannot be read is left out.

    >>> parse_gpus("NVIDIA H100 80GB HBM3, 81559, 81000, 0")[0].name
    'NVIDIA H100 80GB HBM3'
    """
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4 and parts[1].isdigit() and parts[2].isdigit():
            busy = int(parts[3]) / 100 if parts[3].isdigit() else None
            found.append(Gpu(parts[0], int(parts[1]) * _MIB, int(parts[2]) * _MIB, busy))
    return tuple(found)


def _read_gpus() -> tuple[Gpu, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        done = subprocess.run(  # noqa: S603 - the driver's own program, our own words
            [program, *_ASK], capture_output=True, text=True, timeout=_MOST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _visible(parse_gpus(done.stdout)) if done.returncode == 0 else ()


def _visible(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """Leave out what CUDA_VISIBLE_DEVICES hides; names of another kind than numbers hide nothing here."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is None:
        return gpus
    named = [part.strip() for part in given.split(",") if part.strip()]
    if not all(part.lstrip("-").isdigit() for part in named):
        return gpus
    return tuple(gpus[int(part)] for part in named if 0 <= int(part) < len(gpus))


def usable_cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


def _memory() -> tuple[int, int]:
    page = os.sysconf("SC_PAGE_SIZE")
    total = page * os.sysconf("SC_PHYS_PAGES")
    free = _available() or page * os.sysconf("SC_AVPHYS_PAGES")
    for file in _CGROUP_MEMORY:  # a container may have less than its machine
        limit = _number_in(file)
        if 0 < limit < total:
            total, free = limit, min(free, limit)
    return total, free


def _available() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return 0
    return 0


def _number_in(file: Path) -> int:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
