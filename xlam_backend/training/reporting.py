"""Figures that also go to TensorBoard files or to Weights & Biases, where somebody asked for that.

Both are optional packages. Nothing is sent anywhere unless a plan says so: its setting `report_to`.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from xlam_backend.errors import MissingPackageError, SettingError
from xlam_backend.runs.folder import STATE
from xlam_backend.training.plan import Reporter, TrainingPlan

PROJECT = "xlam-studio"
_PACKAGES: dict[Reporter, tuple[str, ...]] = {
    "tensorboard": ("tensorboard", "tensorboardX"),
    "wandb": ("wandb",),
}
_OFFLINE = ("offline", "disabled", "dryrun")


def refuse_missing_reporters(plan: TrainingPlan) -> None:
    """Refuse a plan whose figures are to go where they cannot, before anything is started.

    Raises:
        MissingPackageError: the package is not installed.
        SettingError: W&B is asked for, and neither a key nor its offline mode is set.
    """
    for reporter in plan.report_to:
        packages = _PACKAGES[reporter]
        if not any(importlib.util.find_spec(name) for name in packages):
            raise MissingPackageError(
                f"report_to names {reporter}, and the package {packages[0]} is not installed.",
                f"pip install {packages[0]}, or take it out of report_to.",
            )
    if "wandb" in plan.report_to and not _can_reach_wandb():
        raise SettingError(
            "report_to names wandb, and no key for it is set.",
            "Set WANDB_API_KEY in the environment of the app, or WANDB_MODE=offline.",
        )


def set_up_reporters(run_folder: Path, plan: TrainingPlan) -> None:
    """Say where the figures go, in the environment that trainers and their processes read.

    Every attempt at a run goes on with the same curves.
    """
    if "tensorboard" in plan.report_to:
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(tensorboard_folder(run_folder))
    if "wandb" in plan.report_to:
        os.environ.setdefault("WANDB_PROJECT", PROJECT)
        os.environ["WANDB_DIR"] = str(run_folder / STATE)
        os.environ["WANDB_RUN_ID"] = run_folder.name
        os.environ["WANDB_NAME"] = plan.name or run_folder.name
        os.environ["WANDB_RESUME"] = "allow"
        os.environ["WANDB_LOG_MODEL"] = "false"  # the figures were asked for, not the weights


def tensorboard_folder(run_folder: Path) -> Path:
    """Return where the TensorBoard files of a run lie."""
    return run_folder / STATE / "tensorboard"


def _can_reach_wandb() -> bool:
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_MODE", "") in _OFFLINE:
        return True
    try:
        return "api.wandb.ai" in (Path.home() / ".netrc").read_text(encoding="utf-8")
    except OSError:
        return False
