"""How fast a recipe is previewed on a large store, how fast one is frozen, and whether bytes repeat.

    python -m benchmarks.bench_mixture --rows 1000000

A store with that many generated trajectories is made (or taken from --folder). The preview is timed with
nothing in memory: columns, filters, draw and counts are read and made anew each time; the best time counts.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.big_store import fill_store
from benchmarks.figures import Figure, exit_status, show
from xlam_backend.domain.filters import Filters
from xlam_backend.mixture import pool, preview
from xlam_backend.mixture.draw import draw_mixture, in_order
from xlam_backend.mixture.freeze import make_release, write_job
from xlam_backend.mixture.pool import Pool, read_pool
from xlam_backend.mixture.preview import preview_mixture
from xlam_backend.mixture.recipe import Recipe, Rules, Source
from xlam_backend.runs.context import WorkerContext
from xlam_backend.store.connection import Store
from xlam_backend.store.mixture_rows import measure_rows

PREVIEW_SECONDS = 2.0
ROUNDS = 5
FROZEN_ROWS = 60_000

# Three sources with the filters that cost most, as the paper's mixtures have them.
RECIPE = Recipe(
    "bench",
    (
        Source("synthetic", share=0.5, read_as=("xlam_60k",), filters=Filters(level="clean")),
        Source("agents", share=0.3, read_as=("toolbench", "webshop"), filters=Filters(min_steps=1)),
        Source("others", share=0.2, filters=Filters(made="original", offers="tools")),
    ),
    rules=Rules(licence_unknown="keep", flagged_by_judges="leave out"),
)


def measure(store: Store, scratch: Path) -> list[Figure]:
    """Measure everything on one store."""
    first = _seconds(lambda: measure_rows(store))
    times = [_seconds(lambda: _preview_anew(store)) for _ in range(ROUNDS)]
    kept = min(_seconds(lambda: preview_mixture(store, RECIPE)) for _ in range(ROUNDS))
    count = read_pool(store).row_count
    frozen_rows = min(FROZEN_ROWS, count // 4)
    sized = Recipe("bench", RECIPE.sources, size=frozen_rows, rules=RECIPE.rules)
    folders = [scratch / "first", scratch / "second"]
    seconds = [_seconds(lambda folder=folder: _freeze(store, folder, sized)) for folder in folders]
    contents = [{path.name: path.read_bytes() for path in (one / "output").iterdir()} for one in folders]
    return [
        Figure(f"preview of a recipe on {count:,} rows, best of {ROUNDS}", PREVIEW_SECONDS, min(times), "s"),
        Figure("the same again, from memory", None, kept, "s"),
        Figure(f"measuring {count:,} rows, once in their life", None, first, "s"),
        Figure(f"freezing {frozen_rows:,} rows, write and sort, without a process", None, min(seconds), "s"),
        Figure("files that differ between two freezes", 0, _differing(*contents)),
        Figure("rows that another order of the store changes", 0, _moved(store, sized)),
    ]


def _preview_anew(store: Store) -> None:
    pool.forget()
    preview.forget()
    preview_mixture(store, RECIPE)


def _freeze(store: Store, folder: Path, recipe: Recipe) -> None:
    for name in ("input", "output", "state"):
        (folder / name).mkdir(parents=True)
    write_job(store, folder / "input", recipe)
    make_release(WorkerContext(folder, {}, 1), folder / "input", tokenizer=None)


def _differing(first: dict[str, bytes], second: dict[str, bytes]) -> int:
    return sum(first.get(name) != second.get(name) for name in {*first, *second})


def _moved(store: Store, recipe: Recipe) -> int:
    """Draw from the same rows in another order; count the places at which the two mixtures differ."""
    own = read_pool(store)
    order = np.random.default_rng(1).permutation(own.row_count)
    shuffled = own._replace(
        columns=own.columns._replace(
            **{name: column[order] for name, column in own.columns._asdict().items()}
        ),
        licence_place=own.licence_place[order],
    )
    matches = [np.flatnonzero(own.columns.tool_count > at) for at in range(len(recipe.sources))]
    behind = np.argsort(order)
    moved = [np.sort(behind[found]) for found in matches]
    first, second = _drawn(recipe, own, matches), _drawn(recipe, shuffled, moved)
    return abs(len(first) - len(second)) + int((first[: len(second)] != second[: len(first)]).sum())


def _drawn(recipe: Recipe, rows: Pool, matches: list[np.ndarray]) -> np.ndarray:
    drawn = draw_mixture(recipe, rows, matches)
    place, _ = in_order(recipe, rows, drawn)
    return rows.columns.content_high[drawn.row[place]]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def _opened(given: str, row_count: int) -> Iterator[tuple[Store, Path]]:
    with tempfile.TemporaryDirectory(prefix="xlam-bench-") as scratch:
        folder = Path(given) if given else Path(scratch) / "store"
        store = Store.open(folder) if folder.exists() else fill_store(folder, row_count)
        try:
            yield store, Path(scratch)
        finally:
            store.close()
            shutil.rmtree(Path(scratch), ignore_errors=True)


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", action="store_true", help="20,000 rows, to see that it works")
    parser.add_argument("--folder", default="", help="take the store that is here, or leave it here")
    given = parser.parse_args()
    with _opened(given.folder, 20_000 if given.small else given.rows) as (store, scratch):
        figures = measure(store, scratch)
    print(show(figures))
    return exit_status(figures)


if __name__ == "__main__":
    raise SystemExit(main())
