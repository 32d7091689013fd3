"""Runs another program tied to this process's parent: `python -m ….tied_program COMMAND…`.

A server that a run starts must not outlive the run's worker, however that one ends. What is set here
stays set in the program that takes this process's place.
"""

from __future__ import annotations

import os
import sys

from xlam_backend.training.tied import die_with_parent


def main() -> None:
    """Tie this process, then become the program that the command line names."""
    die_with_parent()
    command = sys.argv[1:]
    os.execvp(command[0], command)  # noqa: S606 - the run's own command, no shell


if __name__ == "__main__":
    main()
