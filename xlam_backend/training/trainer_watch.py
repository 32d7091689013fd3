"""What happens beside the learning: figures and samples are told, checkpoints marked, a stop is obeyed."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xlam_backend.training.checkpoints import CHECKPOINTS, delete_checkpoints, list_checkpoints, mark_complete
from xlam_backend.training.device_meter import DeviceMeter
from xlam_backend.training.devices import Placement
from xlam_backend.training.metrics_file import SamplePrediction, tell_metrics, tell_samples
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.teller import Teller

_PROMPT_LETTERS = 600


class HeldOutPrompt:
    """A held-out row: the tokens before its first answer, and that answer."""

    def __init__(self, row_id: str, prompt_ids: Sequence[int], wanted_ids: Sequence[int]) -> None:
        self.row_id = row_id
        self.prompt_ids = list(prompt_ids)
        self.wanted_ids = list(wanted_ids)


class Watch:
    """One attempt, seen from one of its processes; only the first one tells."""

    def __init__(
        self,
        run_folder: Path,
        plan: TrainingPlan,
        placement: Placement,
        teller: Teller,
        *,
        attempt: int,
        prompts: Sequence[HeldOutPrompt] = (),
    ) -> None:
        self.run_folder = run_folder
        self.was_stopped = False
        self.at_begin: Callable[[], None] | None = None
        self.loss: float | None = None
        self.eval_loss: float | None = None
        self._plan = plan
        self._placement = placement
        self._teller = teller
        self._attempt = attempt
        self._prompts = prompts
        self._meter = DeviceMeter(placement.kind)
        self._told_at = 0.0
        self._told_tokens = 0.0

    def stop_if_asked(self, control: Any) -> None:
        """After a step: when the run was asked to stop, all processes write a checkpoint and end together."""
        if _any_of_all(self._placement, self._teller.should_stop()):
            self.was_stopped = True
            control.should_save = True
            control.should_training_stop = True

    def tell(self, logs: dict[str, Any], *, step: int, total: int) -> None:
        """Write down the figures of a step."""
        if "loss" in logs:
            self.loss = logs["loss"]
        if "eval_loss" in logs:
            self.eval_loss = logs["eval_loss"]
        if not ("loss" in logs or "eval_loss" in logs):
            return
        numbers = {name: value for name, value in logs.items() if isinstance(value, int | float)}
        now = time.time()
        if "loss" in logs:
            numbers |= self._pace(now, float(logs.get("num_tokens", 0)))
            numbers["memory_bytes"] = float(_held_bytes(self._placement))
            if (load := self._meter.load()) is not None:
                numbers["device_load"] = load
        tell_metrics(self.run_folder, attempt=self._attempt, step=step, numbers=numbers, at=now)
        if "eval_loss" in logs:
            self._teller.log(f"step {step:,}: loss on held-out rows {logs['eval_loss']:.4f}")
        if "loss" in logs:
            words = f"step {step:,} of {total:,}, loss {logs['loss']:.4f}"
            self._teller.progress(step, total, words, **_finite(numbers))

    def _pace(self, now: float, tokens: float) -> dict[str, float]:
        before, self._told_at = self._told_at, now
        more, self._told_tokens = tokens - self._told_tokens, tokens
        return {"tokens_per_second": more / (now - before)} if before and now > before and more > 0 else {}

    def keep_checkpoint(self, *, step: int, is_first: bool) -> None:
        """After a checkpoint was written by all: say that it is whole, and remove the oldest ones."""
        _wait_for_all(self._placement)
        if is_first:
            folder = self.run_folder / CHECKPOINTS / f"checkpoint-{step}"
            mark_complete(folder, step=step, process_count=self._placement.process_count)
            whole = [one.name for one in list_checkpoints(self.run_folder) if one.is_whole]
            delete_checkpoints(self.run_folder, whole[self._plan.keep_checkpoints :])
            loss = "" if self.loss is None else f", loss {self.loss:.4f}"
            self._teller.log(f"checkpoint-{step} is whole{loss}")
        _wait_for_all(self._placement)

    def tell_what_it_writes(self, model: Any, tokenizer: Any, *, step: int) -> None:
        """Have the model answer held-out rows, and write down what it says."""
        if not self._prompts or self._placement.strategy == "fsdp":
            return  # divided weights would have to be gathered for every token
        samples = tuple(self._sample(model, tokenizer, prompt) for prompt in self._prompts)
        tell_samples(self.run_folder, attempt=self._attempt, step=step, samples=samples, at=time.time())

    def _sample(self, model: Any, tokenizer: Any, prompt: HeldOutPrompt) -> SamplePrediction:
        import torch

        given = torch.tensor([prompt.prompt_ids], device=model.device)
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad():
                made = model.generate(
                    input_ids=given,
                    attention_mask=torch.ones_like(given),
                    max_new_tokens=self._plan.sample_tokens,
                    do_sample=False,
                    use_cache=True,
                    eos_token_id=tokenizer.eos_token_id,
                    pad_token_id=tokenizer.pad_token_id,
                )
        finally:
            model.train(was_training)
        written = made[0, given.shape[1] :].tolist()
        text = tokenizer.decode(prompt.prompt_ids)[-_PROMPT_LETTERS:]
        return SamplePrediction(
            prompt.row_id, text, tokenizer.decode(prompt.wanted_ids), tokenizer.decode(written)
        )


def make_callback(watch: Watch, tokenizer: Any) -> Any:
    """Return the callback through which a trainer lets a watch see what happens."""
    from transformers import TrainerCallback

    class WatchCallback(TrainerCallback):  # type: ignore[misc] # transformers is not followed
        """Passes on what the trainer says."""

        def on_train_begin(self, *_args: Any, **_: Any) -> None:
            if watch.at_begin is not None:
                watch.at_begin()

        def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
            watch.stop_if_asked(control)

        def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
            if state.is_world_process_zero and logs:
                watch.tell(logs, step=state.global_step, total=state.max_steps)

        def on_save(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
            watch.keep_checkpoint(step=state.global_step, is_first=state.is_world_process_zero)

        def on_evaluate(self, _args: Any, state: Any, _control: Any, model: Any = None, **_: Any) -> None:
            if state.is_world_process_zero:
                watch.tell_what_it_writes(model, tokenizer, step=state.global_step)

    return WatchCallback()


def _any_of_all(placement: Placement, is_asked: bool) -> bool:
    """Return whether any process was asked: they must end at the same step, or the others wait for ever."""
    if placement.process_count == 1:
        return is_asked
    import torch
    import torch.distributed as dist

    device = "cuda" if placement.kind == "cuda" else "cpu"
    flag = torch.tensor([int(is_asked)], device=device)
    dist.all_reduce(flag, op=dist.ReduceOp.MAX)
    return bool(flag.item())


def _wait_for_all(placement: Placement) -> None:
    if placement.process_count > 1:
        import torch.distributed as dist

        dist.barrier()


def _held_bytes(placement: Placement) -> int:
    if placement.kind == "cuda":
        import torch

        return int(torch.cuda.max_memory_reserved())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _finite(numbers: dict[str, float]) -> dict[str, float]:
    return {
        name: float(value) for name, value in numbers.items() if value == value and abs(value) != float("inf")
    }
