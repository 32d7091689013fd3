"""What this machine has to train on, asked without loading torch: GPUs by nvidia-smi, cores, memory, disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

_ASK = (
    "--query-gpu=index,uuid,name,memory.total,memory.free,utilization.gpu",
    "--format=csv,noheader,nounits",
)
_MOST_SECONDS = 10
_MIB = 1024 * 1024
_CGROUP_MEMORY = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class Gpu(msgspec.Struct, frozen=True):
    """One GPU: its name, its memory in bytes, and how busy it is (a share; None where it does not say).

    `number` is how CUDA_VISIBLE_DEVICES names it when CUDA counts by the bus; for a part of a GPU (MIG), its
    id.
    """

    name: str
    memory_bytes: int
    free_bytes: int
    busy_share: float | None = None
    number: str = ""
    uuid: str = ""


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


def gpu_numbers() -> tuple[str, ...]:
    """Return the numbers of the GPUs that this process may use, as nvidia-smi counts them."""
    return tuple(gpu.number for gpu in _read_gpus())


def free_disk(folder: Path) -> int:
    """Return how many bytes are free where a folder lies, or is to lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Return the GPUs that nvidia-smi lists; a line that cannot be read is left out.

    >>> parse_gpus("0, GPU-5ad1, NVIDIA H100 80GB HBM3, 81559, 81000, 0")[0].name
    'NVIDIA H100 80GB HBM3'
    """
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 6 and parts[3].isdigit() and parts[4].isdigit():
            number, uuid, name, total, free, load = parts
            busy = int(load) / 100 if load.isdigit() else None
            found.append(Gpu(name, int(total) * _MIB, int(free) * _MIB, busy, number, uuid))
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
    """Leave out what CUDA_VISIBLE_DEVICES hides; as for CUDA, what follows an unknown name is hidden too."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is None or not gpus:
        return gpus
    found: dict[str, Gpu] = {}
    for named in (part.strip() for part in given.split(",")):
        gpu = _named(named, gpus)
        if gpu is None:
            break
        found.setdefault(gpu.number, gpu)
    return tuple(found.values())


def _named(named: str, gpus: tuple[Gpu, ...]) -> Gpu | None:
    """Return the GPU of this number, or whose UUID begins so; a part of one (MIG) stands for itself."""
    if named.startswith("MIG-"):
        return msgspec.structs.replace(gpus[0], number=named)
    is_uuid = named.startswith("GPU-")
    return next(
        (gpu for gpu in gpus if gpu.number == named or (is_uuid and gpu.uuid.startswith(named))), None
    )


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
