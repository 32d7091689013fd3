"""TRL's DPOTrainer on pairs that are tokens already, in our own order."""

from __future__ import annotations

import copy
from typing import Any

from xlam_backend.training.order import LearningOrder


def make_dpo_trainer(
    arguments: dict[str, Any], order: LearningOrder, *, model: Any, peft_config: Any, **parts: Any
) -> Any:
    """Return the trainer; `parts` are the datasets, the tokenizer and the callbacks.

    The reference is the model as it begins: with a new adapter that is the model without it, with one that
    goes on a copy of the adapter, and of a whole model a copy of it all.
    """
    from peft import PeftModel
    from trl import DPOConfig, DPOTrainer

    class OrderedDPOTrainer(DPOTrainer):  # type: ignore[misc] # TRL brings no types
        """Learns in the order given, pairs that were counted and written as tokens before."""

        def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
            return dataset

        def _get_train_sampler(self, *_: Any) -> LearningOrder:
            return order

        def _run_epoch(self, **epoch: Any) -> Any:
            order.epoch = epoch["epoch"]
            return super()._run_epoch(**epoch)

    is_whole = peft_config is None and not isinstance(model, PeftModel)
    return OrderedDPOTrainer(
        model=model,
        ref_model=copy.deepcopy(model).eval() if is_whole else None,
        args=DPOConfig(**arguments),
        peft_config=peft_config,
        **parts,
    )
