"""Answers of a kept model in this process, with transformers: for small models, and where no vLLM is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from xlam_backend.evaluation.engine import Prompted, TakeWritten, Written
from xlam_backend.evaluation.plan import EvaluationPlan


class TransformersEngine:
    """One model in memory; prompts of like length are written on from together."""

    def __init__(self, model: Any, tokenizer: Any, plan: EvaluationPlan) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._plan = plan
        self.context = int(getattr(model.config, "max_position_embeddings", 0) or 0)

    def write(self, prompts: Sequence[Prompted], take: TakeWritten, should_stop: Callable[[], bool]) -> None:
        """Write an answer to each prompt, shortest prompts first: batches then hold little padding."""
        ordered = sorted(prompts, key=lambda prompt: (len(prompt.tokens), prompt.item_id))
        for at in range(0, len(ordered), self._plan.batch_size):
            if should_stop():
                return
            batch = ordered[at : at + self._plan.batch_size]
            for prompt, written in zip(batch, self._write_batch(batch), strict=True):
                take(prompt, written)

    def close(self) -> None:
        """Let the model go."""
        self._model = None

    def _write_batch(self, batch: Sequence[Prompted]) -> list[Written]:
        import torch

        longest = max(len(prompt.tokens) for prompt in batch)
        pad = self._tokenizer.pad_token_id
        pad = self._tokenizer.eos_token_id if pad is None else pad
        # Padded on the left: what is written follows each prompt without a gap.
        rows = [[pad] * (longest - len(prompt.tokens)) + list(prompt.tokens) for prompt in batch]
        mask = [[0] * (longest - len(prompt.tokens)) + [1] * len(prompt.tokens) for prompt in batch]
        device = self._model.device
        began = time.monotonic()
        with torch.inference_mode():
            made = self._model.generate(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(mask, device=device),
                max_new_tokens=self._room(longest),
                pad_token_id=pad,
                eos_token_id=self._tokenizer.eos_token_id,
                **self._sampling(),
            )
        seconds = (time.monotonic() - began) / len(batch)
        return [self._written(row[longest:].tolist(), seconds) for row in made]

    def _room(self, longest: int) -> int:
        left = self.context - longest if self.context else self._plan.max_tokens
        return max(1, min(self._plan.max_tokens, left))

    def _sampling(self) -> dict[str, Any]:
        if not self._plan.temperature:
            return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        import torch

        torch.manual_seed(self._plan.seed)
        return {"do_sample": True, "temperature": self._plan.temperature}

    def _written(self, tokens: list[int], seconds: float) -> Written:
        end = self._tokenizer.eos_token_id
        count = tokens.index(end) if end in tokens else len(tokens)
        text = self._tokenizer.decode(tokens[:count], skip_special_tokens=True)
        return Written(text, count, seconds, is_cut=end not in tokens)


def has_gpu() -> bool:
    """Whether a GPU is there that torch can use."""
    import torch

    return bool(torch.cuda.is_available())
