"""The run that merges an adapter into its base model: the whole model is kept as a model of its own."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.kept_model import KeptModel
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store
from xlam_backend.store.models import read_model_of_run, write_model
from xlam_backend.training.merging import (
    Merged,
    MergePlan,
    merge,
    merged_record,
    plan_merge,
    refuse_without_room,
)
from xlam_backend.training.models import find_model, keep_model

KIND = "merge"
_MODEL, _MERGED = "model", "merged.json"
_STEPS = 4


def start_merge(store: Store, adapter: str, *, name: str = "", person: Person, now: datetime) -> str:
    """Merge an adapter into its base model; returns the id of the run.

    Raises:
        InputError: the model is no adapter.
        SettingError: another model has the name.
    """
    require(person, "train")
    plan = plan_merge(store, adapter, name)
    title = f"Merge {plan.adapter} into its base model"
    return start_run(store, KIND, msgspec.to_builtins(plan), title=title, person=person, now=now)


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Write down what is merged, if it can be."""
    wanted = _read_params(params)
    plan = plan_merge(store, wanted.adapter, wanted.name)
    refuse_without_room(store.folder, plan)
    record = find_model(store.folder, plan.adapter).record
    (folder / INPUT / "adapter.json").write_bytes(msgspec.json.encode(record))
    return Prepared(1, f"the adapter {plan.adapter}")


def work(context: RunContext) -> None:
    """Write the whole model; a merge that was cut off begins anew."""
    target, made = context.folder / OUTPUT / _MODEL, context.folder / OUTPUT / _MERGED
    if not made.is_file():
        shutil.rmtree(target, ignore_errors=True)
        done = 0

        def tell(words: str) -> None:
            nonlocal done
            done += 1
            context.progress(done, _STEPS, words)

        merged = merge(context.folder.parent.parent, _read_params(context.params), target, tell=tell)
        context.write_part(_MERGED, msgspec.json.encode(merged))
    merged = msgspec.json.decode(made.read_bytes(), type=Merged)
    context.progress(_STEPS, _STEPS, "Merged")
    context.set_outcome(
        {
            "parameters": merged.parameter_count,
            "bytes": merged.byte_count,
            "number format": merged.dtype,
            "largest difference of logits": merged.difference,
        }
    )


def take_in(taking: Taking) -> int:
    """Put the model in its place, and note how it came about."""
    plan = _read_params(taking.params)
    run_id = taking.folder.name
    merged = msgspec.json.decode((taking.folder / OUTPUT / _MERGED).read_bytes(), type=Merged)
    # As it was when the run was started: the adapter itself may have been deleted meanwhile.
    adapter = msgspec.json.decode((taking.folder / INPUT / "adapter.json").read_bytes(), type=KeptModel)
    record = merged_record(adapter, plan, merged, run_id=run_id, person=taking.person.name, now=taking.now)
    keep_model(taking.store.folder, taking.folder / OUTPUT / _MODEL, record)
    known = read_model_of_run(taking.store, run_id)
    with taking.store.write() as cursor:
        if known is None:
            write_model(cursor, taking.store, record)
        detail = {"act": "merge", "adapter": plan.adapter, "run": run_id}
        write_audit(
            cursor, taking.store, taking.person, "train", f"model {plan.name}", detail, now=taking.now
        )
        taking.mark(cursor, 1)
    return 1


def _read_params(params: dict[str, Any]) -> MergePlan:
    try:
        return msgspec.convert(params, MergePlan)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of a merge: {error}.", "Start from the Models page."
        ) from error


# Weights fill the memory that a training on the processor needs: they wait for each other.
RUN_KIND = RunKind(KIND, "Merge an adapter", "gpu", prepare, work, take_in_whole=take_in)
