"""What a training run costs beside the training itself, and how soon people see it.

    python -m benchmarks.bench_training [--small]

The same examples are learnt by turns: by a run's own code (figures and checkpoints told, stops obeyed, our
order), and by TRL's SFTTrainer as one would write it by hand with the same arguments. Both score only the
tokens that are learnt, as a run has TRL do on a processor: by itself TRL scores all of them there, and takes
longer. So what is compared is what a run costs beside the training, and nothing it saves. Of each pair the
times between the first and the last step are compared, and the middle of all pairs counts. Then a real
run is started, and how long it takes until its start, and each of its figures, can be read.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.figures import Figure, exit_status, show
from xlam_backend.activities.freeze_run import start_freeze
from xlam_backend.activities.manager import read_run, wait_for_run
from xlam_backend.activities.train_run import start_training
from xlam_backend.domain.person import Person
from xlam_backend.flow import fill_with_demo_data
from xlam_backend.mixture.recipes import save_recipe
from xlam_backend.releases.reading import list_releases
from xlam_backend.runs.folder import INPUT, STATE, runs_folder
from xlam_backend.store.connection import Store
from xlam_backend.training.arguments import trainer_arguments
from xlam_backend.training.devices import Placement
from xlam_backend.training.job import TrainingJob, write_job
from xlam_backend.training.metrics_file import MetricsLine, metrics_path
from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.prepared import examples_file, prepare_training, start_of
from xlam_backend.training.quiet import be_quiet
from xlam_backend.training.trainer import learn
from xlam_backend.training.weights import load_for_training, load_tokenizer

ADA = Person("ada", "admin")
ALONE = Placement("cpu", 1, "fp32", "single")
RECIPE = """
name: all
when_short: take fewer
rules: {licence_unknown: keep}
sources:
- {name: everything, share: 100 %}
"""


class Spent(NamedTuple):
    """Seconds between the first and the last step: on the wall's clock, and of the processor."""

    wall: float
    processor: float


class Clock:
    """Notes both clocks at every step that is told."""

    def __init__(self) -> None:
        self._seen: list[Spent] = []

    def note(self) -> None:
        """Note them."""
        self._seen.append(Spent(time.perf_counter(), time.process_time()))

    @property
    def spent(self) -> Spent:
        """Return what went by between the first and the last step."""
        first, last = self._seen[0], self._seen[-1]
        return Spent(last.wall - first.wall, last.processor - first.processor)


class Quiet:
    """A teller that is told everything and says nothing; its clock is noted at every step."""

    def __init__(self) -> None:
        self.clock = Clock()

    def should_stop(self) -> bool:
        """Never."""
        return False

    def progress(self, done: int, total: int, words: str = "", **numbers: float) -> None:
        """Take it."""
        del done, total, words
        if "loss" in numbers:
            self.clock.note()

    def log(self, text: str) -> None:
        """Take it."""


def released_store(folder: Path) -> tuple[Store, str]:
    """Return a store with the demo data, and the id of a release of it."""
    store = Store.open(folder)
    fill_with_demo_data(store, person=ADA, now=_now())
    save_recipe(store, RECIPE, person=ADA, now=_now())
    wait_for_run(store, start_freeze(store, "all", person=ADA, now=_now()))
    return store, list_releases(folder)[0].release_id


def ours(run: Path) -> Spent:
    """Learn as a run does."""
    for name in ("checkpoints", "metrics.jsonl", "model", "result.json"):
        place = run / STATE / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    teller = Quiet()
    learn(run, ALONE, teller, attempt=1)
    return teller.clock.spent


def by_hand(run: Path, job: TrainingJob) -> Spent:
    """Learn with TRL's trainer and nothing else."""
    from datasets import Dataset
    from transformers import PrinterCallback, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    clock = Clock()

    class Steps(TrainerCallback):
        """Notes when each step was told."""

        def on_log(self, *_: Any, logs: dict[str, float] | None = None, **__: Any) -> None:
            """Note it."""
            if logs and "loss" in logs:
                clock.note()

    output = run / STATE / "by_hand"
    shutil.rmtree(output, ignore_errors=True)
    start = start_of(run, job)
    trainer = SFTTrainer(
        model=load_for_training(start, job.plan, dtype="float32", device="cpu"),
        args=SFTConfig(**trainer_arguments(job.plan, ALONE, output, has_eval=False)),
        train_dataset=Dataset.from_file(str(examples_file(run, "train"))),
        processing_class=load_tokenizer(start),
        callbacks=[Steps()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return clock.spent


def overhead(store: Store, release: str, *, pairs: int, steps: int) -> list[Figure]:
    """Return how much longer a run learns than the script by hand, on the same tokens."""
    plan = TrainingPlan(
        release=release,
        tiny_hidden=128,
        tiny_layers=4,
        batch_size=1,  # nothing is filled up, so both learn as many tokens in whatever order
        accumulation=4,
        epochs=100,
        max_steps=steps,
        save_steps=steps,
        warmup_steps=5,
        learning_rate=1e-3,
        most_rows=4 * 16,
    )
    run = store.folder / "paired"
    for name in (INPUT, STATE):
        (run / name).mkdir(parents=True, exist_ok=True)
    job = write_job(store, run / INPUT, plan)
    prepare_training(run, job, Quiet())
    ours(run), by_hand(run, job)  # everything is loaded once
    made: list[tuple[Spent, Spent]] = []
    for number in range(pairs):
        if number % 2:
            other, own = by_hand(run, job), ours(run)
        else:
            own, other = ours(run), by_hand(run, job)
        made.append((own, other))
    ratios = [own.wall / other.wall for own, other in made]
    processor = [own.processor / other.processor for own, other in made]
    step = statistics.median(own.wall for own, _ in made) / (steps - 1)
    return [
        Figure("time to learn, against the same TRL script by hand", 1.03, statistics.median(ratios), "x"),
        Figure("  the least of the pairs", None, min(ratios), "x"),
        Figure("  the largest", None, max(ratios), "x"),
        Figure("  time of the processor alone", None, statistics.median(processor), "x"),
        Figure("  a step of the run", None, 1000 * step, "ms"),
    ]


def soon_seen(store: Store, release: str, *, steps: int) -> list[Figure]:
    """Return how soon a run and its figures can be read by others."""
    plan = TrainingPlan(release=release, tiny_hidden=32, tiny_layers=1, max_steps=steps, save_steps=steps)
    began = time.time()
    run_id = start_training(store, plan, person=ADA, now=_now())
    started = time.time() - began
    while read_run(store.folder, run_id).state == "queued":
        time.sleep(0.02)
    running = time.time() - began
    run, lags, known = runs_folder(store.folder) / run_id, [], 0
    first = 0.0
    while (status := read_run(store.folder, run_id)).is_open:
        lines = read_lines(run)
        now = time.time()
        lags += [now - line.at for line in lines[known:]]
        first = first or (now - began if lines else 0.0)
        known = len(lines)
        time.sleep(0.05)
    if status.state != "succeeded":
        raise RuntimeError(status.what)
    return [
        Figure("from the click until the run is started", 1.0, started, "s"),
        Figure("from the click until it is seen at work", 2.0, running, "s"),
        Figure("from a step until its figures are read, the slowest", 2.0, max(lags), "s"),
        Figure(
            "from the click until the first figures (libraries load, tokens are written)", None, first, "s"
        ),
    ]


def read_lines(run: Path) -> list[MetricsLine]:
    """Return the lines that the trainer of a run has written whole."""
    path = metrics_path(run)
    if not path.is_file():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [msgspec.json.decode(line, type=MetricsLine) for line in whole.splitlines() if line]


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Measure, print, and say whether every figure is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="Fewer pairs and steps.")
    asked = parser.parse_args()
    be_quiet()
    import torch

    torch.set_num_threads(
        1
    )  # others on the machine would otherwise decide how long threads wait for each other
    with tempfile.TemporaryDirectory() as folder:
        store, release = released_store(Path(folder) / "store")
        figures = soon_seen(store, release, steps=10 if asked.small else 100)
        print(show(figures), flush=True)
        figures += overhead(store, release, pairs=3 if asked.small else 9, steps=17 if asked.small else 65)
        store.close()
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    sys.exit(main())
