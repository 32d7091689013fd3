"""Every kind of run, each loaded when it is first asked for: a worker needs one of them, not all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from xlam_backend.runs.base import Registry, RunKind

# In the order a person meets them: the file of each kind, and the constant it ends in.
_PLACES: dict[str, tuple[str, str]] = {
    "import": ("import_run", "RUN_KIND"),
    "check": ("check_run", "RUN_KIND"),
    "judge": ("judge_run", "RUN_KIND"),
    "respond": ("respond_run", "RUN_KIND"),
    "rehearse": ("rehearse_run", "RUN_KIND"),
    "augment": ("augment_run", "RUN_KIND"),
    "rephrase": ("rephrase_run", "RUN_KIND"),
    "corrupt": ("corrupt_run", "RUN_KIND"),
    "export": ("export_run", "RUN_KIND"),
    "dedupe": ("dedupe_run", "RUN_KIND"),
    "contamination": ("contamination_run", "RUN_KIND"),
    "categories": ("category_run", "RUN_KIND"),
    "freeze": ("freeze_run", "RUN_KIND"),
    "train": ("train_run", "RUN_KIND"),
    "merge": ("merge_run", "RUN_KIND"),
    "export model": ("model_export_run", "RUN_KIND"),
    "evaluate": ("evaluate_run", "RUN_KIND"),
    "evaluate_model": ("evaluate_run", "MODEL_RUN_KIND"),
}


class _Kinds(Mapping[str, RunKind]):
    """The kinds by their names."""

    def __getitem__(self, name: str) -> RunKind:
        module, constant = _PLACES[name]
        kind: RunKind = getattr(import_module(f"xlam_backend.activities.{module}"), constant)
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)

    def __contains__(self, name: object) -> bool:  # without loading it
        return name in _PLACES


RUN_KINDS: Mapping[str, RunKind] = _Kinds()

REGISTRY = Registry(RUN_KINDS, "xlam_backend.activities.worker")
