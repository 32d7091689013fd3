"""Puts an adapter into the weights of its base model: one whole model comes of it, that answers the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.errors import InputError, RunError, SettingError
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_model_names
from xlam_backend.training.hardware import free_disk
from xlam_backend.training.models import find_model, folder_bytes, refuse_bad_name
from xlam_backend.training.start import start_of_model
from xlam_backend.training.weights import load_kept_model, load_kept_tokenizer

PROBE = 'Which tool fits? {"name": "get_weather", "arguments": {"city": "Oslo"}}'
# Merging adds a product of two matrices that was added to their outputs before: only rounding may differ.
_MOST_DIFFERENCE = {"float32": 1e-3, "float16": 0.1, "bfloat16": 0.5}
_ROOM = 1.1


class MergePlan(msgspec.Struct, frozen=True):
    """Which adapter is merged, and what the whole model is called."""

    adapter: str
    name: str


class Merged(msgspec.Struct, frozen=True):
    """What came of a merge; `difference` is the largest between the answers' logits before and after."""

    parameter_count: int
    byte_count: int
    dtype: str
    difference: float


def plan_merge(store: Store, adapter: str, name: str = "") -> MergePlan:
    """Return the plan of a merge; without a name it is the adapter's with -merged behind it.

    Raises:
        InputError: the model is no adapter.
        SettingError: another model has or had this name, or nothing can be called that.
    """
    model = find_model(store.folder, adapter)
    if not model.record.is_adapter:
        raise InputError(f"{adapter} is a whole model already.", "Only adapters are merged.")
    taken = read_model_names(store)
    wanted = name.strip() or _free_name(f"{adapter}-merged"[:80], taken)
    refuse_bad_name(wanted)
    if wanted in taken:
        raise SettingError(f"A model {wanted!r} exists, or did once.", "Choose another name.")
    return MergePlan(adapter, wanted)


def refuse_without_room(data_folder: Path, plan: MergePlan) -> None:
    """Refuse a merge that the disk has no room for, or whose base model is gone.

    Raises:
        NotFoundError: the base model is not there any more.
        RunError: a whole model does not fit on the disk.
    """
    base = Path(start_of_model(data_folder, find_model(data_folder, plan.adapter)).base)
    needed = folder_bytes(base) * _ROOM if base.is_dir() else 0
    if free_disk(data_folder) < needed:
        raise RunError(
            f"There is no room for the whole model: about {needed / 2**30:.1f} GiB.", "Free some space first."
        )


def merged_record(
    adapter: KeptModel, plan: MergePlan, made: Merged, *, run_id: str, person: str, now: datetime
) -> KeptModel:
    """Return the record of the whole model: it has learnt what the adapter has."""
    return msgspec.structs.replace(
        adapter,
        name=plan.name,
        run_id=run_id,
        method="merge",
        tuning="full",
        parent=adapter.name,
        parameter_count=made.parameter_count,
        byte_count=made.byte_count,
        person=person,
        made_at=now,
    )


def merge(data_folder: Path, plan: MergePlan, target: Path, *, tell: Callable[[str], None]) -> Merged:
    """Write the whole model into `target`; only in a worker, for it loads the weights.

    Raises:
        RunError: the merged model does not answer as the adapter on its base does.
    """
    import torch

    adapter = find_model(data_folder, plan.adapter)
    tell("Loading the adapter and its base model")
    model = load_kept_model(data_folder, adapter)
    tokenizer = load_kept_tokenizer(adapter)
    _refuse_unknown_tokens(model, tokenizer)
    probe = tokenizer(PROBE, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        before = model(probe).logits.float()
    tell("Merging")
    whole = model.merge_and_unload(safe_merge=True).eval()
    with torch.inference_mode():
        difference = float((whole(probe).logits.float() - before).abs().max())
    dtype = str(whole.dtype).removeprefix("torch.")
    if not difference <= _MOST_DIFFERENCE.get(dtype, 0.5):
        raise RunError(
            f"The merged model does not answer as the adapter does: its logits differ by {difference:.3g}.",
            "Keep using the adapter on its base; nothing was changed.",
        )
    tell("Writing the whole model")
    whole.save_pretrained(target)
    tokenizer.save_pretrained(target)
    return Merged(whole.num_parameters(), folder_bytes(target), dtype, difference)


def _refuse_unknown_tokens(base: Any, tokenizer: Any) -> None:
    rows = base.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise RunError(
            f"The adapter's tokenizer knows {len(tokenizer):,} tokens, its base model {rows:,}.",
            "The adapter was trained on another base model.",
        )


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name[:76]}-{number}", number + 1
    return free
