"""What a training run will need: memory on each device, disk, and time. Estimates, before anything is loaded.

The memory formula was fitted to a worked table of 72 cases (four models, full/LoRA/QLoRA, SFT/DPO, 1 to 8
GPUs, 4096 tokens, one example at a time, activation checkpointing) and gives each of them, rounded to a
GB: tests/unit/training/test_estimate.py holds the table. GB are 1e9 bytes.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from xlam_backend.training.devices import Placement
from xlam_backend.training.model_shapes import ModelShape
from xlam_backend.training.plan import TrainingPlan

GB = 1e9

# Bytes for each parameter that is trained: weights, gradients and the two moments of AdamW, all in float32.
_TRAINED = 16.0
# A DPO of all weights keeps a second model beside it, as the reference.
_REFERENCE = 4.0
# 4-bit weights with their scales.
_QUANTISED = 0.53
# FSDP gathers two blocks at a time, with their gradients where these are trained (bytes for each
# parameter of a block, and of one table of embeddings), fitted.
_GATHERED_BLOCK, _GATHERED_TABLE = 7.8, 2.2
_GATHERED_FROZEN_BLOCK, _GATHERED_FROZEN_TABLE = 3.7, 3.0
# What the gradients need again (bytes for each token): the input of each block, and what one and a half
# blocks hold while they are computed anew; fitted.
_BLOCK_HIDDEN, _BLOCK_INTERMEDIATE, _BLOCKS_AT_ONCE = 10.5, 7.5, 1.5
_LOGITS = 0.35
_FRAGMENTS = 1.05
# The CUDA context, libraries and the logits of one batch; on a processor the libraries alone.
_BESIDE_GPU, _BESIDE_CPU = 4.37, 1.0

# The share of a GPU's peak that trainers reach; for mixtures of experts it is a guess.
_REACHED_DENSE, _REACHED_MIXTURE = 0.35, 0.15
_FASTER, _SLOWER = 1.4, 0.6  # how far an estimate of time may be off
_FASTER_MEASURED, _SLOWER_MEASURED = 1.15, 1.25
# Operations that one core does a second with small matrices, and what a step costs beside them.
_CORE_SLOW, _CORE_FAST = 2e9, 20e9
_STEP_FAST, _STEP_SLOW = 0.02, 0.12
_START_FAST, _START_SLOW = 6.0, 30.0  # imports, reading the data, writing the model

# bf16 peak without sparsity, in operations a second, by a part of the name that nvidia-smi gives.
_PEAKS: tuple[tuple[str, float], ...] = (
    ("B200", 2250e12),
    ("H200", 989e12),
    ("H100 PCIe", 756e12),
    ("H100", 989e12),
    ("A100", 312e12),
    ("L40S", 362e12),
    ("L40", 181e12),
    ("L4", 121e12),
    ("A40", 150e12),
    ("A10", 125e12),
    ("A6000", 155e12),
    ("RTX 5090", 210e12),
    ("RTX 4090", 165e12),
    ("RTX 3090", 71e12),
    ("V100", 125e12),
    ("T4", 65e12),
)
_UNKNOWN_PEAK = 100e12

Basis = Literal["formula", "measured"]


class Memory(msgspec.Struct, frozen=True):
    """Memory on one device, in bytes, by what it is for."""

    weights: float
    gathered: float
    activations: float
    beside: float

    @property
    def total(self) -> float:
        """Return all of it."""
        return self.weights + self.gathered + self.activations + self.beside


class Duration(msgspec.Struct, frozen=True):
    """How long a run will take, between two limits, and how many tokens a second that is at best.

    `basis` says whether a formula or an earlier run of the same model says so.
    """

    fastest_seconds: float
    slowest_seconds: float
    tokens_per_second: float
    basis: Basis = "formula"


class Disk(msgspec.Struct, frozen=True):
    """Bytes on the disk: what is written while the run is at work, and what stays of it as a model."""

    checkpoint: float
    most_checkpoints: int
    model: float

    @property
    def total(self) -> float:
        """Return what must be free; one checkpoint more than is kept is there while it is written."""
        return self.checkpoint * (self.most_checkpoints + 1) + self.model


class Work(msgspec.Struct, frozen=True):
    """How much there is to learn: examples and tokens of one epoch, the longest example, steps in all.

    The tokens of a pair are those of its longer side, with what stands before it.
    """

    examples: int
    tokens: int
    longest: int
    steps: int


def estimate_memory(
    shape: ModelShape, plan: TrainingPlan, placement: Placement, *, longest: int = 0
) -> Memory:
    """Return what one device needs; `longest` is the longest example where it is known to be shorter."""
    is_shorter = longest and not plan.packing  # packed rows are filled up to the context
    sequence = min(plan.max_length, longest) if is_shorter else plan.max_length
    is_half = placement.precision != "fp32"
    weights, gathered = _weight_bytes(shape, plan, is_half=is_half), 0.0
    if placement.strategy == "fsdp":
        weights = 0.0 if plan.offload else weights / placement.process_count
        gathered = _gathered_bytes(shape, plan)
    tokens = sequence * plan.batch_size * (2 if plan.method == "dpo" else 1)
    activations = tokens * _activation_bytes(shape, plan) * (1 if is_half else 2)
    beside = (_BESIDE_GPU if placement.kind == "cuda" else _BESIDE_CPU) * GB
    return Memory(_FRAGMENTS * weights, _FRAGMENTS * gathered, _FRAGMENTS * activations, beside)


def _weight_bytes(shape: ModelShape, plan: TrainingPlan, *, is_half: bool) -> float:
    count = shape.parameter_count
    if plan.tuning == "full":
        return count * (_TRAINED + (_REFERENCE if plan.method == "dpo" else 0.0))
    kept = 2.0 if is_half else 4.0
    small = 0
    if plan.tuning == "qlora":
        # Experts are fused tensors, no linear layers: 4-bit loading leaves them as they are.
        small = shape.layers * shape.layer_linear_count - shape.expert_count
    frozen = _QUANTISED * small + kept * (count - small)
    return frozen + _TRAINED * shape.adapter_count(plan.lora_rank, plan.lora_targets)


def _gathered_bytes(shape: ModelShape, plan: TrainingPlan) -> float:
    table = shape.vocabulary * shape.hidden
    if plan.tuning == "full":
        return _GATHERED_BLOCK * shape.layer_count + _GATHERED_TABLE * table
    share = 1.0
    if plan.tuning == "qlora":
        share = _QUANTISED / 2
    return _GATHERED_FROZEN_BLOCK * share * shape.layer_count + _GATHERED_FROZEN_TABLE * table


def _activation_bytes(shape: ModelShape, plan: TrainingPlan) -> float:
    """Return what is kept for each token, in 16 bits."""
    block = _BLOCK_HIDDEN * shape.hidden + _BLOCK_INTERMEDIATE * shape.active_experts * shape.intermediate
    blocks = _BLOCKS_AT_ONCE * block + 2 * shape.hidden * shape.layers
    if not plan.gradient_checkpointing:
        blocks = block * shape.layers
    return blocks + _LOGITS * shape.vocabulary


def estimate_disk(shape: ModelShape, plan: TrainingPlan, *, steps: int) -> Disk:
    """Return what checkpoints and the kept model take."""
    is_full = plan.tuning == "full"
    trained = shape.parameter_count if is_full else shape.adapter_count(plan.lora_rank, plan.lora_targets)
    written = max(1, math.ceil(steps / plan.save_steps)) if steps else plan.keep_checkpoints
    # A checkpoint holds the trained weights (of FSDP twice, for the trainer and for whoever loads them) and
    # the two moments of AdamW, the model its weights alone.
    kept = 16.0 if plan.sharding == "fsdp" else 12.0
    return Disk(trained * kept, min(plan.keep_checkpoints, written), trained * 4.0)


def row_count(plan: TrainingPlan, examples: int, tokens: int) -> int:
    """Return how many rows an epoch has: its examples, or about as many as these are packed into."""
    return min(examples, math.ceil(tokens / plan.max_length)) if plan.packing else examples


def step_count(plan: TrainingPlan, rows: int, *, devices: int = 1) -> int:
    """Return how many steps a run takes for so many rows in each epoch."""
    if plan.max_steps:
        return plan.max_steps
    in_an_epoch = math.ceil(rows / (plan.batch_size * plan.accumulation * devices)) if rows else 0
    return math.ceil(plan.epochs * in_an_epoch)


def estimate_duration(
    shape: ModelShape,
    plan: TrainingPlan,
    work: Work,
    placement: Placement,
    *,
    gpu_name: str = "",
    cores: int = 1,
) -> Duration:
    """Return how long a run will take on so many cores, or on GPUs of this name."""
    devices = placement.process_count
    tokens = _tokens_seen(plan, work, devices)
    operations = _operations_per_token(shape, plan, work)
    if placement.kind == "cuda":
        reached = _REACHED_MIXTURE if shape.is_mixture else _REACHED_DENSE
        rate = devices * reached * peak_of(gpu_name) / operations
        best, worst = rate * _FASTER, rate * _SLOWER
        fastest, slowest = _START_FAST + tokens / best, 2 * _START_SLOW + tokens / worst
        return Duration(fastest, slowest, rate)
    fastest = work.steps * _STEP_FAST + tokens * operations / (cores * _CORE_FAST)
    slowest = work.steps * _STEP_SLOW + tokens * operations / (cores * _CORE_SLOW)
    rate = tokens / fastest if fastest else 0.0
    return Duration(_START_FAST + fastest, _START_SLOW + slowest, rate)


def duration_at(
    plan: TrainingPlan,
    work: Work,
    *,
    devices: int = 1,
    tokens_per_second: float | None = None,
    step_seconds: float | None = None,
) -> Duration:
    """Return how long a run will take at a measured pace: of steps, or else of tokens (all devices)."""
    tokens = _tokens_seen(plan, work, devices)
    seconds = work.steps * step_seconds if step_seconds else tokens / (tokens_per_second or math.inf)
    rate = tokens_per_second or (tokens / seconds if seconds else 0.0)
    fastest, slowest = _START_FAST + seconds / _FASTER_MEASURED, _START_SLOW + seconds * _SLOWER_MEASURED
    return Duration(fastest, slowest, rate, basis="measured")


def _tokens_seen(plan: TrainingPlan, work: Work, devices: int) -> float:
    """Return the tokens that pass through the model in all steps; of a pair both sides do."""
    rows = row_count(plan, work.examples, work.tokens)
    if not rows:
        return 0.0
    seen = work.steps * plan.batch_size * plan.accumulation * devices
    return work.tokens / rows * seen * (2 if plan.method == "dpo" else 1)


def _operations_per_token(shape: ModelShape, plan: TrainingPlan, work: Work) -> float:
    """Return the operations for a token: forward, the way back, what is computed again, the reference."""
    mean = work.tokens / work.examples if work.examples else plan.max_length
    forward = 2 * shape.active_count + 2 * shape.layers * shape.query_width * mean
    passes = 3.0 if plan.tuning == "full" else 2.0  # frozen weights need no gradients of their own
    passes += plan.gradient_checkpointing
    passes += plan.method == "dpo"
    return forward * passes


def peak_of(gpu_name: str) -> float:
    """Return the operations a second that a GPU could do at best; of an unknown one a cautious guess.

    >>> peak_of("NVIDIA H100 80GB HBM3") / 1e12
    989.0
    """
    return next((peak for part, peak in _PEAKS if part.lower() in gpu_name.lower()), _UNKNOWN_PEAK)
