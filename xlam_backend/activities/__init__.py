"""Every kind of run, and what the store's owner does with runs: start, stop, resume, repeat, take in."""

from __future__ import annotations

from xlam_backend.activities import (
    augment_run,
    category_run,
    check_run,
    contamination_run,
    corrupt_run,
    dedupe_run,
    evaluate_run,
    export_run,
    freeze_run,
    import_run,
    judge_run,
    merge_run,
    model_export_run,
    rehearse_run,
    rephrase_run,
    respond_run,
    train_run,
)
from xlam_backend.runs.base import Registry, RunKind

# In the order a person meets them.
RUN_KINDS: tuple[RunKind, ...] = (
    import_run.RUN_KIND,
    check_run.RUN_KIND,
    judge_run.RUN_KIND,
    respond_run.RUN_KIND,
    rehearse_run.RUN_KIND,
    augment_run.RUN_KIND,
    rephrase_run.RUN_KIND,
    corrupt_run.RUN_KIND,
    export_run.RUN_KIND,
    dedupe_run.RUN_KIND,
    contamination_run.RUN_KIND,
    category_run.RUN_KIND,
    freeze_run.RUN_KIND,
    train_run.RUN_KIND,
    merge_run.RUN_KIND,
    model_export_run.RUN_KIND,
    evaluate_run.RUN_KIND,
    evaluate_run.MODEL_RUN_KIND,
)

REGISTRY = Registry(RUN_KINDS, "xlam_backend.activities.worker")
