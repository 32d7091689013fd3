"""torchrun, tied to the worker that started it; its arguments are those of torchrun."""

from __future__ import annotations

import os
import sys

from xlam_backend.training.tied import PARENT_MARK, die_with_parent


def main() -> None:
    """Run torchrun in this process; the processes that it starts are tied to it in turn."""
    die_with_parent()
    os.environ[PARENT_MARK] = str(os.getpid())
    from torch.distributed.run import main as torchrun

    torchrun(sys.argv[1:])


if __name__ == "__main__":
    main()
