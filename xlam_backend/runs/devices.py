"""The devices of runs that train or load a model: their names, words for them, and how a worker is told."""

from __future__ import annotations

from xlam_backend.runs.base import Places

PROCESSOR = "processor"  # every other device is a GPU, by its number in nvidia-smi


def environment_of(devices: tuple[str, ...]) -> dict[str, str]:
    """Return what a worker's environment says of its devices: it sees its own GPUs and no other.

    The numbers are those of nvidia-smi, which counts by the bus; CUDA itself counts the fastest first.

    >>> environment_of(("2", "3"))
    {'CUDA_VISIBLE_DEVICES': '2,3', 'CUDA_DEVICE_ORDER': 'PCI_BUS_ID'}
    >>> environment_of((PROCESSOR,))
    {'CUDA_VISIBLE_DEVICES': ''}
    """
    if not devices:
        return {}
    if PROCESSOR in devices:
        return {"CUDA_VISIBLE_DEVICES": ""}
    return {"CUDA_VISIBLE_DEVICES": ",".join(devices), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def name_devices(devices: tuple[str, ...]) -> str:
    """Return devices in words.

    >>> [name_devices(each) for each in ((), (PROCESSOR,), ("2",), ("0", "2", "3"))]
    ['', 'the processor', 'GPU 2', 'GPUs 0, 2 and 3']
    """
    if not devices:
        return ""
    if PROCESSOR in devices:
        return "the processor"
    *most, last = devices
    return f"GPUs {', '.join(most)} and {last}" if most else f"GPU {last}"


def name_wanted(wanted: Places, free: tuple[str, ...]) -> str:
    """Return in words which devices a run waits for, and how many of them are free for it.

    >>> name_wanted(Places(2, ("0", "1", "2")), ("1",))
    '2 of GPUs 0, 1 and 2 (1 is free)'
    """
    named = name_devices(wanted.among)
    if len(wanted.among) == 1:
        return named
    words = named if wanted.count == len(wanted.among) else f"{wanted.count} of {named}"
    count = len(free)
    return f"{words} ({count or 'none'} {'are' if count > 1 else 'is'} free)"
