"""The machine before a training: are the devices there, does it fit into memory and on the disk, how long."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import msgspec

from xlam_backend.errors import InputError, SettingError
from xlam_backend.training.devices import Machine, Placement, place
from xlam_backend.training.estimate import Disk, Memory, estimate_memory
from xlam_backend.training.hardware import Hardware
from xlam_backend.training.model_shapes import ModelShape
from xlam_backend.training.plan import TINY, TUNINGS, TrainingPlan, Tuning
from xlam_backend.training.preflight_points import Point, gigabytes
from xlam_backend.training.reporting import refuse_missing_reporters

# Generations of GPUs before bf16, by a part of the name that nvidia-smi gives.
_WITHOUT_BF16 = ("V100", "T4", "P100", "P40", "RTX 20", "GTX", "Quadro RTX")
_NEARLY_FULL = 0.9
DEVICE_COUNTS = (1, 2, 4, 8)
# Packages that only some plans need, with what asks for them.
_PACKAGES: tuple[tuple[str, str], ...] = (
    ("bitsandbytes", "tuning: qlora"),
    ("flash_attn", "packing"),
)


class MemoryRow(msgspec.Struct, frozen=True):
    """What one of 1, 2, 4 or 8 GPUs needs with one way of tuning; `is_chosen`: the plan asks for this."""

    tuning: Tuning
    bytes_per_device: tuple[float, ...]
    is_chosen: bool


def machine_of(hardware: Hardware) -> Machine:
    """Return the accelerators as a trainer sees them, without loading torch."""
    if not hardware.gpus:
        return Machine()
    first = hardware.gpus[0]
    has_bf16 = not any(part.lower() in first.name.lower() for part in _WITHOUT_BF16)
    smallest = min(gpu.memory_bytes for gpu in hardware.gpus)
    return Machine(len(hardware.gpus), has_bf16, first.name, smallest)


def find_placement(plan: TrainingPlan, hardware: Hardware) -> tuple[Placement | None, list[Point]]:
    """Return how a plan runs here, None where it cannot, and what is to be said of the devices."""
    points = list(_package_points(plan))
    try:
        placement = place(plan, machine_of(hardware))
    except SettingError as error:
        return None, [*points, Point("stops", "device", error.what, error.way_out)]
    if plan.packing and placement.kind == "cpu":
        words = "Packing takes a GPU: without flash attention, examples in one row would see each other."
        points.append(Point("stops", "device", words, "Turn packing off."))
    if plan.sharding == "fsdp" and placement.strategy == "single":
        words = "There is one device, so FSDP has nothing to divide."
        points.append(Point("warns", "device", words, "Set sharding: none, or ask for more devices."))
    if plan.offload and placement.strategy != "fsdp":
        points.append(Point("warns", "device", "offload does nothing without FSDP on several GPUs."))
    points.append(Point("fine", "device", f"It runs on {placement.words}."))
    return placement, points


def memory_points(
    shape: ModelShape, plan: TrainingPlan, placement: Placement, needed: Memory, hardware: Hardware
) -> Iterator[Point]:
    """Yield whether the plan fits into the memory of its devices."""
    words = f"{gigabytes(needed.total)} on each device, by estimate"
    if placement.kind == "cpu":
        has, free, total = (
            hardware.memory_bytes,
            hardware.free_memory_bytes,
            needed.total * placement.process_count,
        )
        words = f"{gigabytes(total)} of memory, by estimate"
    else:
        used = hardware.gpus[: placement.process_count]
        has, free, total = (
            min(gpu.memory_bytes for gpu in used),
            min(gpu.free_bytes for gpu in used),
            needed.total,
        )
    yield from _loading_points(shape, plan, placement, hardware)
    if total > has:
        way_out = _way_to_fit(shape, plan, placement, has)
        yield Point("stops", "memory", f"It needs {words}; there are {gigabytes(has)}.", way_out)
    elif total > free:
        yield Point(
            "warns",
            "memory",
            f"It needs {words}; of {gigabytes(has)} only {gigabytes(free)} are free now.",
            "See what else is running.",
        )
    elif total > _NEARLY_FULL * has:
        yield Point(
            "warns", "memory", f"It needs {words}, which nearly fills the {gigabytes(has)} there are."
        )
    else:
        yield Point("fine", "memory", f"It needs {words}; there are {gigabytes(has)}.")


def _loading_points(
    shape: ModelShape, plan: TrainingPlan, placement: Placement, hardware: Hardware
) -> Iterator[Point]:
    """Yield whether the machine's own memory holds what its processes read, each the whole model at first."""
    if placement.kind == "cpu" or placement.process_count == 1 or plan.tuning == "qlora":
        return  # 4 bits are read onto the GPU, piece by piece
    is_half = plan.is_adapter and placement.precision == "bf16"
    needed = placement.process_count * shape.parameter_count * (2.0 if is_half else 4.0)
    if needed > hardware.memory_bytes:
        yield Point(
            "warns",
            "memory",
            f"Each of {placement.process_count} processes reads the whole model before it is divided: "
            f"{gigabytes(needed)} together, and the machine has {gigabytes(hardware.memory_bytes)}.",
            "Where that fails, ask for fewer devices on each machine, or choose lora.",
        )


def memory_table(shape: ModelShape, plan: TrainingPlan, *, longest: int) -> tuple[MemoryRow, ...]:
    """Return what each of 1, 2, 4 and 8 GPUs would need, divided by FSDP, for each way of tuning."""
    if plan.base_model == TINY:
        return ()  # nobody has to ask, be it untrained or trained before
    rows = []
    for tuning in TUNINGS:
        other = msgspec.structs.replace(plan, tuning=tuning, sharding="fsdp")
        needed = tuple(
            estimate_memory(shape, other, _gpus(count), longest=longest).total for count in DEVICE_COUNTS
        )
        rows.append(MemoryRow(tuning, needed, tuning == plan.tuning))
    return tuple(rows)


def disk_point(disk: Disk, free: int, *, download: int, folder: Path) -> Point:
    """Return whether checkpoints, the model, and what has to be fetched have room."""
    needed = disk.total + download
    words = (
        f"{gigabytes(needed)} on the disk ({disk.most_checkpoints + 1} checkpoints of "
        f"{gigabytes(disk.checkpoint)}, the model {gigabytes(disk.model)}"
        + (f", {gigabytes(download)} to fetch)" if download else ")")
    )
    if needed > free:
        way_out = "Keep fewer checkpoints (keep_checkpoints), delete what nobody needs, or set XLAM_DATA_DIR."
        return Point("stops", "disk", f"It needs {words}; {gigabytes(free)} are free in {folder}.", way_out)
    level = "warns" if needed > _NEARLY_FULL * free else "fine"
    return Point(level, "disk", f"It needs {words}; {gigabytes(free)} are free.")  # type: ignore[arg-type] # one of two


def _package_points(plan: TrainingPlan) -> Iterator[Point]:
    asked = {
        "bitsandbytes": plan.tuning == "qlora",
        "flash_attn": plan.packing,
    }
    for package, setting in _PACKAGES:
        if asked[package] and importlib.util.find_spec(package) is None:
            name = package.replace("_", "-")
            words = f"{setting} needs the package {name}, which is not installed."
            yield Point("stops", "settings", words, f"pip install {name}, or change the setting.")
    try:
        refuse_missing_reporters(plan)
    except InputError as error:
        yield Point("stops", "settings", error.what, error.way_out)


def _gpus(count: int) -> Placement:
    return Placement("cuda", count, "bf16", "fsdp" if count > 1 else "single")


def _way_to_fit(shape: ModelShape, plan: TrainingPlan, placement: Placement, has: int) -> str:
    """Return the mildest change after which it fits here, or how many GPUs of this size it would take."""
    for change, words in _milder(plan, placement):
        other = msgspec.structs.replace(plan, **change)
        fitting = placement
        if placement.kind == "cuda" and other.sharding == "fsdp" and placement.process_count > 1:
            fitting = _gpus(placement.process_count)
        needed = estimate_memory(shape, other, fitting).total
        if needed < _NEARLY_FULL * has:
            return f"{words}: it would need {gigabytes(needed)}."
    if placement.kind == "cpu":
        return "Choose a smaller model, or start it where GPUs are: copy the command below."
    full = msgspec.structs.replace(plan, sharding="fsdp", gradient_checkpointing=True)
    for count in (2, 4, 8, 16, 32, 64):
        if estimate_memory(shape, full, _gpus(count)).total < _NEARLY_FULL * has:
            several = "docs/training.md says how to use several machines" if count > 8 else "sharding: fsdp"
            return f"With {count} such GPUs and FSDP it would fit ({several})."
    return "Choose a smaller model."


def _milder(plan: TrainingPlan, placement: Placement) -> Iterator[tuple[dict[str, object], str]]:
    """Yield changes that save memory, what costs least first; each adds to what was possible before."""
    change: dict[str, object] = {}
    said = []
    if plan.batch_size > 1:
        change |= {"batch_size": 1, "accumulation": plan.batch_size * plan.accumulation}
        said.append(f"batch_size 1 and accumulation {change['accumulation']} (the same batch)")
        yield dict(change), _list(said)
    if not plan.gradient_checkpointing:
        change |= {"gradient_checkpointing": True}
        said.append("gradient_checkpointing")
        yield dict(change), _list(said)
    if placement.kind == "cuda" and placement.process_count > 1 and plan.sharding == "none":
        change |= {"sharding": "fsdp"}
        said.append("sharding: fsdp")
        yield dict(change), _list(said)
    if plan.tuning == "full":
        yield {**change, "tuning": "lora"}, _list([*said, "tuning: lora"])
    if plan.tuning != "qlora" and placement.kind == "cuda" and plan.base_model != TINY:
        yield {**change, "tuning": "qlora"}, _list([*said, "tuning: qlora"])


def _list(said: list[str]) -> str:
    words = ", ".join(said)
    return f"Set {words}"
