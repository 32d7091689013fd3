"""TRL's SFTTrainer on rows that are tokens already, in our own order."""

from __future__ import annotations

from typing import Any

from xlam_backend.training.order import LearningOrder


def make_sft_trainer(
    arguments: dict[str, Any], order: LearningOrder, *, peft_config: Any, **parts: Any
) -> Any:
    """Return the trainer; `parts` are the model, the datasets, the tokenizer and the callbacks."""
    from trl import SFTConfig, SFTTrainer
    from trl.kernels import chunked_logprob
    from trl.trainer import utils

    # TRL 1.16 scores every token of a batch on a processor, on a GPU those that are learnt; so do we on both,
    # for the others count for nothing. test_only_tokens_that_are_learnt_are_scored sees whether it does.
    utils._use_triton = lambda device: device.type == "cpu" or chunked_logprob._use_triton(device)

    class OrderedSFTTrainer(SFTTrainer):  # type: ignore[misc] # TRL brings no types
        """Learns in the order given."""

        def _get_train_sampler(self, *_: Any) -> LearningOrder:
            return order

        def _run_epoch(self, **epoch: Any) -> Any:
            order.epoch = epoch["epoch"]
            return super()._run_epoch(**epoch)

    trainer = OrderedSFTTrainer(args=SFTConfig(**arguments), peft_config=peft_config, **parts)
    if arguments.get("packing"):  # TRL has put several examples into a row: there are fewer rows
        order.order_packed(len(trainer.train_dataset))
    return trainer
