"""One process of a training on several devices.

Started by torchrun: `torchrun --nproc-per-node 8 -m xlam_backend.training.rank RUN_FOLDER ATTEMPT`.
It ends when the process that started it ends, however that ends; so nothing is left behind.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import msgspec

from xlam_backend.runs.failure import describe_error
from xlam_backend.runs.folder import STATE, write_record
from xlam_backend.training.devices import Placement, look_at_machine, place
from xlam_backend.training.job import job_of_run
from xlam_backend.training.quiet import be_quiet
from xlam_backend.training.teller import RankTeller
from xlam_backend.training.tied import die_with_parent

RANK_END = "rank-{rank}-end.json"


def placement_here(run_folder: Path) -> Placement:
    """Return how the run runs, as torchrun has set it up: on several machines there are more processes."""
    plan = job_of_run(run_folder).plan
    on_this_machine = int(os.environ["LOCAL_WORLD_SIZE"])
    world = int(os.environ["WORLD_SIZE"])
    here = place(msgspec.structs.replace(plan, devices=on_this_machine), look_at_machine())
    strategy = here.strategy
    if world > 1 and strategy == "single":
        strategy = "fsdp" if plan.sharding == "fsdp" else "ddp"
    return Placement(here.kind, world, here.precision, strategy)


def main(arguments: list[str]) -> int:
    """Learn; what went wrong is written down for the worker to tell."""
    die_with_parent()
    be_quiet()
    from xlam_backend.training.trainer import learn

    run_folder, attempt = Path(arguments[0]), int(arguments[1])
    rank = int(os.environ["RANK"])
    try:
        teller = RankTeller(run_folder, rank=rank)
        learn(run_folder, placement_here(run_folder), teller, attempt=attempt, rank=rank)
    except BaseException as error:  # noqa: BLE001 - the border: whatever ended the work is said on the run
        traceback.print_exc()
        write_record(run_folder / STATE / RANK_END.format(rank=rank), describe_error(error))
        return 1
    finally:
        _leave_the_others()
    return 0


def _leave_the_others() -> None:
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
