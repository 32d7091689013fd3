"""Every kind of run, and what the store's owner does with runs: start, stop, resume, repeat, take in."""

from __future__ import annotations

from xlam_backend.activities import judge_run, respond_run
from xlam_backend.runs.base import Registry, RunKind

# In the order a person meets them.
RUN_KINDS: tuple[RunKind, ...] = (judge_run.RUN_KIND, respond_run.RUN_KIND)

REGISTRY = Registry(RUN_KINDS, "xlam_backend.activities.worker")
