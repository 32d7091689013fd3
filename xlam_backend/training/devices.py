"""On what a training runs: which devices there are, how many processes it takes, and in which numbers."""

from __future__ import annotations

from typing import Literal

import msgspec

from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Places
from xlam_backend.runs.devices import PROCESSOR
from xlam_backend.training.plan import TrainingPlan

Kind = Literal["cpu", "cuda"]
Numbers = Literal["fp32", "bf16", "fp16"]
Strategy = Literal["single", "ddp", "fsdp"]


class Machine(msgspec.Struct, frozen=True):
    """The accelerators of this machine: how many, whether they can do bf16, and their memory."""

    gpu_count: int = 0
    has_bf16: bool = False
    gpu_name: str = ""
    gpu_bytes: int = 0


class Placement(msgspec.Struct, frozen=True):
    """How a training runs here: what the trainer is held to."""

    kind: Kind
    process_count: int
    precision: Numbers
    strategy: Strategy

    @property
    def words(self) -> str:
        """Return it in words."""
        device = "GPU" if self.kind == "cuda" else "process on the processor"
        several = {"single": "", "ddp": ", whole on each (DDP)", "fsdp": ", divided among them (FSDP)"}
        plural = "" if self.process_count == 1 else "es" if self.kind == "cpu" else "s"
        device = device.replace("process ", f"process{plural} ") if self.kind == "cpu" else device + plural
        return f"{self.process_count} {device}{several[self.strategy]}, {self.precision}"


def count_gpus() -> int:
    """Return how many GPUs there are, without taking memory on any."""
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def look_at_machine() -> Machine:
    """Return the accelerators there are; it loads torch, so only workers ask."""
    import torch

    if not torch.cuda.is_available():
        return Machine()
    facts = torch.cuda.get_device_properties(0)
    return Machine(
        torch.cuda.device_count(), torch.cuda.is_bf16_supported(), facts.name, int(facts.total_memory)
    )


def places_for(plan: TrainingPlan, gpus: tuple[str, ...]) -> Places:
    """Return the devices that a training waits for, where these GPUs are known.

    Raises:
        SettingError: it asks for more than there are.

    >>> places_for(TrainingPlan(devices=2), ("0", "1", "2"))
    Places(count=2, among=('0', '1', '2'))
    """
    return places_among(() if plan.device == "cpu" else gpus, count=plan.devices)


def places_among(gpus: tuple[str, ...], *, count: int) -> Places:
    """Return so many of these GPUs (0: all of them), or the processor where there are none.

    Raises:
        SettingError: there are fewer.
    """
    if not gpus:
        return Places(1, (PROCESSOR,))
    _refuse_more(count, len(gpus))
    return Places(count or len(gpus), gpus)


def place(plan: TrainingPlan, machine: Machine) -> Placement:
    """Return how a plan runs on a machine.

    Raises:
        SettingError: it asks for what is not there.

    >>> place(TrainingPlan(devices=2), Machine()).words
    '2 processes on the processor, whole on each (DDP), fp32'
    >>> place(TrainingPlan(sharding="fsdp"), Machine(8, has_bf16=True)).words
    '8 GPUs, divided among them (FSDP), bf16'
    """
    kind = _kind(plan, machine)
    count = plan.devices or (machine.gpu_count if kind == "cuda" else 1)
    if kind == "cuda":
        _refuse_more(count, machine.gpu_count)
    strategy: Strategy = "single" if count == 1 else "ddp"
    if plan.sharding == "fsdp":
        if kind == "cpu":
            raise SettingError(
                "FSDP divides weights among GPUs, and this runs on the processor.", "Set sharding: none."
            )
        strategy = "fsdp" if count > 1 else "single"
    return Placement(kind, count, _precision(plan, kind, machine), strategy)


def _refuse_more(count: int, gpu_count: int) -> None:
    if count > gpu_count:
        raise SettingError(
            f"{count} GPUs are asked for, and this machine has {gpu_count}.",
            "Ask for fewer devices, or 0 for all there are.",
        )


def _kind(plan: TrainingPlan, machine: Machine) -> Kind:
    if plan.device == "cuda" and not machine.gpu_count:
        raise SettingError(
            "A GPU is asked for, and this machine has none that torch can use.",
            "Set device: auto or cpu, or start it where a GPU is.",
        )
    if plan.tuning == "qlora" and (plan.device == "cpu" or not machine.gpu_count):
        raise SettingError("qlora holds the base in 4 bits, which takes a GPU.", "Choose lora or full.")
    return "cpu" if plan.device == "cpu" or not machine.gpu_count else "cuda"


def _precision(plan: TrainingPlan, kind: Kind, machine: Machine) -> Numbers:
    if plan.precision == "auto":
        return "bf16" if kind == "cuda" and machine.has_bf16 else "fp32"
    if plan.precision == "fp16" and kind == "cpu":
        raise SettingError("fp16 takes a GPU.", "Choose fp32 or bf16.")
    if plan.precision == "bf16" and kind == "cuda" and not machine.has_bf16:
        raise SettingError("This GPU cannot compute in bf16.", "Choose fp16 or fp32.")
    return plan.precision
