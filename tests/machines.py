"""A machine with GPUs, for tests on one without: a program that answers as nvidia-smi would."""

from __future__ import annotations

import os


def give_gpus(monkeypatch, folder, count, *, visible=None):
    """Have this process, and those it starts, find so many GPUs; `visible` is CUDA_VISIBLE_DEVICES."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "nvidia-smi"
    lines = [f"{at}, GPU-{at}a{at}b, NVIDIA H100 80GB HBM3, 81559, 8{at}000, {at}0" for at in range(count)]
    program.write_text("#!/bin/sh\ncat <<END\n" + "\n".join(lines) + "\nEND\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
