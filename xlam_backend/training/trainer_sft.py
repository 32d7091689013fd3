"""TRL's SFTTrainer on rows that are tokens already, in our own order."""

from __future__ import annotations

from typing import Any

from xlam_backend.training.order import LearningOrder


def make_sft_trainer(
    arguments: dict[str, Any], order: LearningOrder, *, peft_config: Any, **parts: Any
) -> Any:
    """Return the trainer; `parts` are the model, the datasets, the tokenizer and the callbacks."""
    from trl import SFTConfig, SFTTrainer

    class OrderedSFTTrainer(SFTTrainer):  # type: ignore[misc] # TRL brings no types
        """Learns in the order given."""

        def _get_train_sampler(self, *_: Any) -> LearningOrder:
            return order

        def _run_epoch(self, **epoch: Any) -> Any:
            order.epoch = epoch["epoch"]
            return super()._run_epoch(**epoch)

    return OrderedSFTTrainer(args=SFTConfig(**arguments), peft_config=peft_config, **parts)
