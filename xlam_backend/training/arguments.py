"""A plan as the arguments of TRL's trainers; whoever runs TRL by hand with these does the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlam_backend.training.devices import Placement
from xlam_backend.training.plan import TrainingPlan


def trainer_arguments(
    plan: TrainingPlan, placement: Placement, output: Path, *, has_eval: bool
) -> dict[str, Any]:
    """Return what SFTConfig or DPOConfig is given.

    The defaults of TRL that would lose data or fail here are all set: it cuts at 1,024 tokens, computes in
    bf16, and checkpoints activations. Rows were counted and cut before, so `max_length` is None.
    """
    arguments: dict[str, Any] = {
        "output_dir": str(output),
        "per_device_train_batch_size": plan.batch_size,
        "per_device_eval_batch_size": plan.batch_size,
        "gradient_accumulation_steps": plan.accumulation,
        "num_train_epochs": plan.epochs,
        "max_steps": plan.max_steps or -1,
        "learning_rate": plan.learning_rate,
        "lr_scheduler_type": plan.scheduler if plan.scheduler != "constant" else "constant_with_warmup",
        "warmup_steps": plan.warmup_steps,
        "weight_decay": plan.weight_decay,
        "max_grad_norm": plan.max_grad_norm,
        "adam_beta1": plan.adam_beta1,
        "adam_beta2": plan.adam_beta2,
        "optim": "adamw_torch",
        "seed": plan.seed,
        "data_seed": plan.seed,
        "max_length": None,
        "bf16": placement.precision == "bf16",
        "fp16": placement.precision == "fp16",
        "use_cpu": placement.kind == "cpu",
        "logging_steps": plan.log_steps,
        "logging_nan_inf_filter": False,  # a loss that is no number is shown as what it is
        "save_strategy": "steps",
        "save_steps": plan.save_steps,
        "eval_strategy": "steps" if has_eval else "no",
        "eval_steps": plan.eval_steps,
        "report_to": list(plan.report_to) or "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": placement.kind == "cuda",
        "ddp_find_unused_parameters": False,
        **_memory_arguments(plan, placement),
        **(_sft_arguments(plan) if plan.method == "sft" else _dpo_arguments(plan)),
    }
    if placement.kind == "cpu" and placement.process_count > 1:
        arguments["ddp_backend"] = "gloo"
    return arguments


def _memory_arguments(plan: TrainingPlan, placement: Placement) -> dict[str, Any]:
    if placement.strategy != "fsdp":
        return {"gradient_checkpointing": plan.gradient_checkpointing}
    divided = {
        "version": 2,
        "reshard_after_forward": True,
        "cpu_offload": plan.offload,
        "cpu_ram_efficient_loading": True,
        "activation_checkpointing": plan.gradient_checkpointing,
        "state_dict_type": "FULL_STATE_DICT",
    }
    return {"gradient_checkpointing": False, "fsdp": True, "fsdp_config": divided}


def _sft_arguments(plan: TrainingPlan) -> dict[str, Any]:
    arguments: dict[str, Any] = {"neftune_noise_alpha": plan.neftune_noise or None}
    if plan.packing:
        return {**arguments, "packing": True, "packing_strategy": "bfd", "max_length": plan.max_length}
    return {**arguments, "dataset_kwargs": {"skip_prepare_dataset": True}}


def _dpo_arguments(plan: TrainingPlan) -> dict[str, Any]:
    return {
        "beta": plan.dpo_beta,
        "loss_type": [plan.dpo_loss],
        "label_smoothing": plan.dpo_label_smoothing,
    }
