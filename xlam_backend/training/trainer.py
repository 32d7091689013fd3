"""Learns: builds TRL's trainer for a job, goes on from its checkpoint, and leaves the model it has made.

In one process this is called by the run's worker; on several devices each process that torchrun starts
calls it: `torchrun --nproc-per-node 8 -m xlam_backend.training.rank RUN_FOLDER ATTEMPT`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.errors import RunError, SettingError
from xlam_backend.runs.folder import STATE, read_record, write_record
from xlam_backend.training.arguments import trainer_arguments
from xlam_backend.training.checkpoints import CHECKPOINTS, drop_torn, latest_whole, list_checkpoints
from xlam_backend.training.devices import Placement
from xlam_backend.training.examples import NOT_LEARNT
from xlam_backend.training.job import TrainingJob, job_of_run
from xlam_backend.training.models import folder_bytes
from xlam_backend.training.order import LearningOrder
from xlam_backend.training.plan import TINY
from xlam_backend.training.prepared import examples_file, start_of
from xlam_backend.training.start import BASE, Start
from xlam_backend.training.teller import Teller
from xlam_backend.training.template import put_template
from xlam_backend.training.trainer_dpo import make_dpo_trainer
from xlam_backend.training.trainer_sft import make_sft_trainer
from xlam_backend.training.trainer_watch import HeldOutPrompt, Watch, make_callback
from xlam_backend.training.weights import load_for_training, load_tokenizer, lora_settings

MODEL = "model"  # in state/: what the run has made, before the store's owner puts it in its place
RESULT = "result.json"
_NOT_IN_A_MODEL = ("training_args.bin", "README.md", "ref")


class TrainingResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a training that went to its end."""

    step_count: int
    process_count: int
    strategy: str
    precision: str
    parameter_count: int
    trained_count: int
    byte_count: int
    loss: float | None = None
    eval_loss: float | None = None
    token_count: int = 0


def read_result(run_folder: Path) -> TrainingResult | None:
    """Return what came of a run; None when it did not go to its end."""
    return read_record(run_folder / STATE / RESULT, TrainingResult)


def learn(
    run_folder: Path, placement: Placement, teller: Teller, *, attempt: int, rank: int = 0
) -> TrainingResult | None:
    """Learn until the last step, or until the run is asked to stop; returns None then.

    Raises:
        RunError: what accelerate set up is not what was asked for, or no step can be gone on from.
    """
    job = job_of_run(run_folder)
    start = start_of(run_folder, job)
    began_at = _checkpoint(run_folder, placement, teller, is_first=rank == 0)
    tokenizer = load_tokenizer(start)
    put_template(tokenizer, job.plan)
    splits = {split: _examples(run_folder, split) for split in ("train", "eval")}
    prompts = _prompts(splits["eval"], job)
    watch = Watch(run_folder, job.plan, placement, teller, attempt=attempt, prompts=prompts)
    trainer = _make_trainer(run_folder, job, start, placement, watch, tokenizer, splits)
    _refuse_other_setup(trainer, placement)
    _print_nothing(trainer)
    _own_seed(job.plan.seed + rank)
    _keep_count_of_tokens(trainer, began_at)
    if rank == 0:
        teller.log(f"{placement.words}; {_begins(began_at)}")
    watch.at_begin = lambda: _refuse_other_strategy(trainer, placement)
    try:
        trainer.train(resume_from_checkpoint=str(began_at) if began_at else None)
    except Exception:
        if rank == 0:  # half a checkpoint is of no use, and may hold what a full disk lacks
            drop_torn(run_folder)
        raise
    if watch.was_stopped and trainer.state.global_step < trainer.state.max_steps:
        return None
    if trainer.state.global_step < trainer.state.max_steps:
        raise RunError(
            f"The trainer ended at step {trainer.state.global_step:,} of {trainer.state.max_steps:,}.",
            "See the log, then resume the run.",
        )
    return _keep(run_folder, job, start, placement, trainer, watch, tokenizer, rank=rank)


def _begins(began_at: Path | None) -> str:
    return f"goes on from {began_at.name}" if began_at else "begins at step 0"


def _checkpoint(run_folder: Path, placement: Placement, teller: Teller, *, is_first: bool) -> Path | None:
    """Return the checkpoint to go on from; those that are not whole are removed by the first process."""
    if is_first:
        for name in drop_torn(run_folder):
            teller.log(f"{name} was not written to its end: removed")
    found = latest_whole(run_folder, process_count=placement.process_count)
    if found is None and any(one.is_whole for one in list_checkpoints(run_folder)):
        raise SettingError(
            f"The checkpoints of this run were not written by {placement.process_count} processes.",
            "Resume it with as many devices as before, or start a new run from their weights.",
        )
    return found


def _make_trainer(
    run_folder: Path,
    job: TrainingJob,
    start: Start,
    placement: Placement,
    watch: Watch,
    tokenizer: Any,
    splits: dict[str, Any],
) -> Any:
    plan = job.plan
    has_eval = len(splits["eval"]) > 0
    arguments = trainer_arguments(plan, placement, run_folder / CHECKPOINTS, has_eval=has_eval)
    _own_seed(plan.seed)  # new adapter weights are the same in every process
    is_half = plan.is_adapter and placement.precision == "bf16"
    model = load_for_training(start, plan, dtype="bfloat16" if is_half else "float32", device=placement.kind)
    order = LearningOrder(
        _source_numbers(splits["train"]),
        process_count=placement.process_count,
        batch_size=plan.batch_size,
        seed=plan.seed,
        lengths=_lengths(splits["train"]) if plan.by_length else None,
    )
    make = make_sft_trainer if plan.method == "sft" else make_dpo_trainer
    return make(
        arguments,
        order,
        model=model,
        peft_config=lora_settings(plan) if plan.is_adapter and not start.adapter else None,
        train_dataset=splits["train"],
        eval_dataset=splits["eval"] if has_eval else None,
        processing_class=tokenizer,
        callbacks=[make_callback(watch, tokenizer)],
    )


def _examples(run_folder: Path, split: str) -> Any:
    from datasets import Dataset

    return Dataset.from_file(str(examples_file(run_folder, split)))


def _source_numbers(examples: Any) -> list[int]:
    sources = examples["source"]
    numbers = {name: number for number, name in enumerate(sorted(set(sources)))}
    return [numbers[name] for name in sources]


def _lengths(examples: Any) -> Any:
    """Return the tokens of each example; of a pair, of the prompt and the chosen side."""
    import numpy as np
    import pyarrow.compute as pc

    names = [name for name in ("input_ids", "prompt_ids", "chosen_ids") if name in examples.column_names]
    return np.sum([pc.list_value_length(examples.data.column(name)).to_numpy() for name in names], axis=0)


def _prompts(held_out: Any, job: TrainingJob) -> list[HeldOutPrompt]:
    found = []
    for example in held_out.select(range(min(job.plan.sample_count, len(held_out)))):
        if job.plan.method == "dpo":
            found.append(HeldOutPrompt(example["row_id"], example["prompt_ids"], example["chosen_ids"]))
            continue
        labels = example["labels"]
        first = next(at for at, label in enumerate(labels) if label != NOT_LEARNT)
        end = next((at for at in range(first, len(labels)) if labels[at] == NOT_LEARNT), len(labels))
        ids = example["input_ids"]
        found.append(HeldOutPrompt(example["row_id"], ids[:first], ids[first:end]))
    return found


def _refuse_other_setup(trainer: Any, placement: Placement) -> None:
    """Hold the trainer to what was asked: accelerate may fall back to one process without a word."""
    found = trainer.accelerator.num_processes
    device = trainer.accelerator.device.type
    if found != placement.process_count or device != placement.kind:
        raise RunError(
            f"{placement.process_count} processes on {placement.kind} are asked for, "
            f"and {found} on {device} were set up.",
            "See the log for what accelerate found.",
        )


def _refuse_other_strategy(trainer: Any, placement: Placement) -> None:
    found = _strategy_of(trainer)
    if found != placement.strategy:
        raise RunError(
            f"{placement.strategy} is asked for, and the trainer runs {found}.", "See the log for why."
        )


def _strategy_of(trainer: Any) -> str:
    from torch.nn.parallel import DistributedDataParallel

    if isinstance(trainer.model_wrapped, DistributedDataParallel):
        return "ddp"
    return "fsdp" if trainer.is_fsdp_enabled else "single"


def _print_nothing(trainer: Any) -> None:
    """Have the figures told once: a line for each step would bury what else stands in the log."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)


def _own_seed(seed: int) -> None:
    from transformers import set_seed

    set_seed(seed)


def _keep_count_of_tokens(trainer: Any, began_at: Path | None) -> None:
    """Go on counting tokens where the checkpoint stopped; TRL begins at 0."""
    if began_at is None:
        return
    told = msgspec.json.decode((began_at / "trainer_state.json").read_bytes())["log_history"]
    counts = [line["num_tokens"] for line in told if "num_tokens" in line]
    if counts:
        trainer._total_train_tokens = int(counts[-1])


def _keep(
    run_folder: Path,
    job: TrainingJob,
    start: Start,
    placement: Placement,
    trainer: Any,
    watch: Watch,
    tokenizer: Any,
    *,
    rank: int,
) -> TrainingResult | None:
    """Write the model aside, then put it in its place, with what came of the run beside it."""
    counts = _parameter_counts(trainer)
    draft, made = run_folder / STATE / f".{MODEL}", run_folder / STATE / MODEL
    if rank == 0:
        shutil.rmtree(draft, ignore_errors=True)
    _save(trainer, draft, placement)
    if rank != 0:
        return None
    tokenizer.save_pretrained(draft)
    for name in _NOT_IN_A_MODEL:
        left = draft / name
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
    if job.start.base == TINY and job.plan.is_adapter:
        shutil.copytree(start.base, draft / BASE)  # it is nowhere else
    shutil.rmtree(made, ignore_errors=True)
    draft.rename(made)
    result = TrainingResult(
        step_count=trainer.state.global_step,
        process_count=placement.process_count,
        strategy=placement.strategy,
        precision=placement.precision,
        parameter_count=counts[0],
        trained_count=counts[1],
        byte_count=folder_bytes(made),
        loss=watch.loss,
        eval_loss=watch.eval_loss,
        token_count=int(trainer._total_train_tokens),
    )
    write_record(run_folder / STATE / RESULT, result)
    return result


def _save(trainer: Any, folder: Path, placement: Placement) -> None:
    """Save the weights; of a whole model in the numbers it was computed in."""
    from peft import PeftModel

    model = trainer.accelerator.unwrap_model(trainer.model)
    if placement.precision != "bf16" or isinstance(model, PeftModel):
        trainer.save_model(str(folder))
        return
    import torch

    weights = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if trainer.args.should_save:
        half = {
            name: tensor.to(torch.bfloat16) if tensor.is_floating_point() else tensor
            for name, tensor in weights.items()
        }
        model.config.dtype = torch.bfloat16
        model.save_pretrained(str(folder), state_dict=half)


def _parameter_counts(trainer: Any) -> tuple[int, int]:
    named = trainer.accelerator.unwrap_model(trainer.model).named_parameters()
    parameters = [each for name, each in named if ".ref." not in name]  # the reference is no part of it
    every = sum(each.numel() for each in parameters)
    return every, sum(each.numel() for each in parameters if each.requires_grad)
