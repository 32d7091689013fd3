"""A store with a small release, and jobs of trainings on it: the smallest model there is, a few steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.builders import a_call, a_tool, a_trajectory
from xlam_backend.domain.pair import PairSide
from xlam_backend.domain.preference_row import PreferenceRow
from xlam_backend.mixture.freeze import make_release
from xlam_backend.mixture.freeze import write_job as write_freeze_job
from xlam_backend.mixture.recipe_text import read_recipe
from xlam_backend.releases.keeping import keep_release
from xlam_backend.releases.manifest import Frozen
from xlam_backend.runs.context import WorkerContext
from xlam_backend.store.chunk_builder import ChunkBuilder
from xlam_backend.store.connection import Store
from xlam_backend.store.import_transaction import NewDataset
from xlam_backend.store.ingest import Ingest
from xlam_backend.training.job import TrainingJob
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.start import find_start

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 12
# One layer, 16 wide: a step takes milliseconds.
SMALL = TrainingPlan(
    tiny_layers=1,
    tiny_hidden=16,
    tiny_vocabulary=320,
    learning_rate=3e-3,
    warmup_steps=2,
    batch_size=2,
    accumulation=2,
    epochs=2,
    eval_rows=2,
    eval_steps=3,
    sample_count=1,
    sample_tokens=3,
    save_steps=2,
)
RECIPE = """
name: small
when_short: take fewer
rules: {licence_unknown: keep}
sources:
- {name: cities, share: 70 %, datasets: cities}
- {name: towns, share: 30 %, datasets: towns}
"""


def fill_and_freeze(store: Store, folder: Path) -> str:
    """Import two small datasets and freeze them; returns the id of the release."""
    for name, count in (("cities", 9), ("towns", 5)):
        builder = ChunkBuilder()
        for number in range(count):
            place = f"{name}{number}"
            trajectory = a_trajectory([a_call(city=place)], query=f"How is the weather in {place}?")
            builder.add(trajectory, f"id-{place}", f"{name}.jsonl", number + 1, "")
        builder.record_count = len(builder)
        with Ingest(store, NewDataset(name, licence="mit"), now=NOW) as ingest:
            ingest.add(builder.build())
    for part in ("input", "output", "state"):
        (folder / part).mkdir(parents=True)
    write_freeze_job(store, folder / "input", read_recipe(RECIPE))
    make_release(WorkerContext(folder, {}, 1), folder / "input", tokenizer=None)
    frozen = Frozen(at=NOW.isoformat(), person="ann", recipe_name="small", recipe_version=1, run_id="r")
    return keep_release(store.folder, sorted((folder / "output").iterdir()), frozen)


def a_pair_row(number: int) -> PreferenceRow:
    """A pair whose rejected side asks about another city."""
    right, wrong = a_call(city=f"city{number}"), a_call(city="nowhere")
    return PreferenceRow(
        row_id=f"{number:032x}",
        trajectory=a_trajectory([right], tools=[a_tool()], query=f"How is the weather in city{number}?"),
        step=0,
        chosen=PairSide(tool_calls=(right,)),
        rejected=PairSide(tool_calls=(wrong,)),
        reason="wrong value",
        margin=None,
        origin="corruption",
    )


def a_job(folder: Path, data: Path, plan: TrainingPlan) -> TrainingJob:
    """Make the folder of a training run with its input; pairs are made for dpo."""
    for part in ("input", "state", "output"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    if plan.method == "dpo":
        lines = [msgspec.json.encode(a_pair_row(number)) for number in range(ROWS)]
        (folder / "input" / "pairs.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    job = TrainingJob(
        plan=plan,
        start=find_start(data, plan),
        data_folder=str(data),
        row_count=ROWS,
        release_id=plan.release,
    )
    (folder / "input" / "job.json").write_bytes(msgspec.json.encode(job))
    return job


class ATeller:
    """Takes what a trainer tells, and asks it to stop after some step."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.step = 0
        self.lines: list[str] = []

    def should_stop(self) -> bool:
        return self.stop_after is not None and self.step >= self.stop_after

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        self.step = done

    def log(self, text: str) -> None:
        self.lines.append(text)


def told_steps(folder: Path, number: str = "loss") -> dict[int, float]:
    """What was told of each step, the last word counts."""
    lines = (folder / "state" / "metrics.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    return {line["step"]: line["numbers"][number] for line in told if number in line.get("numbers", {})}
