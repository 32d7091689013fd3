"""How busy the device of a training is: the processor by its own clock, GPUs by what their driver says."""

from __future__ import annotations

import threading
import time

from xlam_backend.training.hardware import read_hardware, usable_cores

_ASK_SECONDS = 5.0


class DeviceMeter:
    """Measures the load between two looks; GPUs are asked beside the training, which never waits for them."""

    def __init__(self, kind: str) -> None:
        self._is_gpu = kind == "cuda"
        self._wall, self._busy = time.monotonic(), time.process_time()
        self._gpu_load: float | None = None
        if self._is_gpu:
            threading.Thread(target=self._ask_gpus, name="device meter", daemon=True).start()

    def load(self) -> float | None:
        """Return the share of the time in which the device was at work; None where nobody knows."""
        if self._is_gpu:
            return self._gpu_load
        wall, busy = time.monotonic(), time.process_time()
        seconds, worked = wall - self._wall, busy - self._busy
        self._wall, self._busy = wall, busy
        return min(1.0, worked / (seconds * usable_cores())) if seconds > 0 else None

    def _ask_gpus(self) -> None:
        while True:
            told = [gpu.busy_share for gpu in read_hardware().gpus if gpu.busy_share is not None]
            self._gpu_load = sum(told) / len(told) if told else None
            time.sleep(_ASK_SECONDS)
