"""Sets what the libraries read from the environment, before they are loaded."""

from __future__ import annotations

import logging
import os
import warnings

_SETTINGS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "warning",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "true",
}


def be_quiet() -> None:
    """Have the libraries send nothing home, draw no progress bars, and say only what matters."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    # TRL 1.16 still uses the older name of activation checkpointing, and would be told so at every step.
    warnings.filterwarnings("ignore", message=".*gradient_checkpointing.*", category=FutureWarning)
    # Short convolutions of the tiny model have a faster kernel, on GPUs only.
    logging.getLogger("transformers.integrations.hub_kernels").setLevel(logging.ERROR)
