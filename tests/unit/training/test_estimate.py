"""Estimates: the worked table within its rounding, parameter counts, and how settings move the figures."""

from __future__ import annotations

import msgspec
import pytest

from xlam_backend.training.devices import Machine, Placement, place
from xlam_backend.training.estimate import (
    GB,
    Work,
    duration_at,
    estimate_disk,
    estimate_duration,
    estimate_memory,
    row_count,
    step_count,
)
from xlam_backend.training.model_shapes import KNOWN_SHAPES
from xlam_backend.training.plan import TrainingPlan

_1B, _7B, _8X7B, _8X22B = (
    "deepseek-ai/deepseek-coder-1.3b-instruct",
    "deepseek-ai/deepseek-coder-7b-instruct-v1.5",
    "mistralai/Mixtral-8x7B-Instruct-v0.1",
    "mistralai/Mixtral-8x22B-Instruct-v0.1",
)
# GB on each of 1, 2, 4 and 8 GPUs; 4096 tokens, one example at a time, activation checkpointing, FSDP.
TABLE = [
    (_1B, "full", "sft", (28, 17, 11, 9)),
    (_1B, "lora", "sft", (9, 7, 6, 6)),
    (_1B, "full", "dpo", (34, 21, 14, 10)),
    (_1B, "lora", "dpo", (9, 8, 7, 7)),
    (_7B, "full", "sft", (122, 67, 38, 24)),
    (_7B, "lora", "sft", (22, 16, 12, 10)),
    (_7B, "qlora", "sft", (13, 11, 10, 9)),
    (_7B, "full", "dpo", (154, 84, 47, 29)),
    (_7B, "lora", "dpo", (24, 18, 14, 12)),
    (_7B, "qlora", "dpo", (15, 13, 12, 11)),
    (_8X7B, "full", "sft", (792, 412, 216, 117)),
    (_8X7B, "lora", "sft", (106, 63, 38, 26)),
    (_8X7B, "full", "dpo", (991, 513, 267, 145)),
    (_8X7B, "lora", "dpo", (109, 65, 41, 28)),
    (_8X22B, "full", "sft", (2372, 1212, 621, 326)),
    (_8X22B, "lora", "sft", (306, 168, 94, 57)),
    (_8X22B, "full", "dpo", (2968, 1512, 774, 405)),
    (_8X22B, "lora", "dpo", (311, 173, 99, 62)),
]


ALONE = Placement("cuda", 1, "bf16", "single")
EIGHT = Placement("cuda", 8, "bf16", "fsdp")


def _plan(**settings: object) -> TrainingPlan:
    usual = {"base_model": _7B, "sharding": "fsdp", "gradient_checkpointing": True}
    return msgspec.convert({**usual, **settings}, TrainingPlan)


def _on(devices: int) -> Placement:
    return place(_plan(devices=devices), Machine(devices, has_bf16=True))


@pytest.mark.parametrize(("model", "tuning", "method", "expected"), TABLE)
def test_memory_is_that_of_the_table(model, tuning, method, expected):
    plan = _plan(base_model=model, tuning=tuning, method=method)
    found = [estimate_memory(KNOWN_SHAPES[model], plan, _on(devices)).total / GB for devices in (1, 2, 4, 8)]
    assert tuple(round(each) for each in found) == expected


def test_without_sharding_more_devices_do_not_help():
    shape = KNOWN_SHAPES[_7B]
    plan = _plan(sharding="none")
    several = place(plan, Machine(8, has_bf16=True))
    assert several.strategy == "ddp"
    assert estimate_memory(shape, plan, several) == estimate_memory(shape, plan, ALONE)


def test_longer_examples_need_more_and_shorter_ones_than_allowed_less():
    shape, plan = KNOWN_SHAPES[_7B], _plan()
    usual = estimate_memory(shape, plan, EIGHT).total
    assert estimate_memory(shape, _plan(max_length=16_384), EIGHT).total > usual
    assert estimate_memory(shape, plan, EIGHT, longest=500).total < usual
    assert estimate_memory(shape, plan, EIGHT, longest=999_999).total == usual


def test_without_checkpointing_every_block_is_kept():
    shape = KNOWN_SHAPES[_7B]
    kept = estimate_memory(shape, _plan(gradient_checkpointing=False), ALONE).activations
    assert kept > 5 * estimate_memory(shape, _plan(), ALONE).activations


def test_experts_stay_large_in_four_bits():
    shape = KNOWN_SHAPES[_8X7B]
    lora, qlora = (
        estimate_memory(shape, _plan(tuning=tuning), ALONE).weights for tuning in ("lora", "qlora")
    )
    assert qlora > 0.9 * lora


def test_steps_count_every_started_batch():
    assert step_count(_plan(batch_size=2, accumulation=4), 17) == 3
    assert step_count(_plan(batch_size=2, accumulation=4, epochs=2.0), 17, devices=2) == 4
    assert step_count(_plan(max_steps=5), 17) == 5


def test_disk_holds_one_checkpoint_more_than_is_kept():
    shape = KNOWN_SHAPES[_1B]
    disk = estimate_disk(shape, _plan(keep_checkpoints=2, save_steps=10), steps=100)
    assert disk.total == pytest.approx(shape.parameter_count * (16 * 3 + 4))
    alone = estimate_disk(shape, _plan(keep_checkpoints=2, save_steps=10, sharding="none"), steps=100)
    assert alone.total == pytest.approx(shape.parameter_count * (12 * 3 + 4))
    adapter = estimate_disk(shape, _plan(tuning="lora"), steps=100)
    assert adapter.total < disk.total / 20


def test_time_grows_with_the_work_and_falls_with_the_devices():
    shape, plan = KNOWN_SHAPES[_7B], _plan()
    small, large = (Work(n, n * 1000, 2000, step_count(plan, n)) for n in (1000, 10_000))
    one = estimate_duration(shape, plan, large, ALONE, gpu_name="NVIDIA H100")
    eight = estimate_duration(
        shape, plan, Work(10_000, 10_000_000, 2000, 1250), EIGHT, gpu_name="NVIDIA H100"
    )
    little = estimate_duration(shape, plan, small, ALONE, gpu_name="NVIDIA H100")
    assert little.slowest_seconds < one.slowest_seconds
    assert eight.tokens_per_second == pytest.approx(8 * one.tokens_per_second)
    assert one.fastest_seconds < one.slowest_seconds


def test_of_a_pair_both_sides_pass_through_the_model():
    work = Work(1000, 1_000_000, 2000, 1000)
    sft, dpo = (duration_at(_plan(method=each), work, tokens_per_second=2000.0) for each in ("sft", "dpo"))
    start = duration_at(_plan(), Work(0, 0, 0, 0), tokens_per_second=2000.0).fastest_seconds
    assert dpo.fastest_seconds - start == pytest.approx(2 * (sft.fastest_seconds - start))


def test_packed_examples_take_fewer_steps_and_full_rows():
    packed = _plan(packing=True, max_length=4000)
    rows = row_count(packed, 1000, 1_000_000)
    assert (rows, row_count(_plan(), 1000, 1_000_000)) == (250, 1000)
    one, other = (Work(1000, 1_000_000, 2000, count) for count in (1000, rows))
    plain = duration_at(_plan(), one, tokens_per_second=2000.0)
    assert duration_at(packed, other, tokens_per_second=2000.0).fastest_seconds == plain.fastest_seconds
    shape = KNOWN_SHAPES[_1B]
    needed = [estimate_memory(shape, packed, ALONE, longest=longest) for longest in (0, 100)]
    assert needed[0] == needed[1]


def test_a_measured_rate_narrows_the_range():
    plan, work = _plan(), Work(1000, 1_000_000, 2000, 1000)
    of_tokens = duration_at(plan, work, tokens_per_second=2000.0)
    assert of_tokens.basis == "measured"
    assert of_tokens.fastest_seconds < 1_000_000 / 2000 < of_tokens.slowest_seconds
    of_steps = duration_at(plan, work, step_seconds=0.5)
    assert of_steps.fastest_seconds == of_tokens.fastest_seconds
